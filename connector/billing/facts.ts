/** What we read of the payment provider, in our words; its names stay in its adapter. Money in minor units, times UTC. */

/** A payment method as a person tells it apart, and nothing more. */
export interface PaymentMethodFact {
  readonly providerId: string;
  /** The provider's word: card, sepa_debit. */
  readonly kind: string;
  readonly brand: string | null;
  readonly last4: string | null;
  readonly expMonth: number | null;
  readonly expYear: number | null;
}

/** What pays an invoice, or was to. */
export interface PaymentFact {
  readonly providerId: string;
  readonly paymentIntent: string | null;
  readonly status: string;
  readonly currency: string;
  readonly amount: number;
  readonly amountPaid: number;
  readonly created: Date;
  readonly paidAt: Date | null;
}

/** Of the last try to collect an open invoice. `action_required`: the bank waits for its customer (3D Secure). */
export type PaymentState = 'failed' | 'action_required' | 'processing';

export interface CustomerFact {
  readonly id: string;
  readonly name: string | null;
  readonly email: string | null;
  readonly deleted: boolean;
  readonly hasPaymentMethod: boolean;
  /** Left out: not asked. */
  readonly paymentMethod?: PaymentMethodFact | null;
}

export interface ScheduledPlan {
  /** null: not one of ours. */
  readonly planKey: string | null;
  readonly interval: string | null;
  readonly quantity: number;
  /** ISO 8601, UTC. */
  readonly at: string;
}

/** One thing billed by a subscription: the plan itself, an add-on, something metered. */
export interface SubscriptionItemFact {
  readonly providerId: string;
  readonly priceId: string;
  /** Ours, by the price's metadata: recurring, metered, addon; null: not ours. */
  readonly role: string | null;
  /** null: no add-on. */
  readonly addOnKey: string | null;
  readonly quantity: number;
  /** Per interval, minor units; null: billed by meter or tiers. */
  readonly unitAmount: number | null;
  /** An add-on's, where it is for one. */
  readonly domain: string | null;
}

export interface SubscriptionFact {
  readonly providerId: string;
  /** The provider's word; an open set. */
  readonly status: string;
  /** Whose plan this is, by price or product metadata; null: not one of ours. */
  readonly planKey: string | null;
  readonly priceId: string | null;
  readonly billingInterval: string | null;
  readonly quantity: number;
  readonly currency: string;
  readonly recurringAmount: number;
  /** What it brings a month, minor units: by each price's interval, lasting discounts off. Left out: not asked. */
  readonly monthlyAmount?: number;
  /** Left out: not asked. */
  readonly items?: readonly SubscriptionItemFact[];
  readonly currentPeriodStart: Date | null;
  readonly currentPeriodEnd: Date | null;
  readonly cancelAtPeriodEnd: boolean;
  readonly cancelAt: Date | null;
  readonly canceledAt: Date | null;
  readonly endedAt: Date | null;
  readonly trialEnd: Date | null;
  /** What comes at the end of the period; null: nothing. */
  readonly scheduled: ScheduledPlan | null;
  /** Payments are not collected; the status does not tell. */
  readonly collectionPaused: boolean;
  readonly created: Date;
  readonly hasPaymentMethod: boolean;
  /** Its own, before the customer's. Left out: not asked. */
  readonly paymentMethod?: PaymentMethodFact | null;
  /** Our order, from the subscription's metadata. */
  readonly orderId: number | null;
}

export interface InvoiceFact {
  readonly providerId: string;
  readonly subscriptionProviderId: string | null;
  readonly number: string | null;
  readonly status: string;
  readonly billingReason: string | null;
  readonly currency: string;
  readonly amountDue: number;
  readonly amountPaid: number;
  readonly total: number;
  readonly attemptCount: number;
  readonly nextPaymentAttempt: Date | null;
  readonly hostedInvoiceUrl: string | null;
  readonly invoicePdf: string | null;
  readonly created: Date;
  readonly paidAt: Date | null;
  readonly finalizedAt: Date | null;
  /** False: sent to the customer, who pays by its due date. */
  readonly chargedAutomatically: boolean;
  /** By credit notes, before and after payment. */
  readonly amountCredited: number;
  readonly payments: readonly PaymentFact[];
  /** null: not asked, or nothing was tried. */
  readonly paymentState: PaymentState | null;
}

/** The reads of one customer's sync; implemented by the Stripe adapter. */
export interface ProviderReads {
  /** null: no such customer. A 404 alone starts nothing destructive. */
  customer(customerId: string): Promise<CustomerFact | null>;
  /** Of every status, ended ones too. */
  subscriptions(customerId: string): Promise<readonly SubscriptionFact[]>;
  invoices(customerId: string, filter: { createdSince: Date | null }): Promise<readonly InvoiceFact[]>;
  /** With the state of its last payment. null: deleted (a draft may be). */
  invoice(invoiceId: string): Promise<InvoiceFact | null>;
  /** Our order by the checkout session that made the subscription: when somebody removed the subscription's metadata. */
  orderOfSubscription(subscriptionProviderId: string): Promise<number | null>;
}
