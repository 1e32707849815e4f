/** What a subscription brings a month, as revenue is counted. */
import type { Stripe } from './client.ts';
import { isMetered } from './is-metered.ts';

/** How many of an interval go into a month. */
const A_MONTH: Readonly<Record<string, number>> = { day: 365 / 12, week: 52 / 12, month: 1, year: 1 / 12 };

/**
 * Minor units of its currency, rounded: every price by its own interval and quantity, what comes off each invoice taken
 * off. Not counted: what is billed by meter or tiers, which is known only once used; taxes; a coupon for one invoice.
 * @param subscription read with `expand: ['discounts.source.coupon']`; of a discount that is only an id nothing is known
 */
export function monthlyAmount(subscription: Stripe.Subscription): number {
  const items = subscription.items.data.filter(({ price }) => !isMetered(price));
  const full = items.reduce((sum, item) => sum + amountOf(item) * perMonth(item), 0);
  const invoicesAMonth = items[0] === undefined ? 1 : perMonth(items[0]);
  return Math.round(
    subscription.discounts.reduce((left, discount) => less(left, discount, invoicesAMonth), full),
  );
}

/** Of one interval, minor units; a price of a fraction of one has no whole `unit_amount`, tiers have neither. */
export const amountOf = ({ price, quantity }: Stripe.SubscriptionItem): number =>
  Number(String(price.unit_amount_decimal ?? 0)) * (quantity ?? 1);

function perMonth({ price }: Stripe.SubscriptionItem): number {
  // An item's price is a recurring one. The list of intervals is open: of one that is not known a month is assumed.
  const { interval, interval_count } = price.recurring!;
  return (A_MONTH[interval] ?? 1) / interval_count;
}

function less(amount: number, discount: string | Stripe.Discount, invoicesAMonth: number): number {
  const coupon = typeof discount === 'string' ? null : discount.source.coupon;
  if (coupon === null || typeof coupon === 'string' || coupon.duration === 'once') return amount;
  const percent = Number(String(coupon.percent_off ?? 0));
  const off = (coupon.amount_off ?? 0) * invoicesAMonth;
  return Math.max(0, amount * (1 - percent / 100) - off);
}
