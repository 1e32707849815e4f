/** Coupons: what a discount is worth. https://docs.stripe.com/api/coupons */
import type Stripe from 'stripe';
import type { Core } from './core.ts';
import { invalid, missing } from './errors.ts';
import { randomText } from './ids.ts';
import { newestFirst, type Paging, page } from './list.ts';
import { isDeleted } from './lookup.ts';
import { mergeMetadata } from './metadata.ts';
import { integer, map, number, oneOf, PAGING, text } from './params.ts';
import type { Coupon, Discount, Plain } from './plain.ts';
import { route } from './route.ts';

type Create = Plain<Stripe.CouponCreateParams>;

export const couponRoutes = [
  route<Create>(
    'POST',
    '/v1/coupons',
    {
      id: text,
      name: text,
      percent_off: number,
      amount_off: integer,
      currency: text,
      duration: oneOf('forever', 'once', 'repeating'),
      duration_in_months: integer,
      max_redemptions: integer,
      redeem_by: integer,
      metadata: map,
    },
    ({ core, params }) => createCoupon(core, params),
  ),
  route('GET', '/v1/coupons/:id', {}, ({ core, id }) => couponOf(core, id, 'id')),
  route<Paging>('GET', '/v1/coupons', PAGING, ({ core, params, path }) =>
    page(
      newestFirst(core.tables.coupons.all()).filter((one) => !isDeleted(one)),
      params,
      path,
    ),
  ),
  route('DELETE', '/v1/coupons/:id', {}, ({ core, id }) => {
    const coupon = couponOf(core, id, 'id');
    core.emit('coupon.deleted', coupon);
    // "Does not affect any customers who have already applied the coupon": their discounts still name it.
    core.tables.coupons.put(id, { ...coupon, valid: false, deleted: true } as unknown as Coupon);
    return { id, object: 'coupon', deleted: true };
  }),
];

/** One that can be given. @throws StripeFault `resource_missing` */
export function couponOf(core: Core, id: string, param: string): Coupon {
  const coupon = core.tables.coupons.get(id);
  if (!coupon || isDeleted(coupon)) throw missing('coupon', id, param);
  return coupon;
}

/** Of a discount that was given: it may be deleted since. */
export const couponBehind = (core: Core, { source }: Discount): Coupon =>
  core.tables.coupons.get(source.coupon ?? '')!;

function createCoupon(core: Core, params: Create): Coupon {
  const { percent_off: percent, amount_off: amount, currency, duration = 'once' } = params;
  if ((percent === undefined) === (amount === undefined))
    throw invalid('You must specify one of percent_off and amount_off.', { param: 'percent_off' });
  if (amount !== undefined && currency === undefined)
    throw invalid('You must pass currency when passing amount_off', { param: 'currency' });
  if (duration === 'repeating' && params.duration_in_months === undefined)
    throw invalid('You must specify duration_in_months when duration is repeating.', {
      param: 'duration_in_months',
    });
  const id = params.id ?? randomText(8).toUpperCase();
  const taken = core.tables.coupons.get(id);
  if (taken && !isDeleted(taken))
    throw invalid('Coupon already exists.', { param: 'id', code: 'resource_already_exists' });
  const coupon: Coupon = {
    id,
    object: 'coupon',
    amount_off: amount ?? null,
    created: core.now(),
    currency: currency?.toLowerCase() ?? null,
    duration,
    duration_in_months: params.duration_in_months ?? null,
    livemode: false,
    max_redemptions: params.max_redemptions ?? null,
    metadata: mergeMetadata(null, params.metadata),
    name: params.name || null,
    percent_off: percent ?? null,
    redeem_by: params.redeem_by ?? null,
    times_redeemed: 0,
    valid: true,
  };
  core.tables.coupons.put(id, coupon);
  core.emit('coupon.created', coupon);
  return coupon;
}
