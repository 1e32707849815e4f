/** Changes of plan as Stripe takes them: previewed, at once, or by a schedule at the end of the period. */
import type {
  InvoicePreview,
  ItemChange,
  LiveItem,
  LiveSubscription,
  PlanChange,
} from '../billing/commands/subscription-gateway.ts';
import type { Stripe } from './client.ts';
import { seconds } from './dates.ts';
import { stripeCall } from './errors.ts';
import { idOf } from './id-of.ts';
import { previewInvoice } from './invoice-preview.ts';
import { EXPAND } from './live-subscription.ts';
import type { PricePlans } from './price-plans.ts';

interface Deps {
  readonly stripe: Stripe;
  readonly plans: PricePlans;
}

export async function previewPlanChange(
  { stripe, plans }: Deps,
  live: LiveSubscription,
  change: PlanChange,
): Promise<InvoicePreview> {
  const setup = await setupItem(plans, live, change);
  return previewInvoice(stripe, {
    subscription: live.providerId,
    subscription_details: {
      items: change.items.map(item),
      proration_behavior: 'always_invoice',
      proration_date: change.prorationDate,
    },
    ...(setup && { invoice_items: [setup] }),
  });
}

/** https://docs.stripe.com/billing/subscriptions/pending-updates: nothing changes until its invoice is paid. */
export async function changeParams(
  { plans }: Pick<Deps, 'plans'>,
  live: LiveSubscription,
  change: PlanChange,
): Promise<Stripe.SubscriptionUpdateParams> {
  const setup = await setupItem(plans, live, change);
  return {
    items: change.items.map(item),
    proration_behavior: 'always_invoice',
    proration_date: change.prorationDate,
    ...(live.mayWaitForPayment && { payment_behavior: 'pending_if_incomplete' as const }),
    ...(setup && { add_invoice_items: [setup] }),
    expand: EXPAND,
  };
}

/**
 * The present phase ends with the period, the next lasts for one; then the schedule lets go of the subscription.
 * https://docs.stripe.com/billing/subscriptions/subscription-schedules
 */
export async function schedulePlanChange(
  { stripe }: Deps,
  live: LiveSubscription,
  { change, key }: { change: PlanChange; key: string },
): Promise<void> {
  const schedule = await stripeCall(() =>
    live.scheduleId === null
      ? stripe.subscriptionSchedules.create(
          { from_subscription: live.providerId },
          { idempotencyKey: `${key}_create` },
        )
      : stripe.subscriptionSchedules.retrieve(live.scheduleId),
  );
  // What a living subscription follows has begun and is not over: it is in one of its phases.
  const now = schedule.current_phase!;
  const current = schedule.phases.find(({ start_date }) => start_date === now.start_date)!;
  const discounts = keptDiscounts(current);
  await stripeCall(() =>
    stripe.subscriptionSchedules.update(
      schedule.id,
      {
        end_behavior: 'release',
        proration_behavior: 'none',
        phases: [
          {
            ...discounts,
            items: live.items.map((each) => phaseItem(each)),
            start_date: current.start_date,
            end_date: seconds(live.currentPeriodEnd),
          },
          {
            ...discounts,
            items: after(live, change.items),
            duration: { interval: change.interval, interval_count: 1 },
            proration_behavior: 'none',
          },
        ],
      },
      { idempotencyKey: `${key}_update` },
    ),
  );
}

/** The items as they will be: what is not named stays. */
function after(live: LiveSubscription, changes: readonly ItemChange[]) {
  const named = new Set(changes.map(({ id }) => id));
  const kept = live.items.filter(({ id }) => !named.has(id));
  return [
    ...changes.flatMap(({ id, priceId, quantity }) => {
      if (priceId === undefined) return [];
      const was = live.items.find((each) => each.id === id);
      return [
        {
          price: priceId,
          ...(quantity !== undefined && { quantity }),
          // Whose domain it is would be gone with the old price.
          ...(was && Object.keys(was.metadata).length > 0 && { metadata: { ...was.metadata } }),
        },
      ];
    }),
    ...kept.map(phaseItem),
  ];
}

const phaseItem = ({ priceId, metered, quantity }: LiveItem) => ({
  price: priceId,
  ...(!metered && { quantity }),
});

/** A phase that names none has none: what the subscription has is named again. */
function keptDiscounts(
  phase: Stripe.SubscriptionSchedule.Phase,
): Pick<Stripe.SubscriptionScheduleUpdateParams.Phase, 'discounts'> {
  type Kept = Stripe.SubscriptionScheduleUpdateParams.Phase.Discount;
  const discounts = phase.discounts.flatMap(({ discount, promotion_code, coupon }): Kept[] => {
    if (discount) return [{ discount: idOf(discount) }];
    if (promotion_code) return [{ promotion_code: idOf(promotion_code) }];
    // One of the three is named.
    return [{ coupon: idOf(coupon!) }];
  });
  return discounts.length === 0 ? {} : { discounts };
}

function item({ id, priceId, quantity }: ItemChange) {
  if (priceId === undefined) return { id: id!, deleted: true };
  return { ...(id !== undefined && { id }), price: priceId, ...(quantity !== undefined && { quantity }) };
}

/** A part of a set-up fee has no price of its own, but the fee's product. */
async function setupItem(plans: PricePlans, { currency }: LiveSubscription, { setup }: PlanChange) {
  if (setup === null) return undefined;
  const { product } = await plans.price(setup.priceId);
  return {
    price_data: {
      currency,
      product: idOf(product),
      unit_amount: setup.amount,
    },
  };
}
