/** A subscription of Stripe's in the words of the commands. Shapes: API 2026-10-28.endive. */
import type { LiveDiscount, LiveSubscription } from '../billing/commands/subscription-gateway.ts';
import type { Stripe } from './client.ts';
import { date, dateOrNull } from './dates.ts';
import { idOf } from './id-of.ts';
import { isMetered } from './is-metered.ts';
import type { PricePlans } from './price-plans.ts';
import { scheduledChange } from './scheduled-change.ts';

/** Asked of every call that answers a subscription. */
export const EXPAND = [
  'schedule',
  'default_payment_method',
  'discounts.source.coupon',
  'discounts.promotion_code',
];

export async function liveSubscription(
  subscription: Stripe.Subscription,
  plans: PricePlans,
): Promise<LiveSubscription> {
  const { customer, schedule } = subscription;
  // What is billed by meter has a period of its own kind and no quantity.
  const counted = subscription.items.data.filter(({ price }) => !isMetered(price));
  const periods = counted.length > 0 ? counted : subscription.items.data;
  return {
    providerId: subscription.id,
    customerId: idOf(customer),
    status: subscription.status,
    currency: subscription.currency,
    items: await Promise.all(
      subscription.items.data.map(async ({ id, price, quantity, metadata }) => ({
        id,
        priceId: price.id,
        planKey: await plans.ofPrice(price),
        role: price.metadata.role ?? null,
        addOnKey: price.metadata.addon_key ?? null,
        interval: price.recurring!.interval,
        unitAmount: isMetered(price) ? null : price.unit_amount,
        metered: isMetered(price),
        quantity: quantity ?? 1,
        metadata,
      })),
    ),
    // Items may differ in their periods since 2025-03-31.basil: the subscription's is what spans them all.
    currentPeriodStart: date(Math.min(...periods.map((item) => item.current_period_start))),
    currentPeriodEnd: date(Math.max(...periods.map((item) => item.current_period_end))),
    cancelAtPeriodEnd: subscription.cancel_at_period_end,
    cancelAt: dateOrNull(subscription.cancel_at),
    endedAt: dateOrNull(subscription.ended_at),
    trialEnd: dateOrNull(subscription.trial_end),
    collectionPaused: subscription.pause_collection !== null,
    updatePending: subscription.pending_update !== null,
    mayWaitForPayment: mayWaitForPayment(subscription),
    scheduleId: idOf(schedule),
    scheduled: await scheduledChange(schedule, plans),
    discounts: subscription.discounts.flatMap(discountOf),
    hasPaymentMethod: subscription.default_payment_method !== null || subscription.default_source !== null,
  };
}

/** Of a discount or coupon that is only an id nothing is known to show. */
function discountOf(discount: string | Stripe.Discount): LiveDiscount[] {
  if (typeof discount === 'string') return [];
  const { coupon } = discount.source;
  if (coupon === null || typeof coupon === 'string') return [];
  const code = discount.promotion_code;
  return [
    {
      name: coupon.name,
      code: code === null || typeof code === 'string' ? null : code.code,
      percentOff: coupon.percent_off,
      amountOff: coupon.amount_off,
      endsAt: dateOrNull(discount.end),
      once: coupon.duration === 'once',
    },
  ];
}

/** "If its collection_method is charge_automatically and its payment method is a card or Link" (Pending updates, before you begin). */
function mayWaitForPayment({
  collection_method,
  default_payment_method: method,
}: Stripe.Subscription): boolean {
  const type = method === null || typeof method === 'string' ? 'card' : method.type;
  return collection_method === 'charge_automatically' && (type === 'card' || type === 'link');
}
