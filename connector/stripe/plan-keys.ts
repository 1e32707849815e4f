/** Whose plan a subscription is: by its prices, else by their products. */
import type { Stripe } from './client.ts';
import type { PricePlans } from './price-plans.ts';

/** @returns null: none of ours */
export async function planKeyOf({ items }: Stripe.Subscription, plans: PricePlans): Promise<string | null> {
  const own = items.data.find(({ price }) => price.metadata.plan_key !== undefined);
  if (own !== undefined) return plans.ofPrice(own.price);
  for (const { price } of items.data) {
    const planKey = await plans.ofPrice(price);
    if (planKey !== null) return planKey;
  }
  return null;
}
