/** Stripe's own list of events, newest first, kept for 30 days (API reference, "List all events"). */
import type { EventListing } from '../inbox/backfill.ts';
import type { Stripe } from './client.ts';
import { seconds } from './dates.ts';
import { stripeCall } from './errors.ts';

/** All types: the list takes at most 20 of them as a filter, and we sort out ours anyway. */
export function createEventListing(stripe: Stripe): EventListing {
  return {
    async page({ createdSince, startingAfter }) {
      const page = await stripeCall(() =>
        stripe.events.list({
          limit: 100,
          created: { gte: seconds(createdSince) },
          ...(startingAfter !== null && { starting_after: startingAfter }),
        }),
      );
      return { events: page.data, hasMore: page.has_more };
    },
  };
}
