/** Billing periods in UTC, anchored to one day of the month. https://docs.stripe.com/billing/subscriptions/billing-cycle */
import type { Subscription } from './plain.ts';

export type Interval = 'day' | 'week' | 'month' | 'year';

export const HOUR = 3600;
export const DAY = 24 * HOUR;

/**
 * The end of the period that starts at `start`. A cycle anchored on the 31st bills on the last day of a shorter month
 * and returns to the 31st afterwards.
 * @param start unix seconds
 */
export function periodEnd(input: {
  start: number;
  interval: Interval;
  count: number;
  anchor: number;
}): number {
  const { start, interval, count, anchor } = input;
  if (interval === 'day') return start + count * DAY;
  if (interval === 'week') return start + count * 7 * DAY;
  const months = interval === 'month' ? count : 12 * count;
  const from = new Date(start * 1000);
  const anchorDay = new Date(anchor * 1000).getUTCDate();
  const target = new Date(from);
  target.setUTCDate(1);
  target.setUTCMonth(target.getUTCMonth() + months);
  const lastDay = new Date(Date.UTC(target.getUTCFullYear(), target.getUTCMonth() + 1, 0)).getUTCDate();
  target.setUTCDate(Math.min(anchorDay, lastDay));
  return Math.floor(target.getTime() / 1000);
}

/** The moment the next item renews; an ended trial renews at once. */
export function periodEndOf(subscription: Subscription): number {
  if (subscription.status === 'trialing' && subscription.trial_end !== null) return subscription.trial_end;
  return Math.min(...subscription.items.data.map((item) => item.current_period_end));
}
