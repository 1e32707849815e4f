/** A subscription of Stripe's in the words of the sync. Shapes: API 2026-10-28.endive. */
import type { SubscriptionFact, SubscriptionItemFact } from '../billing/facts.ts';
import type { Stripe } from './client.ts';
import { date, dateOrNull } from './dates.ts';
import { isMetered } from './is-metered.ts';
import { amountOf, monthlyAmount } from './monthly-amount.ts';
import { orderNumber } from './order-number.ts';
import { paymentMethodFact } from './payment-facts.ts';

/** Without it a discount is an id, and the monthly amount the full one. Four levels are the most Stripe expands. */
export const DISCOUNTS = 'data.discounts.source.coupon';

export function subscriptionFact(
  subscription: Stripe.Subscription,
  planKey: string | null,
): SubscriptionFact {
  // What is billed by meter has neither a quantity nor an amount before it is used.
  const items = subscription.items.data.filter(({ price }) => !isMetered(price));
  const planItem =
    items.find((item) => item.price.metadata.role === 'recurring') ??
    items.find((item) => item.price.metadata.plan_key !== undefined) ??
    items[0];
  return {
    providerId: subscription.id,
    status: subscription.status,
    planKey,
    priceId: planItem?.price.id ?? null,
    billingInterval: planItem?.price.recurring?.interval ?? null,
    quantity: planItem?.quantity ?? 1,
    currency: subscription.currency,
    recurringAmount: Math.round(items.reduce((sum, item) => sum + amountOf(item), 0)),
    monthlyAmount: monthlyAmount(subscription),
    items: subscription.items.data.map(itemFact),
    // Items may differ in their periods since 2025-03-31.basil: the subscription's is what spans them all.
    currentPeriodStart: least(items.map((item) => item.current_period_start)),
    currentPeriodEnd: greatest(items.map((item) => item.current_period_end)),
    cancelAtPeriodEnd: subscription.cancel_at_period_end,
    cancelAt: dateOrNull(subscription.cancel_at),
    canceledAt: dateOrNull(subscription.canceled_at),
    endedAt: dateOrNull(subscription.ended_at),
    trialEnd: dateOrNull(subscription.trial_end),
    // Of a schedule that was not asked for.
    scheduled: null,
    collectionPaused: subscription.pause_collection !== null,
    created: date(subscription.created),
    hasPaymentMethod: subscription.default_payment_method !== null || subscription.default_source !== null,
    paymentMethod: paymentMethodFact(subscription.default_payment_method),
    orderId: orderNumber(subscription.metadata.order_id),
  };
}

function itemFact({ id, price, quantity, metadata }: Stripe.SubscriptionItem): SubscriptionItemFact {
  return {
    providerId: id,
    priceId: price.id,
    role: price.metadata.role ?? null,
    addOnKey: price.metadata.addon_key ?? null,
    quantity: quantity ?? 1,
    unitAmount: isMetered(price) ? null : price.unit_amount,
    domain: metadata.domain ?? null,
  };
}

const least = (times: readonly number[]): Date | null =>
  times.length === 0 ? null : date(Math.min(...times));
const greatest = (times: readonly number[]): Date | null =>
  times.length === 0 ? null : date(Math.max(...times));
