/** A subscription as the provider says it is: active, monthly, in its first period of January 2026. */
import type { SubscriptionFact } from '../../connector/billing/facts.ts';

/** Midnight UTC of a day of January 2026; 32 is 1 February. */
export const at = (day: number): Date => new Date(Date.UTC(2026, 0, day));

export const subscriptionFact = (change: Partial<SubscriptionFact> = {}): SubscriptionFact => ({
  providerId: 'sub_1',
  status: 'active',
  planKey: 'starter',
  priceId: 'price_1',
  billingInterval: 'month',
  quantity: 1,
  currency: 'usd',
  recurringAmount: 25_000,
  currentPeriodStart: at(1),
  currentPeriodEnd: at(31),
  cancelAtPeriodEnd: false,
  cancelAt: null,
  canceledAt: null,
  endedAt: null,
  trialEnd: null,
  scheduled: null,
  collectionPaused: false,
  created: at(1),
  hasPaymentMethod: true,
  orderId: 17,
  ...change,
});
