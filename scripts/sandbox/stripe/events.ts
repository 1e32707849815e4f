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
    return withPending(pendingOf(core), event);
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
      const events = eventsOf(core, params).filter(
        (event) => event.created >= oldest && inRange(event.created, params.created),
      );
      const result = page(events, params, path);
      const pending = pendingOf(core);
      return { ...result, data: result.data.map((event) => withPending(pending, event)) };
    },
  ),
];

function isWanted(type: string, params: List): boolean {
  if (params.types) return params.types.includes(type);
  if (!params.type) return true;
  // "type: … or a group of events using * as a wildcard" (List all events)
  return params.type.endsWith('*') ? type.startsWith(params.type.slice(0, -1)) : type === params.type;
}

/** Of the same types, sorted once for as many as there are: an outage's tens of thousands are asked for page by page. */
const sorted = new WeakMap<Core, { count: number; byTypes: Map<string, StoredEvent[]> }>();

function eventsOf(core: Core, params: List): StoredEvent[] {
  const count = core.tables.events.count();
  const known = sorted.get(core);
  const { byTypes } = known?.count === count ? known : { byTypes: new Map<string, StoredEvent[]>() };
  sorted.set(core, { count, byTypes });
  const types = String(params.types ?? params.type ?? '*');
  let events = byTypes.get(types);
  if (events === undefined) {
    events = newestFirst(core.tables.events.all()).filter((event) => isWanted(event.type, params));
    byTypes.set(types, events);
  }
  return events;
}

function pendingOf(core: Core): ReadonlyMap<string, number> {
  const pending = new Map<string, number>();
  for (const { eventId, status } of core.tables.deliveries.all())
    if (status === 'pending') pending.set(eventId, (pending.get(eventId) ?? 0) + 1);
  return pending;
}

const withPending = (pending: ReadonlyMap<string, number>, event: StoredEvent): StoredEvent => ({
  ...event,
  pending_webhooks: pending.get(event.id) ?? 0,
});
