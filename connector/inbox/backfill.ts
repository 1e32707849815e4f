/** Fetches what Stripe could not deliver while we were away into the same inbox; the gap found is a number to watch. */
import type { Database, Sql } from '../db/database.ts';
import type { Log } from '../log.ts';
import { eventTable } from './event-table.ts';
import { type IncomingEvent, readEvent } from './incoming.ts';
import { storeEvents } from './store.ts';

/** What the inbox needs of Stripe: `GET /v1/events`, newest first, a hundred a page. */
export interface EventListing {
  page(input: { createdSince: Date; startingAfter: string | null }): Promise<EventPage>;
}

export interface EventPage {
  /** Event objects as Stripe's API gives them. */
  readonly events: readonly { readonly id: string }[];
  readonly hasMore: boolean;
}

export interface BackfillResult {
  /** Events of our types in the window. */
  readonly listed: number;
  /** Of those, how many the webhook had never brought. */
  readonly gap: number;
}

/** An event shows in the list, and its delivery may still be on the way, some time after its `created`. */
const OVERLAP_MS = 3_600_000;
/** Stripe keeps events for 30 days (docs.stripe.com/api/events). */
const KEPT_MS = 30 * 86_400_000;
const CURSOR = 'backfill';

/**
 * Reads the window since the last complete backfill, stores page by page, then hints. An interrupted one is begun
 * anew. The very first only sets its mark: what was before us comes by import, not by surprise.
 * @throws ConnectorError of the listing's adapter
 */
export async function backfill(deps: {
  db: Database;
  listing: EventListing;
  log: Log;
  now: () => Date;
  livemode: boolean;
  onStored: (customerId: string) => void;
}): Promise<BackfillResult> {
  const { db, log } = deps;
  const begun = deps.now();
  const mark = await readMark(db);
  let listed = 0;
  let gap = 0;
  if (mark !== null) {
    if (begun.getTime() - mark.getTime() > KEPT_MS) {
      log.error({ since: mark }, 'away longer than Stripe keeps events (30 days): run "cli sync --all"');
    }
    const createdSince = new Date(Math.max(mark.getTime() - OVERLAP_MS, begun.getTime() - KEPT_MS));
    for await (const page of pages(deps.listing, createdSince)) {
      const ours = page.flatMap((event) => recognised(event, deps.livemode));
      const fresh = await storeEvents(db, { events: ours, source: 'backfill', now: begun });
      listed += ours.length;
      gap += fresh.length;
      const isFresh = new Set(fresh);
      const customers = ours.flatMap((event) =>
        isFresh.has(event.id) && event.customer ? [event.customer] : [],
      );
      for (const customerId of new Set(customers)) deps.onStored(customerId);
    }
  }
  await writeMark(db, begun);
  log[gap > 0 ? 'warn' : 'info']({ listed, gap, since: mark }, 'missed events fetched');
  return { listed, gap };
}

async function* pages(listing: EventListing, createdSince: Date): AsyncGenerator<EventPage['events']> {
  let startingAfter: string | null = null;
  for (;;) {
    const page: EventPage = await listing.page({ createdSince, startingAfter });
    yield page.events;
    startingAfter = page.events.at(-1)?.id ?? null;
    if (!page.hasMore || startingAfter === null) return;
  }
}

/** Types we do not listen to would fill the inbox and never be worked on. */
function recognised(event: unknown, livemode: boolean): readonly IncomingEvent[] {
  const incoming = readEvent(event, JSON.stringify(event));
  const wanted =
    incoming !== null && incoming.livemode === livemode && eventTable.find(incoming.type) !== undefined;
  return wanted ? [incoming] : [];
}

async function readMark(sql: Sql): Promise<Date | null> {
  const { rows } = await sql.query<{ value: string }>('select value from cursors where name = $1', [CURSOR]);
  return rows[0] === undefined ? null : new Date(rows[0].value);
}

async function writeMark(sql: Sql, at: Date): Promise<void> {
  await sql.query(
    `insert into cursors (name, value) values ($1, $2)
     on conflict (name) do update set value = excluded.value, updated_at = now()`,
    [CURSOR, at.toISOString()],
  );
}
