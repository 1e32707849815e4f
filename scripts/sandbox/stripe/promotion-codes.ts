/** Promotion codes: what customers type to redeem a coupon. https://docs.stripe.com/api/promotion_codes */
import type Stripe from 'stripe';
import type { Core } from './core.ts';
import { couponOf } from './coupons.ts';
import { invalid, missing } from './errors.ts';
import { newId, randomText } from './ids.ts';
import { newestFirst, page } from './list.ts';
import { mergeMetadata } from './metadata.ts';
import { any, flag, integer, map, object, oneOf, PAGING, required, text } from './params.ts';
import type { Plain, PromotionCode } from './plain.ts';
import { route } from './route.ts';
import { update } from './update.ts';

type Create = Plain<Stripe.PromotionCodeCreateParams>;
type List = Plain<Stripe.PromotionCodeListParams>;

export const promotionCodeRoutes = [
  route<Create>(
    'POST',
    '/v1/promotion_codes',
    {
      // The former `coupon` is refused since 2025-09-30.clover.
      promotion: required(object({ type: required(oneOf('coupon')), coupon: required(text) })),
      code: text,
      active: flag,
      customer: text,
      expires_at: integer,
      max_redemptions: integer,
      metadata: map,
      restrictions: object({
        first_time_transaction: flag,
        minimum_amount: integer,
        minimum_amount_currency: text,
        currency_options: any,
      }),
    },
    ({ core, params }) => createCode(core, params),
  ),
  route('GET', '/v1/promotion_codes/:id', {}, ({ core, id }) => promotionCodeOf(core, id, 'id')),
  route<{ active?: boolean; metadata?: Record<string, string> }>(
    'POST',
    '/v1/promotion_codes/:id',
    { active: flag, metadata: map },
    ({ core, id, params }) => {
      const current = promotionCodeOf(core, id, 'id');
      return update(core, core.tables.promotionCodes, 'promotion_code.updated', current, {
        ...(params.active !== undefined && { active: params.active }),
        ...(params.metadata && { metadata: mergeMetadata(current.metadata, params.metadata) }),
      });
    },
  ),
  route<List>(
    'GET',
    '/v1/promotion_codes',
    { ...PAGING, active: flag, code: text, coupon: text, customer: text },
    ({ core, params, path }) =>
      page(newestFirst(core.tables.promotionCodes.all()).filter(matches(params)), params, path),
  ),
];

function matches(params: List): (code: PromotionCode) => boolean {
  return ({ active, code, promotion, customer }) =>
    (params.active === undefined || active === params.active) &&
    // "Regardless of case" (promotion code object, code)
    (params.code === undefined || code.toLowerCase() === params.code.toLowerCase()) &&
    (params.coupon === undefined || promotion.coupon === params.coupon) &&
    (params.customer === undefined || customer === params.customer);
}

/** @throws StripeFault `resource_missing` */
export function promotionCodeOf(core: Core, id: string, param = 'promotion_code'): PromotionCode {
  const code = core.tables.promotionCodes.get(id);
  if (!code) throw missing('promotion code', id, param);
  return code;
}

function createCode(core: Core, params: Create): PromotionCode {
  const coupon = couponOf(core, params.promotion.coupon ?? '', 'promotion[coupon]');
  const code = params.code ?? randomText(8).toUpperCase();
  const taken = core.tables.promotionCodes
    .all()
    .some((each) => each.active && each.code.toLowerCase() === code.toLowerCase());
  if (taken)
    throw invalid(`An active promotion code with \`code: ${code}\` already exists.`, {
      param: 'code',
      code: 'resource_already_exists',
    });
  const made: PromotionCode = {
    id: newId('promo'),
    object: 'promotion_code',
    active: params.active ?? true,
    code,
    created: core.now(),
    customer: params.customer ?? null,
    customer_account: null,
    expires_at: params.expires_at ?? null,
    livemode: false,
    max_redemptions: params.max_redemptions ?? null,
    metadata: mergeMetadata(null, params.metadata),
    promotion: { coupon: coupon.id, type: 'coupon' },
    restrictions: {
      first_time_transaction: params.restrictions?.first_time_transaction ?? false,
      minimum_amount: params.restrictions?.minimum_amount ?? null,
      minimum_amount_currency: params.restrictions?.minimum_amount_currency ?? null,
    },
    times_redeemed: 0,
  };
  core.tables.promotionCodes.put(made.id, made);
  core.emit('promotion_code.created', made);
  return made;
}
