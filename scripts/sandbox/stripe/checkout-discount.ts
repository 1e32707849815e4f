/** A discount on a Checkout Session, given with it or typed by the customer. https://docs.stripe.com/payments/checkout/discounts */
import type { Core } from './core.ts';
import { type GivenDiscount, redeemable, sharesOf } from './discounts.ts';
import { invalid } from './errors.ts';
import type { Session } from './plain.ts';
import { change } from './update.ts';

/** @throws StripeFault for a coupon or code that cannot be redeemed */
export function takeOff(core: Core, session: Session, given: readonly GivenDiscount[]): Session {
  const found = given.map((one) =>
    redeemable(core, { ...one, customer: session.customer ?? '', param: 'discounts[0]' }),
  );
  const subtotal = session.amount_subtotal ?? 0;
  const off = found.reduce((sum, { coupon }) => sum + sharesOf(coupon, [subtotal - sum])[0]!, 0);
  return change(core.tables.sessions, session, {
    discounts: found.map(({ coupon, code }) => ({ coupon: coupon.id, promotion_code: code?.id ?? null })),
    amount_total: subtotal - off,
    total_details: { ...session.total_details!, amount_discount: off },
  });
}

/** @throws StripeFault when the page asks for none, or nobody has made this one */
export function enterCode(core: Core, session: Session, typed: string): Session {
  const code = core.tables.promotionCodes
    .all()
    .find((each) => each.active && each.code.toLowerCase() === typed.trim().toLowerCase());
  if (!session.allow_promotion_codes || code === undefined)
    throw invalid('This code is invalid.', { param: 'promotion_code' });
  return takeOff(core, session, [{ promotion_code: code.id }]);
}
