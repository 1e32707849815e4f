/** What the commands ask of the payment provider about one subscription. Money in minor units, times UTC. */

export interface LiveItem {
  readonly id: string;
  readonly priceId: string;
  /** Of the price, else null. */
  readonly planKey: string | null;
  /** Ours, in the price's metadata: recurring, metered, addon; null: not ours. */
  readonly role: string | null;
  /** Of an add-on, in the price's metadata; null: it is none of ours. */
  readonly addOnKey: string | null;
  readonly interval: string | null;
  /** Per interval and unit; null: tiers, a fraction of a minor unit, or metered. */
  readonly unitAmount: number | null;
  /** What is billed by meter has no quantity: 1 stands for it. */
  readonly metered: boolean;
  readonly quantity: number;
  /** Ours, as it was given when it was made. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** What is to follow at the end of the period, by the provider's own schedule. */
export interface ScheduledChange {
  readonly scheduleId: string;
  readonly priceId: string;
  readonly planKey: string | null;
  readonly interval: string | null;
  readonly quantity: number;
  readonly at: Date;
}

/** What is taken off its invoices. */
export interface LiveDiscount {
  /** The coupon's; null: it has none. */
  readonly name: string | null;
  /** What the customer typed; null: given by staff. */
  readonly code: string | null;
  /** 0 to 100; null: an amount. */
  readonly percentOff: number | null;
  /** Of each invoice, minor units of the subscription's currency; null: a percentage. */
  readonly amountOff: number | null;
  /** null: for ever, or for one invoice (`once`). */
  readonly endsAt: Date | null;
  readonly once: boolean;
}

/** A subscription as the provider has it at this moment. */
export interface LiveSubscription {
  readonly providerId: string;
  readonly customerId: string;
  /** The provider's word; an open set. */
  readonly status: string;
  readonly currency: string;
  readonly items: readonly LiveItem[];
  readonly currentPeriodStart: Date;
  readonly currentPeriodEnd: Date;
  readonly cancelAtPeriodEnd: boolean;
  readonly cancelAt: Date | null;
  readonly endedAt: Date | null;
  readonly trialEnd: Date | null;
  /** Only the collecting of payments rests; the status does not tell it. */
  readonly collectionPaused: boolean;
  /** A change waits for its payment. */
  readonly updatePending: boolean;
  /** Whether a change can wait for its payment: one that is invoiced, or paid by debit, changes before it is paid. */
  readonly mayWaitForPayment: boolean;
  /** null: it follows no schedule. */
  readonly scheduleId: string | null;
  readonly scheduled: ScheduledChange | null;
  readonly hasPaymentMethod: boolean;
  readonly discounts: readonly LiveDiscount[];
}

/** Stripe's closed list of why a customer leaves (subscription.cancellation_details.feedback). */
export const CANCEL_FEEDBACK = [
  'customer_service',
  'low_quality',
  'missing_features',
  'other',
  'switched_service',
  'too_complex',
  'too_expensive',
  'unused',
] as const;

export interface CancelReason {
  readonly feedback: (typeof CANCEL_FEEDBACK)[number] | null;
  readonly comment: string | null;
}

/** A subscription to be made; its first invoice is charged at once to the card on file. */
export interface NewSubscription {
  readonly customerId: string;
  /** Price ids. */
  readonly recurring: string;
  readonly metered: readonly string[];
  /** One-time, on the first invoice. */
  readonly setup: string | null;
  readonly quantity: number;
  readonly trialDays: number;
  readonly automaticTax: boolean;
  /** null: the customer has none; only a trial is begun without one. */
  readonly paymentMethodId: string | null;
  /** The provider's id of a code that is redeemed with it. */
  readonly promotionCodeId: string | null;
  readonly orderId: number | null;
  readonly requestId: string;
  readonly installation: string;
}

/** What a subscription is changed to. */
export interface ItemChange {
  /** Of an item that is there; left out: one is added. */
  readonly id?: string;
  /** Left out: it is taken away. */
  readonly priceId?: string;
  /** Left out for what is billed by meter. */
  readonly quantity?: number;
}

export interface PlanChange {
  /** The plan's own first. */
  readonly items: readonly ItemChange[];
  /** Of the plan's price. */
  readonly interval: 'month' | 'year';
  /** Part of a set-up fee, in the same invoice; named by the set-up price whose product it is. */
  readonly setup: { readonly priceId: string; readonly amount: number } | null;
  /** Unix seconds: as of when the unused and the remaining time are counted. */
  readonly prorationDate: number;
}

/** An invoice as it would be. Amounts in minor units, negative ones are credits. */
export interface InvoicePreview {
  readonly currency: string;
  readonly lines: readonly {
    readonly description: string;
    readonly amount: number;
    readonly proration: boolean;
    readonly from: Date;
    readonly to: Date;
  }[];
  readonly subtotal: number;
  readonly taxes: readonly { readonly amount: number; readonly inclusive: boolean }[];
  readonly total: number;
  /** Taken off by coupons; part of the total. */
  readonly discount: number;
  /** What is charged: the total less the customer's credit balance, never below zero. */
  readonly amountDue: number;
}

/** Every change takes an idempotency key: the same key and body is the same change, for a day at least. */
export interface SubscriptionGateway {
  /** @throws ConnectorError absent `stripe_not_found` */
  read(providerId: string): Promise<LiveSubscription>;
  cancelAtPeriodEnd(providerId: string, reason: CancelReason, key: string): Promise<LiveSubscription>;
  /** What waited for the next invoice is billed at once; what is paid is not given back. */
  cancelNow(providerId: string, reason: CancelReason, key: string): Promise<LiveSubscription>;
  /** Takes back a cancellation that has not happened yet, at the period's end or at a date. */
  keepOn(live: LiveSubscription, key: string): Promise<LiveSubscription>;
  /** Ends the schedule and leaves the subscription as it is now. */
  releaseSchedule(live: LiveSubscription, key: string): Promise<LiveSubscription>;
  /** What `changeNow` would charge. */
  previewChange(live: LiveSubscription, change: PlanChange): Promise<InvoicePreview>;
  /** Charged at once; while its payment fails nothing changes, and `updatePending` says so. */
  changeNow(live: LiveSubscription, change: PlanChange, key: string): Promise<LiveSubscription>;
  /** At the end of the period, by a schedule; one that is there already is changed. */
  changeAtPeriodEnd(live: LiveSubscription, change: PlanChange, key: string): Promise<LiveSubscription>;
  /** Where the customer pays the invoice that a change waits for; null: nothing is open. */
  payUrl(providerId: string): Promise<string | null>;
  /** No invoices and no new periods until it is resumed. */
  pause(live: LiveSubscription, key: string): Promise<LiveSubscription>;
  resume(live: LiveSubscription, key: string): Promise<LiveSubscription>;
  /** @param end now: the trial is over and the first period is charged */
  setTrialEnd(live: LiveSubscription, end: Date | 'now', key: string): Promise<LiveSubscription>;
  /** The provider's id of an active code, as customers type it; null: there is none for this customer. */
  promotionCode(code: string, customerId: string): Promise<string | null>;
  /** From its next invoice on, in the place of what it had. @throws ConnectorError permanent `promotion_code_invalid` */
  redeem(providerId: string, promotionCodeId: string, key: string): Promise<LiveSubscription>;
  dropDiscounts(providerId: string, key: string): Promise<LiveSubscription>;
  /** Prices on sale by lookup key. @throws ConnectorError permanent `price_missing` */
  prices(lookupKeys: readonly string[]): Promise<Readonly<Record<string, string>>>;
  /** The customer's means of payment: the default one, else one that pays another subscription, else any; null: none. */
  paymentMethod(customerId: string): Promise<string | null>;
  /** The subscription that an earlier try of this request has made; null: none. */
  findMadeBy(customerId: string, requestId: string): Promise<LiveSubscription | null>;
  /** @throws ConnectorError permanent `stripe_card` when the payment is refused; nothing is left then */
  create(input: NewSubscription, key: string): Promise<LiveSubscription>;
}
