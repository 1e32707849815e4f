/** Every subscription of the account, newest first ("List subscriptions", docs.stripe.com/api/subscriptions/list). */
import type { SubscriptionListing } from '../billing/passes/run-pass.ts';
import type { Stripe } from './client.ts';
import { stripeCall } from './errors.ts';
import { absentAsNull, createPlanKeys, DISCOUNTS, subscriptionFact } from './reads.ts';

export function createSubscriptionListing(stripe: Stripe): SubscriptionListing {
  const planKeyOf = createPlanKeys(stripe);
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
          ...subscriptionFact(each, await planKeyOf(each)),
          customerId: typeof each.customer === 'string' ? each.customer : each.customer.id,
        })),
      );
      return { subscriptions, hasMore: page.has_more };
    },

    async exists(providerId) {
      return (await absentAsNull(() => stripe.subscriptions.retrieve(providerId))) !== null;
    },
  };
}
