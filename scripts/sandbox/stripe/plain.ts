/** Stripe's own types as they look on the wire before anything is expanded: decimals are strings, expandable fields ids. */
import type Stripe from 'stripe';

type PlainField<T> = string extends T ? Extract<T, string | null | undefined> : Plain<T>;

export type Plain<T> = T extends Stripe.Decimal
  ? string
  : T extends string | number | boolean | null | undefined | undefined
    ? T
    : T extends readonly (infer Item)[]
      ? Plain<Item>[]
      : T extends object
        ? { [Key in keyof T]: PlainField<T[Key]> }
        : T;

export type Customer = Plain<Stripe.Customer>;
export type TaxId = Plain<Stripe.TaxId>;
export type Product = Plain<Stripe.Product>;
export type Price = Plain<Stripe.Price>;
export type Coupon = Plain<Stripe.Coupon>;
export type PromotionCode = Plain<Stripe.PromotionCode>;
export type Discount = Plain<Stripe.Discount>;
export type Session = Plain<Stripe.Checkout.Session>;
export type LineItem = Plain<Stripe.LineItem>;
export type Subscription = Plain<Stripe.Subscription>;
export type Schedule = Plain<Stripe.SubscriptionSchedule>;
export type SubscriptionItem = Plain<Stripe.SubscriptionItem>;
export type Invoice = Plain<Stripe.Invoice>;
export type InvoiceItem = Plain<Stripe.InvoiceItem>;
export type InvoiceLine = Plain<Stripe.InvoiceLineItem>;
export type InvoicePayment = Plain<Stripe.InvoicePayment>;
export type PaymentIntent = Plain<Stripe.PaymentIntent>;
export type PaymentMethod = Plain<Stripe.PaymentMethod>;
export type Charge = Plain<Stripe.Charge>;
export type Dispute = Plain<Stripe.Dispute>;
export type CreditNote = Plain<Stripe.CreditNote>;
export type Refund = Plain<Stripe.Refund>;
export type WebhookEndpoint = Plain<Stripe.WebhookEndpoint>;
export type PortalConfiguration = Plain<Stripe.BillingPortal.Configuration>;
export type PortalSession = Plain<Stripe.BillingPortal.Session>;
export type TestClock = Plain<Stripe.TestHelpers.TestClock>;
export type Meter = Plain<Stripe.Billing.Meter>;
export type MeterEvent = Plain<Stripe.Billing.MeterEvent>;

/** An event as stored: always in the newest shape; older endpoints get it rendered (old-shape.ts). */
export interface StoredEvent {
  readonly id: string;
  readonly object: 'event';
  readonly api_version: string;
  readonly created: number;
  readonly data: { readonly object: unknown; readonly previous_attributes?: unknown };
  readonly livemode: false;
  readonly pending_webhooks: number;
  readonly request: { readonly id: string | null; readonly idempotency_key: string | null };
  readonly type: string;
}

export type Metadata = Record<string, string>;
