/** Every subscription of the account, newest first ("List subscriptions", docs.stripe.com/api/subscriptions/list). */
import type { SubscriptionListing } from '../billing/passes/run-pass.ts';
import { absentAsNull } from './absent-as-null.ts';
import type { Stripe } from './client.ts';
import { stripeCall } from './errors.ts';
import { idOf } from './id-of.ts';
import { planKeyOf } from './plan-keys.ts';
import { createPricePlans } from './price-plans.ts';
import { DISCOUNTS, subscriptionFact } from './subscription-fact.ts';

export function createSubscriptionListing(stripe: Stripe): SubscriptionListing {
  const plans = createPricePlans(stripe);
  return {
    async page({ startingAfter }) {
      const page = await stripeCall(() =>
        stripe.subscriptions.list({
          status: 'all',
          limit: 100,
          expand: ['data.default_payment_method', DISCOUNTS],
          ...(startingAfter !== null && { starting_after: startingAfter }),
        }),
      );
      const subscriptions = await Promise.all(
        page.data.map(async (each) => ({
          ...subscriptionFact(each, await planKeyOf(each, plans)),
          customerId: idOf(each.customer),
        })),
      );
      return { subscriptions, hasMore: page.has_more };
    },

    async exists(providerId) {
      return (await absentAsNull(() => stripe.subscriptions.retrieve(providerId))) !== null;
    },
  };
}
