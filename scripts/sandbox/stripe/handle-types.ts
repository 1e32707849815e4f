/** The typed handle of the sandbox's Stripe. */
import type { Payment, PayResult } from './checkout-pay.ts';
import type { Settings } from './core.ts';
import type { ReleaseOptions } from './deliveries.ts';
import type * as Plain from './plain.ts';
import type { Delivery } from './tables.ts';

export interface StripeSandbox {
  /** Configures one endpoint for all events; called again it replaces the address. `secret` may be several, comma-separated. */
  setWebhook(
    url: string,
    secret?: string,
    options?: { apiVersion?: string; events?: readonly string[] },
  ): void;
  /** As the customer at the checkout page. @throws StripeFault when the card is declined */
  payCheckout(sessionId: string, payment?: Partial<Payment>): PayResult;
  /** With a delayed payment method: the session completes unpaid, the first invoice stays open. */
  payCheckoutLater(sessionId: string): Plain.Session;
  /** Days later: that money arrives, or does not. */
  settleCheckout(sessionId: string, outcome: 'succeeded' | 'failed'): Plain.Session;
  /** As a person at the Dashboard makes one: no order behind it. */
  createDashboardSubscription(input: DashboardSubscription): Plain.Subscription;
  /** As the customer pays an open invoice at its page. */
  payInvoice(invoiceId: string, payment?: { card?: string }): Plain.Invoice;
  /** Replaces the card behind a subscription, e.g. by one that fails at the next renewal. */
  replaceCard(subscriptionId: string, card: string): void;
  /** As the cardholder disputes a charge at the bank. */
  openDispute(chargeId: string, reason?: string): Plain.Dispute;
  /** As the bank asks first, before it takes anything back. */
  openInquiry(chargeId: string): Plain.Dispute;
  /** As an inquiry becomes a chargeback. */
  escalateDispute(disputeId: string): Plain.Dispute;
  /** As a lost dispute is contested once more. */
  appealDispute(disputeId: string): Plain.Dispute;
  /** As the bank decides. */
  closeDispute(disputeId: string, status: 'won' | 'lost'): Plain.Dispute;
  /** As the customer's bank sends a refund back. */
  failRefund(refundId: string): Plain.Refund;
  charges(): Plain.Charge[];
  disputes(): Plain.Dispute[];
  cancelSubscription(subscriptionId: string): Plain.Subscription;
  customers(): Plain.Customer[];
  products(): Plain.Product[];
  prices(): Plain.Price[];
  sessions(): Plain.Session[];
  subscriptions(): Plain.Subscription[];
  invoices(): Plain.Invoice[];
  /** Oldest first. */
  events(): Plain.StoredEvent[];
  /** How an endpoint of that API version receives it. */
  oldShape(event: Plain.StoredEvent, apiVersion?: string): Plain.StoredEvent;
  redeliver(eventId: string): void;
  holdDeliveries(): void;
  heldDeliveries(): Plain.StoredEvent[];
  releaseDeliveries(options?: ReleaseOptions): Promise<Plain.StoredEvent[]>;
  deliveriesIdle(): Promise<void>;
  /** One entry per event and endpoint, with the number of tries and the last answer. */
  deliveries(): Delivery[];
  /** Above this, reads are answered 429; undefined: no limit. */
  limitReadsPerSecond(limit: number | undefined): void;
  /** The next call of this operation (`POST /v1/customers`) is answered 500, which its idempotency key then replays. */
  failNext(operation: string): void;
  readonly settings: Settings;
}

export interface DashboardSubscription {
  /** Left out: a new customer with this name and e-mail address. */
  readonly customer?: string;
  readonly name?: string;
  readonly email?: string;
  readonly prices: readonly string[];
  readonly metadata?: Plain.Metadata;
  /** `send_invoice`: active at once, its first invoice open until paid. */
  readonly collection?: 'charge_automatically' | 'send_invoice';
  readonly daysUntilDue?: number;
  readonly card?: string;
}
