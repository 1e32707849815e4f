/** Fetches what Stripe could not deliver while we were away into the same inbox; the gap found is a number to watch. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Database, Sql } from '../db/database.ts';
import { asConnectorError } from '../errors.ts';
import type { Log } from '../log.ts';
import { createHourCount, tally, writeHours } from './event-hours.ts';
import { eventTable } from './event-table.ts';
import { type IncomingEvent, readEvent } from './incoming.ts';
import { storeEvents } from './store.ts';

/** What the inbox needs of Stripe: `GET /v1/events` of at most twenty types, newest first, a hundred a page. */
export interface EventListing {
  page(input: EventsWanted & { startingAfter: string | null }): Promise<EventPage>;
}

interface EventsWanted {
  readonly types: readonly string[];
  readonly createdSince: Date;
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
  /** Whose those are: they are read anew. */
  readonly customers: readonly string[];
}

/** An event shows in the list, and its delivery may still be on the way, some time after its `created`. */
const OVERLAP_MS = 3_600_000;
/** Stripe keeps events for 30 days (docs.stripe.com/api/events). */
const KEPT_MS = 30 * 86_400_000;
const CURSOR = 'backfill';
const PAGE_TRIES = 5;
/** "Up to 20 strings containing specific event names" (docs.stripe.com/api/events/list). */
const TYPES_A_LIST = 20;

export interface BackfillWish {
  /** From there instead of the last time, as far as Stripe keeps events. */
  readonly since?: Date;
  /** Only counts: nothing is stored, and the next one begins where this one did. */
  readonly dryRun?: boolean;
}

export interface BackfillDeps {
  readonly db: Database;
  readonly listing: EventListing;
  readonly log: Log;
  readonly now: () => Date;
  readonly livemode: boolean;
  /** A customer whose lane has work now. */
  readonly onStored: (customerId: string) => void;
  /** Milliseconds; for tests. */
  readonly wait?: (ms: number) => Promise<unknown>;
}

/**
 * Reads the window since the last complete backfill and stores it whole before the first lane begins, so that a long
 * outage's events of one customer become one look at Stripe. An interrupted one is begun anew. The very first only
 * sets its mark: what was before us comes by import, not by surprise.
 * @throws ConnectorError of the listing's adapter
 */
export async function backfill(
  deps: BackfillDeps,
  { since, dryRun = false }: BackfillWish = {},
): Promise<BackfillResult> {
  const { db, log } = deps;
  const begun = deps.now();
  const mark = await readMark(db);
  if (mark !== null && begun.getTime() - mark.getTime() > KEPT_MS) {
    log.error({ since: mark }, 'away longer than Stripe keeps events (30 days): run "cli sync --full"');
  }
  const from = since ?? (mark === null ? undefined : new Date(mark.getTime() - OVERLAP_MS));
  const result =
    from === undefined
      ? { listed: 0, gap: 0, customers: [] }
      : await fetchWindow(deps, { from, until: begun, dryRun });
  if (dryRun) return result;
  await writeMark(db, begun);
  const day = await tally(db, begun);
  const { listed, gap } = result;
  log[gap > 0 ? 'warn' : 'info']({ listed, gap, since: from }, 'missed events fetched');
  log.info(day, `last ${day.hours} h: ${day.atStripe} at Stripe, ${day.here} here, ${day.missing} missing`);
  return result;
}

async function fetchWindow(
  deps: BackfillDeps,
  { from, until, dryRun }: { from: Date; until: Date; dryRun: boolean },
): Promise<BackfillResult> {
  const createdSince = new Date(Math.max(from.getTime(), until.getTime() - KEPT_MS));
  const customers = new Set<string>();
  const hours = createHourCount({ from: createdSince, until });
  let listed = 0;
  let gap = 0;
  const take = async (page: EventPage['events']) => {
    const ours = page.flatMap((event) => recognised(event, deps.livemode));
    const fresh = new Set(
      dryRun
        ? await missing(deps.db, ours)
        : await storeEvents(deps.db, { events: ours, source: 'backfill', now: until }),
    );
    listed += ours.length;
    gap += fresh.size;
    for (const event of ours) {
      hours.add(event.created);
      if (fresh.has(event.id) && event.customer !== null) customers.add(event.customer);
    }
  };
  const lists = await Promise.allSettled(
    typeLists().map(async (types) => {
      for await (const page of pages(deps, { types, createdSince })) await take(page);
    }),
  );
  // Each comes to its end first, so that a failure leaves nothing under way.
  for (const list of lists) if (list.status === 'rejected') throw list.reason;
  const result = { listed, gap, customers: [...customers] };
  if (dryRun) return result;
  await writeHours(deps.db, hours.whole());
  for (const customerId of customers) deps.onStored(customerId);
  return result;
}

async function missing(sql: Sql, events: readonly IncomingEvent[]): Promise<readonly string[]> {
  const ids = events.map(({ id }) => id);
  const { rows } = await sql.query<{ id: string }>('select id from events where id = any($1)', [ids]);
  const here = new Set(rows.map(({ id }) => id));
  return ids.filter((id) => !here.has(id));
}

/** Types we do not listen to would be most of what Stripe holds, so ours are asked for by name. */
function typeLists(): readonly (readonly string[])[] {
  const types = eventTable.types();
  return Array.from({ length: Math.ceil(types.length / TYPES_A_LIST) }, (_, n) =>
    types.slice(n * TYPES_A_LIST, (n + 1) * TYPES_A_LIST),
  );
}

/** The next page is under way while one is worked on. */
async function* pages(deps: BackfillDeps, wanted: EventsWanted): AsyncGenerator<EventPage['events']> {
  const ask = (startingAfter: string | null): Promise<EventPage> => {
    const page = askPatiently(deps, { ...wanted, startingAfter });
    // Of one nobody waits for any more a failure concerns nobody.
    page.catch(() => {});
    return page;
  };
  for (let asked: Promise<EventPage> | null = ask(null); asked !== null; ) {
    const page: EventPage = await asked;
    const last = page.events.at(-1)?.id;
    asked = page.hasMore && last !== undefined ? ask(last) : null;
    yield page.events;
  }
}

/** Hundreds of pages must not begin anew, an hour later, because one came too soon for Stripe. */
async function askPatiently(
  { listing, wait = sleep }: BackfillDeps,
  input: Parameters<EventListing['page']>[0],
): Promise<EventPage> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await listing.page(input);
    } catch (thrown) {
      const { kind, unreachable, retryAfterMs } = asConnectorError(thrown);
      // Stripe away is the breaker's business.
      if (kind !== 'retryable' || unreachable || tries === PAGE_TRIES) throw thrown;
      await wait(Math.min(retryAfterMs ?? 0, 60_000) || 1_000 * tries);
    }
  }
}

function recognised(event: unknown, livemode: boolean): readonly IncomingEvent[] {
  const incoming = readEvent(event, JSON.stringify(event));
  return incoming?.livemode === livemode ? [incoming] : [];
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
