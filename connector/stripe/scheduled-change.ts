/** What a subscription's schedule holds for it next. https://docs.stripe.com/billing/subscriptions/subscription-schedules */
import type { ScheduledChange } from '../billing/commands/subscription-gateway.ts';
import type { Stripe } from './client.ts';
import { date } from './dates.ts';
import { idOf } from './id-of.ts';
import { isMetered } from './is-metered.ts';
import type { PricePlans } from './price-plans.ts';

/** @param schedule expanded; null, or only its id: none is told */
export async function scheduledChange(
  schedule: Stripe.Subscription['schedule'],
  plans: PricePlans,
): Promise<ScheduledChange | null> {
  if (schedule === null || typeof schedule === 'string') return null;
  if (schedule.status !== 'active' && schedule.status !== 'not_started') return null;
  const now = schedule.current_phase?.start_date ?? 0;
  const next = schedule.phases
    .filter(({ start_date }) => start_date > now)
    .sort((a, b) => a.start_date - b.start_date)[0];
  if (next === undefined) return null;
  const items = await Promise.all(
    next.items.map(async ({ price, quantity }) => {
      return { price: await plans.price(idOf(price)), quantity: quantity ?? 1 };
    }),
  );
  const main =
    items.find(({ price }) => price.metadata.role === 'recurring') ??
    items.find(({ price }) => !isMetered(price));
  if (main === undefined) return null;
  return {
    scheduleId: schedule.id,
    priceId: main.price.id,
    planKey: await plans.ofPrice(main.price),
    interval: main.price.recurring!.interval,
    quantity: main.quantity,
    at: date(next.start_date),
  };
}
