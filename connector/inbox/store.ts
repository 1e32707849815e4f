/** Writes events into the inbox: one INSERT, and an event that is there already is left as it is. */
import type { Sql } from '../db/database.ts';
import type { IncomingEvent } from './incoming.ts';

export type EventSource = 'webhook' | 'backfill';

const COLUMNS = [
  'id',
  'type',
  'api_version',
  'livemode',
  'customer',
  'object_id',
  'invoice',
  'created',
  'received_at',
  'source',
  'state',
  'cause',
  'payload',
] as const;

/**
 * Stores up to a few hundred events with one statement (PostgreSQL takes 65,535 parameters).
 * @returns the ids that were new.
 */
export async function storeEvents(
  sql: Sql,
  input: { events: readonly IncomingEvent[]; source: EventSource; now: Date },
): Promise<readonly string[]> {
  if (input.events.length === 0) return [];
  const params: unknown[] = [];
  for (const event of input.events) {
    params.push(
      event.id,
      event.type,
      event.apiVersion,
      event.livemode,
      event.customer,
      event.objectId,
      event.invoice,
      event.created,
      input.now,
      input.source,
      event.state,
      event.cause === null ? null : JSON.stringify({ code: event.cause }),
      event.payload,
    );
  }
  const { rows } = await sql.query<{ id: string }>(insertStatement(input.events.length), params);
  return rows.map((row) => row.id);
}

/** @returns false when the event was there already. */
export async function storeEvent(
  sql: Sql,
  input: { event: IncomingEvent; source: EventSource; now: Date },
): Promise<boolean> {
  const fresh = await storeEvents(sql, { events: [input.event], source: input.source, now: input.now });
  return fresh.length === 1;
}

const statements = new Map<number, string>();

/** One text per number of rows, so that the database meets the same statements again. */
function insertStatement(count: number): string {
  let statement = statements.get(count);
  if (statement === undefined) {
    const width = COLUMNS.length;
    const row = (index: number) =>
      `(${COLUMNS.map((_, column) => `$${index * width + column + 1}`).join(',')})`;
    const rows = Array.from({ length: count }, (_, index) => row(index)).join(',');
    statement = `insert into events (${COLUMNS.join(',')}) values ${rows} on conflict (id) do nothing returning id`;
    statements.set(count, statement);
  }
  return statement;
}
