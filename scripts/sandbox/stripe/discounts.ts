/** Discounts: coupons redeemed for a subscription, and what they take off its invoices. https://docs.stripe.com/billing/subscriptions/coupons */
import type { Core } from './core.ts';
import { couponBehind, couponOf } from './coupons.ts';
import { invalid } from './errors.ts';
import { newId } from './ids.ts';
import { list, object, text } from './params.ts';
import { periodEnd } from './periods.ts';
import type { Coupon, Discount, InvoiceLine, Subscription } from './plain.ts';
import { promotionCodeOf } from './promotion-codes.ts';
import { change } from './update.ts';

export const DISCOUNTS = list(object({ coupon: text, promotion_code: text, discount: text }));

export interface GivenDiscount {
  readonly coupon?: string | undefined;
  readonly promotion_code?: string | undefined;
  /** One that is there already, kept. */
  readonly discount?: string | undefined;
}

/** @returns ids for `subscription.discounts` @throws StripeFault for a code that cannot be redeemed (any more, or by this customer) */
export function redeem(
  core: Core,
  given: readonly GivenDiscount[],
  to: { readonly customer: string; readonly subscription: string | null },
): string[] {
  return given.map((one, index) => {
    if (one.discount) return one.discount;
    const { coupon, code } = redeemable(core, {
      ...one,
      customer: to.customer,
      param: `discounts[${index}]`,
    });
    change(core.tables.coupons, coupon, { times_redeemed: coupon.times_redeemed + 1 });
    if (code) change(core.tables.promotionCodes, code, { times_redeemed: code.times_redeemed + 1 });
    const months = coupon.duration_in_months;
    const discount: Discount = {
      id: newId('di'),
      object: 'discount',
      checkout_session: null,
      customer: to.customer,
      customer_account: null,
      end:
        months === null
          ? null
          : periodEnd({ start: core.now(), interval: 'month', count: months, anchor: core.now() }),
      invoice: null,
      invoice_item: null,
      promotion_code: code?.id ?? null,
      source: { coupon: coupon.id, type: 'coupon' },
      start: core.now(),
      subscription: to.subscription,
      subscription_item: null,
    };
    core.tables.discounts.put(discount.id, discount);
    core.emit('customer.discount.created', discount);
    return discount.id;
  });
}

/** The coupon behind what was given, and its code, once neither is used up. @throws StripeFault */
export function redeemable(
  core: Core,
  given: GivenDiscount & { readonly customer: string; readonly param: string },
) {
  const { param, customer } = given;
  const code = given.promotion_code
    ? promotionCodeOf(core, given.promotion_code, `${param}[promotion_code]`)
    : undefined;
  const coupon = couponOf(core, code?.promotion.coupon ?? given.coupon ?? '', `${param}[coupon]`);
  const refuse = (message: string): never => {
    throw invalid(message, { param: `${param}[${code ? 'promotion_code' : 'coupon'}]` });
  };
  const usedUp = (one: { max_redemptions: number | null; times_redeemed: number }) =>
    one.max_redemptions !== null && one.times_redeemed >= one.max_redemptions;
  if (code !== undefined) {
    const late = code.expires_at !== null && code.expires_at <= core.now();
    if (!code.active || late || usedUp(code)) refuse('This promotion code is no longer active.');
    if (code.customer !== null && code.customer !== customer)
      refuse('This promotion code belongs to another customer.');
    if (code.restrictions.first_time_transaction && hasPaid(core, customer))
      refuse('This promotion code is for customers without earlier payments.');
  }
  if (usedUp(coupon) || (coupon.redeem_by !== null && coupon.redeem_by <= core.now()))
    refuse(`Coupon expired: ${coupon.id}`);
  return { coupon, code };
}

const hasPaid = (core: Core, customer: string): boolean =>
  core.tables.invoices.all().some((one) => one.customer === customer && one.amount_paid > 0);

/** Those that still take something off, with their coupons. */
export function activeDiscounts(
  core: Core,
  { discounts }: Pick<Subscription, 'discounts'>,
): { discount: Discount; coupon: Coupon }[] {
  return discounts.flatMap((one) => {
    const discount = core.tables.discounts.get(idOf(one));
    if (!discount || isOver(core, discount)) return [];
    return [{ discount, coupon: couponBehind(core, discount) }];
  });
}

const idOf = (one: Subscription['discounts'][number]): string => (typeof one === 'string' ? one : one.id);

