/** What a customer's sync is planned from: what the provider says now, and what we hold of it already. */
import type { CustomerFact, InvoiceFact, PaymentState, SubscriptionFact } from './facts.ts';
import type { KnownLife } from './life-changes.ts';

/** What we hold of a subscription already, as far as the plan needs it. */
export interface KnownSubscription extends KnownLife {
  readonly id: number;
  readonly access: string;
}

export interface KnownInvoice {
  readonly providerId: string;
  readonly subscriptionProviderId: string | null;
  readonly billingReason: string | null;
  readonly status: string;
  readonly attemptCount: number;
  readonly paymentState: PaymentState | null;
}

export interface SyncSetup {
  readonly customer: CustomerFact | null;
  /** Each one's `orderId` is an order of this customer's organisation here, or null. */
  readonly subscriptions: readonly SubscriptionFact[];
  readonly invoices: readonly InvoiceFact[];
  readonly knownSubscriptions: readonly KnownSubscription[];
  readonly knownInvoices: readonly KnownInvoice[];
  readonly trialUsed: boolean;
  readonly now: Date;
}
