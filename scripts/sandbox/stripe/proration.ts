/** Credits the unused part of the old price and charges the rest of the new one, by the second. https://docs.stripe.com/billing/subscriptions/prorations */
import type { Core } from './core.ts';
import { shareBilled, shareNow } from './discounts.ts';
import { amountOf, prorationLine } from './invoice-lines.ts';
import type { InvoiceLine, Subscription, SubscriptionItem } from './plain.ts';

export function prorate(input: {
  core: Core;
  before: Subscription;
  after: Subscription;
  /** Unix seconds. */
  at: number;
}): InvoiceLine[] {
  const { core, before, after, at } = input;
  // Nothing was charged for a trial, so nothing is credited.
  if (before.status === 'trialing') return [];
  const lines: InvoiceLine[] = [];
  const left = (item: SubscriptionItem) =>
    Math.max(0, item.current_period_end - at) / (item.current_period_end - item.current_period_start);
  const value = (item: SubscriptionItem) => amountOf(item.price, item.quantity ?? 1);
  for (const old of before.items.data) {
    const next = after.items.data.find((item) => item.id === old.id);
    if (next && next.price.id === old.price.id && next.quantity === old.quantity) continue;
    const credit = -Math.round(value(old) * left(old) * shareBilled(core, before, old));
    if (credit !== 0)
      lines.push(prorationLine({ core, subscription: before, item: old, amount: credit, at }));
  }
  for (const next of after.items.data) {
    const old = before.items.data.find((item) => item.id === next.id);
    if (old && next.price.id === old.price.id && next.quantity === old.quantity) continue;
    // A period that starts now is billed whole, as its own line.
    if (beginsPeriod(before, next)) continue;
    const charge = Math.round(value(next) * left(next) * shareNow(core, after));
    if (charge !== 0)
      lines.push(prorationLine({ core, subscription: after, item: next, amount: charge, at }));
  }
  return lines;
}

/** A credit for what is left of every period, as of now. */
export function unusedTime(core: Core, subscription: Subscription): InvoiceLine[] {
  if (subscription.status === 'trialing') return [];
  const at = core.now();
  return subscription.items.data.flatMap((item) => {
    const { current_period_start: start, current_period_end: end } = item;
    const left = Math.max(0, end - at) / (end - start);
    const share = shareBilled(core, subscription, item);
    const amount = -Math.round(amountOf(item.price, item.quantity ?? 1) * left * share);
    return amount === 0 ? [] : [prorationLine({ core, subscription, item, amount, at })];
  });
}

/** An item whose period is none of the subscription's present ones: another interval, or a cycle reset. */
export function beginsPeriod(before: Subscription, item: SubscriptionItem): boolean {
  return !before.items.data.some(
    (old) =>
      old.current_period_start === item.current_period_start &&
      old.current_period_end === item.current_period_end,
  );
}
