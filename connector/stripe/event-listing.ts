/** Stripe's own list of events, newest first, kept for 30 days (API reference, "List all events"). */
import type { EventListing } from '../inbox/backfill.ts';
import type { Stripe } from './client.ts';
import { seconds } from './dates.ts';
import { stripeCall } from './errors.ts';

export function createEventListing(stripe: Stripe): EventListing {
  return {
    async page({ types, createdSince, startingAfter }) {
      const page = await stripeCall(() =>
        stripe.events.list({
          limit: 100,
          types: [...types],
          created: { gte: seconds(createdSince) },
          ...(startingAfter !== null && { starting_after: startingAfter }),
        }),
      );
      return { events: page.data, hasMore: page.has_more };
    },
  };
}
