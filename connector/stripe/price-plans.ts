/** Whose plan a price is: by its own metadata, else by its product's. Neither changes under our feet, so it is kept. */
import type { Stripe } from './client.ts';
import { stripeCall } from './errors.ts';
import { idOf } from './id-of.ts';

export interface PricePlans {
  /** null: not one of ours. */
  ofPrice(price: Stripe.Price): Promise<string | null>;
  /** The price itself, for places where Stripe gives its id alone. */
  price(id: string): Promise<Stripe.Price>;
}

export function createPricePlans(stripe: Stripe): PricePlans {
  const products = new Map<string, string>();
  const prices = new Map<string, Stripe.Price>();
  return {
    async ofPrice(price) {
      if (price.metadata.plan_key !== undefined) return price.metadata.plan_key;
      const id = idOf(price.product);
      const known = products.get(id);
      if (known !== undefined) return known;
      const planKey = (await stripeCall(() => stripe.products.retrieve(id))).metadata.plan_key ?? null;
      // What has none yet may be given one; what has one keeps it.
      if (planKey !== null) products.set(id, planKey);
      return planKey;
    },
    async price(id) {
      const known = prices.get(id);
      if (known !== undefined) return known;
      const found = await stripeCall(() => stripe.prices.retrieve(id));
      prices.set(id, found);
      return found;
    },
  };
}