// A `once` coupon is marked by the invoice that used it.
const isOver = (core: Core, { end, invoice }: Discount): boolean =>
  invoice !== null || (end !== null && end <= core.now());

interface Discounted {
  readonly lines: readonly InvoiceLine[];
  readonly totals: { amount: number; discount: string }[];
}

/** "You can't discount proration line items further": a discount is part of their amount already. */
export function discountLines(
  core: Core,
  subscription: Subscription,
  lines: readonly InvoiceLine[],
): Discounted {
  const left = lines.map((line) => (isProration(line) ? 0 : Math.max(0, line.amount)));
  const taken = lines.map((): { amount: number; discount: string }[] => []);
  const totals = activeDiscounts(core, subscription).map(({ discount, coupon }) => {
    const shares = sharesOf(coupon, left);
    for (const [index, amount] of shares.entries()) {
      left[index] = left[index]! - amount;
      if (amount > 0) taken[index]!.push({ amount, discount: discount.id });
    }
    return { amount: shares.reduce((sum, amount) => sum + amount, 0), discount: discount.id };
  });
  return {
    totals,
    lines: lines.map((line, index) => ({
      ...line,
      discount_amounts: taken[index]!,
      discounts: taken[index]!.map(({ discount }) => discount),
    })),
  };
}

/** Of each amount what the coupon takes: a percentage of each, or a sum spread over all, the last one bearing the rest. */
export function sharesOf(coupon: Coupon, amounts: readonly number[]): number[] {
  if (coupon.percent_off !== null)
    return amounts.map((amount) => Math.round((amount * coupon.percent_off!) / 100));
  const all = amounts.reduce((sum, amount) => sum + amount, 0);
  const off = Math.min(all, coupon.amount_off ?? 0);
  let spread = 0;
  const last = amounts.findLastIndex((amount) => amount > 0);
  return amounts.map((amount, index) => {
    const share = index === last ? off - spread : all === 0 ? 0 : Math.floor((off * amount) / all);
    spread += share;
    return share;
  });
}

const isProration = ({ parent }: InvoiceLine): boolean =>
  parent?.subscription_item_details?.proration === true || parent?.invoice_item_details?.proration === true;

/** What an invoice that is really made uses up: a `once` coupon is gone with the first amount it has lowered. */
export function useUp(core: Core, totals: Discounted['totals'], invoice: string): void {
  for (const { amount, discount: id } of totals) {
    const discount = core.tables.discounts.get(id)!;
    if (amount === 0 || couponBehind(core, discount).duration !== 'once') continue;
    const gone = change(core.tables.discounts, discount, { invoice, end: core.now() });
    core.emit('customer.discount.deleted', gone);
  }
}

/** The subscription without discounts that are used up or over; announced with what used them up. */
export function dropOver(core: Core, subscription: Subscription): Subscription {
  const alive = new Set(activeDiscounts(core, subscription).map(({ discount }) => discount.id));
  const discounts = subscription.discounts.filter((one) => alive.has(idOf(one)));
  if (discounts.length === subscription.discounts.length) return subscription;
  return change(core.tables.subscriptions, subscription, { discounts });
}

/** What is paid of a price now, as a share: charges of a change are counted after lasting percentages. */
export function shareNow(core: Core, subscription: Subscription): number {
  return activeDiscounts(core, subscription)
    .filter(({ coupon }) => coupon.duration !== 'once')
    .reduce((share, { coupon }) => share * (1 - (coupon.percent_off ?? 0) / 100), 1);
}

/** What was paid of an item's price when its period was billed, as a share; not found: what would be now. */
export function shareBilled(
  core: Core,
  subscription: Subscription,
  item: { id: string; price: { id: string } },
): number {
  const lines = core.tables.invoices
    .all()
    .filter((one) => one.parent?.subscription_details?.subscription === subscription.id)
    .flatMap((one) => one.lines.data)
    .filter(
      (line) =>
        !isProration(line) &&
        line.amount > 0 &&
        line.parent?.subscription_item_details?.subscription_item === item.id &&
        line.pricing?.price_details?.price === item.price.id,
    );
  const last = lines.at(-1);
  if (last === undefined) return shareNow(core, subscription);
  const off = (last.discount_amounts ?? []).reduce((sum, { amount }) => sum + amount, 0);
  return 1 - off / last.amount;
}
