/** The products set-up has made, by their `product_key`: an agreed price goes on the plan's own product, not on one more. */
import type { Stripe } from './client.ts';
import { stripeCall } from './errors.ts';

/** @returns the id by product key; undefined: set-up has not made it */
export function createPlanProducts(stripe: Stripe): (productKey: string) => Promise<string | undefined> {
  const known = new Map<string, string>();
  return async (productKey) => {
    if (!known.has(productKey)) {
      const all = await stripeCall(() =>
        stripe.products.list({ active: true, limit: 100 }).autoPagingToArray({ limit: 10_000 }),
      );
      for (const { id, metadata } of all) if (metadata.product_key) known.set(metadata.product_key, id);
    }
    return known.get(productKey);
  };
}
