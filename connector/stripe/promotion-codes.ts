/** Promotion codes: found as customers type them, redeemed for a subscription. https://docs.stripe.com/billing/subscriptions/coupons */
import { ConnectorError } from '../errors.ts';
import type { Stripe } from './client.ts';
import { stripeCall } from './errors.ts';
import { idOf } from './id-of.ts';

/** One kept for this customer goes before one for everybody ("unique across all active promotion codes for a specific customer"). */
export async function findPromotionCode(
  stripe: Stripe,
  code: string,
  customerId: string,
): Promise<string | null> {
  const page = await stripeCall(() => stripe.promotionCodes.list({ code, active: true, limit: 100 }));
  const of = (customer: string | null) => page.data.find((each) => idOf(each.customer) === customer);
  return (of(customerId) ?? of(null))?.id ?? null;
}

/** Expired, used up, for new customers only, for other products: Stripe names the parameter it refuses. */
export async function refusedCode<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (thrown) {
    const refused =
      thrown instanceof ConnectorError &&
      thrown.system === 'stripe' &&
      (thrown.kind === 'permanent' || thrown.kind === 'absent') &&
      /^discounts\b|promotion_code|coupon/.test(String(thrown.details?.param));
    if (!refused) throw thrown;
    throw new ConnectorError({
      kind: 'permanent',
      code: 'promotion_code_invalid',
      message: 'This promotion code cannot be used here.',
      advice: 'It may be over, used up, or meant for other customers or plans.',
      cause: thrown,
    });
  }
}
