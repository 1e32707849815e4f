/** What checkout asks of the payment provider. */
import type { BillingInterval } from './catalogue.ts';

/** A price of the catalogue (the set-up price has quantity 1, metered prices none), or an amount of its own. */
export type SessionLine =
  | { readonly priceId: string; readonly quantity: number | null }
  | {
      readonly name: string;
      /** Minor units of `currency`. */
      readonly amount: number;
      readonly currency: string;
      /** null: once. */
      readonly interval: BillingInterval | null;
      /** By which the subscription is recognised as one of ours. */
      readonly planKey: string;
      /** Of the catalogue's product it is a price of. */
      readonly productKey: string;
    };

export interface SessionRequest {
  readonly customerId: string;
  readonly orderId: number;
  readonly lines: readonly SessionLine[];
  readonly trialDays: number;
  /** Taxes are worked out by the provider. */
  readonly automaticTax: boolean;
  /** The page asks for a promotion code. */
  readonly promotionCodes: boolean;
  readonly locale: string;
  readonly ui: 'embedded' | 'redirect';
  /** Where the browser goes after payment. */
  readonly returnUrl: string;
  /** Where it goes when it turns back; hosted only. */
  readonly cancelUrl: string;
}

export interface CheckoutSession {
  readonly id: string;
  readonly status: 'open' | 'complete' | 'expired';
  readonly expiresAt: Date;
  /** Its money is there, or none is due. Complete and not paid: a bank debit, whose money comes in days or never. */
  readonly paid: boolean;
  /** What a complete one has made; null: nothing. */
  readonly subscriptionId: string | null;
  /** The `requestHash` it was created with; null: not one of ours. */
  readonly requestHash: string | null;
  /** Embedded and open: what the browser needs to show it. */
  readonly clientSecret: string | null;
  /** Hosted and open: where the browser goes. */
  readonly url: string | null;
}

/** Where the payment of an order stands that is not paid as far as we know. */
export type OrderPayment =
  /** Nothing to pay with was finished. @prop payUrl the provider's page of a hosted session that is still open */
  | { readonly state: 'none'; readonly payUrl: string | null }
  /** Paid at the provider; we are about to hear of it. */
  | { readonly state: 'confirming' }
  /** Begun with a slow method. */
  | { readonly state: 'on_its_way' }
  /** Tried, and did not go through. @prop payUrl the provider's page for paying it another way */
  | { readonly state: 'failed'; readonly payUrl: string | null };

export interface CustomerRequest {
  readonly organisationId: number;
  readonly name: string;
  readonly email: string;
  readonly country: string;
  readonly vatId: string | null;
  readonly locale: string;
}

export interface CheckoutGateway {
  /** Prices on sale by lookup key. @throws ConnectorError permanent `price_missing` naming those that are not there */
  prices(lookupKeys: readonly string[]): Promise<Readonly<Record<string, string>>>;
  /** @param group attempt group; above 0 an existing customer of this organisation is looked for first */
  createCustomer(input: CustomerRequest, group: number): Promise<{ customerId: string }>;
  /**
   * Takes the customer of this organisation away if nothing ever came of it.
   * @returns false: it has a subscription, an invoice or a means of payment, or is not ours; it stays
   */
  deleteUnusedCustomer(input: { customerId: string; organisationId: number }): Promise<boolean>;
  updateCustomer(customerId: string, input: CustomerRequest): Promise<void>;
  /** The same `key` gives the same session (24 hours at least). */
  createSession(
    input: SessionRequest,
    options: { requestHash: string; key: string },
  ): Promise<CheckoutSession>;
  /** Ends it; what it is afterwards: somebody may have paid first. */
  expireSession(id: string): Promise<CheckoutSession>;
  /** Every session of this customer, of whatever order. */
  sessionStatuses(
    customerId: string,
  ): Promise<readonly { readonly id: string; readonly status: CheckoutSession['status'] }[]>;
  /** Every session of this order that is open or complete, also those we hold no row of. */
  liveSessions(input: { customerId: string; orderId: number }): Promise<readonly CheckoutSession[]>;
}
