/** Signed webhooks over real HTTP, retried until answered 2xx. https://docs.stripe.com/webhooks */
import type { Core } from './core.ts';
import { newId } from './ids.ts';
import { createLinks } from './links.ts';
import type { StoredEvent } from './plain.ts';
import { postWebhook } from './post-webhook.ts';
import type { Delivery, StoredEndpoint } from './tables.ts';

// Stripe retries for three days; a sandbox's user does not wait that long, so the same pattern runs within half a minute.
const FIRST_WAIT_MS = 200;
const LONGEST_WAIT_MS = 5_000;
const TRIES = 8;
// A receiver on the same small machine is not to be met by thousands of connections at once.
const AT_ONCE = 32;

export interface ReleaseOptions {
  /** Positions of the held deliveries in the order to send them; those left out come after. */
  readonly order?: readonly number[];
  /** Events (ids or types) that are never delivered. */
  readonly drop?: readonly string[];
  /** Events (ids or types) delivered twice. */
  readonly duplicate?: readonly string[];
}

export interface Deliveries {
  /** Sends once more to every endpoint that wants it, delivered already or not. */
  redeliver(event: StoredEvent): void;
  hold(): void;
  /** Sends what was held, one after the other. @returns the events sent, in that order */
  release(options?: ReleaseOptions): Promise<StoredEvent[]>;
  held(): StoredEvent[];
  /** Resolves when nothing is pending any more (delivered or given up). */
  idle(): Promise<void>;
  stop(): void;
}

export function createDeliveries(core: Core): Deliveries {
  const { deliveries, endpoints, events } = core.tables;
  const links = createLinks(core);
  const timers = new Set<NodeJS.Timeout>();
  const running = new Set<Promise<void>>();
  const stopping = new AbortController();
  let holding = false;
  let waiting: string[] = [];

  const later = (work: () => void, ms: number) => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      work();
    }, ms).unref();
    timers.add(timer);
  };

  // Receivers refuse old signatures, and most live in real time whatever the sandbox's clock says.
  const signedAt = () =>
    core.settings.signatureClock === 'sandbox' ? core.now() : Math.floor(Date.now() / 1000);

  const attempt = async (id: string): Promise<void> => {
    const delivery = deliveries.get(id);
    const event = delivery && events.get(delivery.eventId);
    const endpoint = delivery && endpoints.get(delivery.endpointId);
    if (delivery?.status !== 'pending' || stopping.signal.aborted) return;
    if (!event || !endpoint) return deliveries.put(id, { ...delivery, status: 'dropped' });
    const answer = await postWebhook({
      endpoint,
      event,
      links,
      signal: stopping.signal,
      seconds: signedAt(),
    });
    if (stopping.signal.aborted) return;
    const attempts = delivery.attempts + 1;
    const delivered = /^2\d\d$/.test(answer);
    const status = delivered ? 'delivered' : attempts >= TRIES ? 'given_up' : 'pending';
    deliveries.put(id, { ...delivery, attempts, status, lastAnswer: answer });
    if (delivered) return;
    core.log(`stripe: webhook ${event.type} ${event.id} answered ${answer}, try ${attempts} of ${TRIES}`);
    if (status === 'pending') {
      later(() => start(id), Math.min(FIRST_WAIT_MS * 2 ** (attempts - 1), LONGEST_WAIT_MS));
    }
  };

  const places: (() => void)[] = [];
  let taken = 0;
  const inTurn = async (id: string): Promise<void> => {
    if (taken >= AT_ONCE) await new Promise<void>((resolve) => places.push(resolve));
    taken += 1;
    try {
      await attempt(id);
    } finally {
      taken -= 1;
      places.shift()?.();
    }
  };

  const start = (id: string): Promise<void> => {
    const work = inTurn(id).finally(() => running.delete(work));
    running.add(work);
    return work;
  };

  const queue = (event: StoredEvent, endpoint: StoredEndpoint): Delivery => {
    const delivery: Delivery = {
      id: newId('whd'),
      eventId: event.id,
      endpointId: endpoint.id,
      attempts: 0,
      status: 'pending',
      lastAnswer: null,
    };
    deliveries.put(delivery.id, delivery);
    return delivery;
  };

  const announce = (event: StoredEvent) => {
    for (const endpoint of endpoints.all().filter((one) => wants(one, event.type))) {
      const { id } = queue(event, endpoint);
      if (holding) waiting.push(id);
      // After the step that made the event is on the disk and answered: Stripe's answer does not wait for our webhook.
      else later(() => void start(id), 0);
    }
  };

  core.onEvent(announce);
  // What a killed process left undelivered goes on.
  for (const { id } of deliveries.all().filter((one) => one.status === 'pending'))
    later(() => void start(id), 0);

  const eventOf = (id: string) => events.get(deliveries.get(id)!.eventId)!;

  return {
    redeliver(event) {
      for (const endpoint of endpoints.all().filter((one) => wants(one, event.type))) {
        void start(queue(event, endpoint).id);
      }
    },
    hold() {
      holding = true;
    },
    async release(options = {}) {
      holding = false;
      const held = waiting;
      waiting = [];
      const matches = (names: readonly string[] | undefined, event: StoredEvent) =>
        names?.some((name) => name === event.id || name === event.type) ?? false;
      const chosen = [...new Set([...(options.order ?? []), ...held.keys()])].map((at) => held[at]!);
      const sent: StoredEvent[] = [];
      for (const id of chosen) {
        const event = eventOf(id);
        if (matches(options.drop, event)) {
          deliveries.put(id, { ...deliveries.get(id)!, status: 'dropped' });
          continue;
        }
        await start(id);
        sent.push(event);
        if (!matches(options.duplicate, event)) continue;
        await start(queue(event, endpoints.get(deliveries.get(id)!.endpointId)!).id);
        sent.push(event);
      }
      return sent;
    },
    held: () => waiting.map(eventOf),
    async idle() {
      while (running.size > 0 || timers.size > 0) {
        await Promise.all(running);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    },
    stop() {
      stopping.abort();
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
    },
  };
}

function wants({ endpoint }: StoredEndpoint, type: string): boolean {
  return (
    endpoint.status === 'enabled' &&
    (endpoint.enabled_events.includes('*') || endpoint.enabled_events.includes(type))
  );
}
