/** The inbox as operators read it, and events put back to work. */
import type { Database, Sql } from '../db/database.ts';
import { ConnectorError } from '../errors.ts';

export interface ListedEvent {
  readonly id: string;
  readonly seq: number;
  readonly type: string;
  readonly state: 'open' | 'done' | 'ignored' | 'parked';
  readonly customer: string | null;
  readonly objectId: string | null;
  readonly source: 'webhook' | 'backfill';
  readonly created: Date;
  readonly receivedAt: Date;
  readonly doneAt: Date | null;
  readonly cause: Readonly<Record<string, unknown>> | null;
}

export interface ShownEvent extends ListedEvent {
  readonly apiVersion: string | null;
  /** As Stripe sent it, tokens in our own addresses masked. */
  readonly payload: unknown;
}

export interface EventFilter {
  readonly state?: ListedEvent['state'];
  readonly type?: string;
  readonly customerId?: string;
  /** Received at or after. */
  readonly since?: Date;
  /** Waits because its customer's sync failed. */
  readonly failed?: boolean;
  /** Older than this `seq`: the last of the page before. */
  readonly before?: number;
  readonly limit: number;
}

const COLUMNS = `e.id, e.seq, e.type, e.state, e.customer, e.object_id as "objectId", e.source, e.created,
  e.received_at as "receivedAt", e.done_at as "doneAt", coalesce(c.park_cause, e.cause) as cause`;

// An event itself never fails: its customer is parked with the reason, and it stays open.
const FROM = `events e left join customers c on c.id = e.customer and c.parked_at is not null and e.state = 'open'`;

/** Newest first. */
export async function listEvents(sql: Sql, filter: EventFilter): Promise<readonly ListedEvent[]> {
  const { rows } = await sql.query<ListedEvent>(
    `select ${COLUMNS} from ${FROM}
      where ($1::text is null or e.state = $1) and ($2::text is null or e.type = $2)
        and ($3::text is null or e.customer = $3) and ($4::timestamptz is null or e.received_at >= $4)
        and (not $5::boolean or c.id is not null or e.state = 'parked') and ($6::bigint is null or e.seq < $6)
      order by e.seq desc limit $7`,
    [
      filter.state ?? null,
      filter.type ?? null,
      filter.customerId ?? null,
      filter.since ?? null,
      filter.failed ?? false,
      filter.before ?? null,
      filter.limit,
    ],
  );
  return rows;
}

/** @returns undefined: no such event here */
export async function showEvent(sql: Sql, id: string): Promise<ShownEvent | undefined> {
  const { rows } = await sql.query<ListedEvent & { apiVersion: string | null; payload: string }>(
    `select ${COLUMNS}, e.api_version as "apiVersion", e.payload from ${FROM} where e.id = $1`,
    [id],
  );
  const event = rows[0];
  return event && { ...event, payload: JSON.parse(event.payload) as unknown };
}

/** Which events are put back to work. */
export type Replay =
  | { readonly id: string }
  /** Those whose customers are parked. */
  | { readonly failed: true }
  /** Those received since then. */
  | { readonly since: Date };

export interface Replayed {
  readonly events: number;
  /** Whose lanes have work now: hint them. */
  readonly customers: readonly string[];
}

/**
 * Puts events back into their customers' lanes. Harmless at any time: a lane reads Stripe's present state, and what
 * was done for a fact before is not done again.
 * @throws ConnectorError absent `event_not_found`, conflict `event_has_no_work`
 */
export async function replayEvents(db: Database, what: Replay, now: Date): Promise<Replayed> {
  if ('failed' in what) return replayFailed(db, now);
  return db.tx(async (tx) => {
    const { rows } = await tx.query<{ customer: string }>(
      `update events set state = 'open', done_at = null
        where state <> 'ignored' and customer is not null and ${'id' in what ? 'id = $1' : 'received_at >= $1'}
        returning customer`,
      ['id' in what ? what.id : what.since],
    );
    if (rows.length === 0 && 'id' in what) throw await cannotReplay(tx, what.id);
    const customers = [...new Set(rows.map((row) => row.customer))];
    await tx.query('update customers set retry_at = $2 where id = any($1) and parked_at is not null', [
      customers,
      now,
    ]);
    return { events: rows.length, customers };
  });
}

async function replayFailed(db: Database, now: Date): Promise<Replayed> {
  const { rows } = await db.query<{ id: string; events: number }>(
    `update customers c set retry_at = $1 where parked_at is not null
     returning id, (select count(*) from events e where e.customer = c.id and e.state = 'open') as events`,
    [now],
  );
  return {
    events: rows.reduce((sum, row) => sum + row.events, 0),
    customers: rows.map((row) => row.id),
  };
}

async function cannotReplay(sql: Sql, id: string): Promise<ConnectorError> {
  const event = await showEvent(sql, id);
  return event === undefined
    ? new ConnectorError({
        kind: 'absent',
        code: 'event_not_found',
        message: `There is no event ${id} here.`,
        advice: 'Fetch what Stripe still has (30 days) with "cli backfill --since <date>".',
      })
    : new ConnectorError({
        kind: 'conflict',
        code: 'event_has_no_work',
        message: `No work follows from ${id} (${event.type}): ${String(event.cause?.code ?? 'ignored')}.`,
        advice: 'To read its customer anew, use "cli sync cus_…".',
      });
}
