import type { Tx } from '../db/database.ts';
import type { ConnectorError } from '../errors.ts';

const MINUTE_MS = 60_000;
const LONGEST_MINUTES = 60;

/**
 * Sets a customer aside with the reason, until its time, a new event or the next start. Its events stay open. The
 * customer may be new to us: then the row is made here.
 *
 * What may pass by itself is tried again after a minute, then two, four, up to an hour: somebody has paid and waits.
 * What will not is tried hourly.
 * @returns when it is tried again
 */
export async function parkCustomer(
  tx: Tx,
  input: { customerId: string; error: ConnectorError; now: Date },
): Promise<Date> {
  const { kind, code, message, advice, system } = input.error;
  const parked = await tx.query<{ count: number }>(
    `insert into customers (id, parked_at, park_cause, park_count) values ($1, $2, $3::jsonb, 1)
     on conflict (id) do update set parked_at = excluded.parked_at, park_cause = excluded.park_cause,
       park_count = customers.park_count + 1, sync_wanted_at = null
     returning park_count as count`,
    [input.customerId, input.now, JSON.stringify({ kind, code, message, advice, system })],
  );
  const minutes = kind === 'retryable' ? 2 ** Math.min(parked.rows[0]!.count - 1, 10) : LONGEST_MINUTES;
  const retryAt = new Date(input.now.getTime() + Math.min(minutes, LONGEST_MINUTES) * MINUTE_MS);
  await tx.query('update customers set retry_at = $2 where id = $1', [input.customerId, retryAt]);
  return retryAt;
}
