/** Where everything of the account is kept. */
import type { Collection, Store } from '../store.ts';
import type * as Plain from './plain.ts';
import type { StoredEvent } from './plain.ts';

/** What a checkout session must remember and never shows. */
interface CheckoutPlan {
  readonly sessionId: string;
  readonly items: readonly { priceId: string; quantity: number }[];
  readonly subscriptionMetadata: Plain.Metadata;
  readonly description: string | null;
  readonly trialDays: number | null;
}

/** How the bank behind a payment method behaves. */
export interface Bank {
  readonly paymentMethodId: string;
  /** Of the card, as it was typed. */
  readonly number: string;
  /** How a debit ends that settles by itself. */
  readonly settles?: 'succeeded' | 'failed';
  readonly onCharge:
    | 'succeed'
    | 'decline'
    | 'insufficient_funds'
    | 'settle_later'
    /** Pays only while its customer is there to confirm (3D Secure). */
    | 'needs_customer'
    /** Pays, and the customer disputes it. */
    | 'dispute';
}

/** A line waiting for the next invoice (proration, set-up fee). */
interface PendingItem {
  readonly id: string;
  readonly subscription: string;
  readonly line: Plain.InvoiceLine;
}

export interface Delivery {
  readonly id: string;
  readonly eventId: string;
  readonly endpointId: string;
  readonly attempts: number;
  readonly status: 'pending' | 'delivered' | 'given_up' | 'dropped';
  readonly lastAnswer: string | null;
}

/** The signing secret stands apart, because only `create` may show it. */
export interface StoredEndpoint {
  readonly id: string;
  readonly endpoint: Plain.WebhookEndpoint;
  readonly secrets: readonly string[];
}

export interface KeptAnswer {
  readonly key: string;
  readonly fingerprint: string;
  readonly at: number;
  readonly status: number;
  readonly body: string;
}

export interface Tables {
  readonly customers: Collection<Plain.Customer>;
  readonly taxIds: Collection<Plain.TaxId>;
  readonly products: Collection<Plain.Product>;
  readonly prices: Collection<Plain.Price>;
  readonly coupons: Collection<Plain.Coupon>;
  readonly promotionCodes: Collection<Plain.PromotionCode>;
  readonly discounts: Collection<Plain.Discount>;
  readonly sessions: Collection<Plain.Session>;
  readonly checkoutPlans: Collection<CheckoutPlan>;
  readonly subscriptions: Collection<Plain.Subscription>;
  readonly schedules: Collection<Plain.Schedule>;
  readonly pendingItems: Collection<PendingItem>;
  readonly invoiceItems: Collection<Plain.InvoiceItem>;
  readonly invoices: Collection<Plain.Invoice>;
  readonly invoicePayments: Collection<Plain.InvoicePayment>;
  readonly paymentIntents: Collection<Plain.PaymentIntent>;
  readonly paymentMethods: Collection<Plain.PaymentMethod>;
  readonly banks: Collection<Bank>;
  readonly charges: Collection<Plain.Charge>;
  readonly refunds: Collection<Plain.Refund>;
  readonly disputes: Collection<Plain.Dispute>;
  readonly creditNotes: Collection<Plain.CreditNote>;
  readonly endpoints: Collection<StoredEndpoint>;
  readonly events: Collection<StoredEvent>;
  readonly deliveries: Collection<Delivery>;
  readonly answers: Collection<KeptAnswer>;
  readonly portalConfigurations: Collection<Plain.PortalConfiguration>;
  readonly portalSessions: Collection<Plain.PortalSession>;
  readonly testClocks: Collection<Plain.TestClock>;
  readonly meters: Collection<Plain.Meter>;
  /** By identifier. */
  readonly meterEvents: Collection<Plain.MeterEvent>;
  /** Facts said once, such as "the trial ends in three days": key → true. */
  readonly notices: Collection<boolean>;
}

const NAMES: readonly (keyof Tables)[] = [
  'customers',
  'taxIds',
  'products',
  'prices',
  'coupons',
  'promotionCodes',
  'discounts',
  'sessions',
  'checkoutPlans',
  'subscriptions',
  'schedules',
  'pendingItems',
  'invoiceItems',
  'invoices',
  'invoicePayments',
  'paymentIntents',
  'paymentMethods',
  'banks',
  'charges',
  'refunds',
  'disputes',
  'creditNotes',
  'endpoints',
  'events',
  'deliveries',
  'answers',
  'portalConfigurations',
  'portalSessions',
  'testClocks',
  'meters',
  'meterEvents',
  'notices',
];

export function openTables(store: Store): Tables {
  return Object.fromEntries(NAMES.map((name) => [name, store.collection(name)])) as unknown as Tables;
}
