/** Events, kept for 30 days. https://docs.stripe.com/api/events */
import type Stripe from 'stripe';
import type { Core } from './core.ts';
import { invalid, missing } from './errors.ts';
import { inRange, newestFirst, page } from './list.ts';
import { flag, list, PAGING, range, text } from './params.ts';
import { DAY } from './periods.ts';
import type { Plain, StoredEvent } from './plain.ts';
import { route } from './route.ts';

type List = Plain<Stripe.EventListParams>;

export const eventRoutes = [
  route('GET', '/v1/events/:id', {}, ({ core, id }) => {
    const event = core.tables.events.get(id);
    if (!event) throw missing('event', id);
    return withPending(core, event);
  }),
  route<List>(
    'GET',
    '/v1/events',
    { ...PAGING, created: range, delivery_success: flag, type: text, types: list(text) },
    ({ core, params, path }) => {
      if ((params.types?.length ?? 0) > 20) {
        throw invalid('You may only specify up to 20 event types.', { param: 'types' });
      }
      if (params.type && params.types) {
        throw invalid('You may only specify one of these parameters: type, types.', { param: 'type' });
      }
      const oldest = core.now() - 30 * DAY;
      const events = newestFirst(core.tables.events.all()).filter(
        (event) =>
          event.created >= oldest && inRange(event.created, params.created) && isWanted(event.type, params),
      );
      const result = page(events, params, path);
      return { ...result, data: result.data.map((event) => withPending(core, event)) };
    },
  ),
];

function isWanted(type: string, params: List): boolean {
  if (params.types) return params.types.includes(type);
  if (!params.type) return true;
  // "type: … or a group of events using * as a wildcard" (List all events)
  return params.type.endsWith('*') ? type.startsWith(params.type.slice(0, -1)) : type === params.type;
}

function withPending(core: Core, event: StoredEvent): StoredEvent {
  const pending = core.tables.deliveries
    .all()
    .filter((delivery) => delivery.eventId === event.id && delivery.status === 'pending').length;
  return { ...event, pending_webhooks: pending };
}
