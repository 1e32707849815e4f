/** Only one process writes to the ERP's records at a time: two could pass each other on the way, the older arriving last. */
import type { Sql } from '../db/database.ts';

const NAME = 'erp_outbox_lease';
// Longer than the longest call (write time-out 120 s), so that a process that died has nothing under way any more.
const LEASE_MS = 150_000;
/** Taken within this time it still outlasts a call that begins now. */
export const LEASE_FRESH_MS = 20_000;

/** @returns whether `holder` has the lease now; taking it again prolongs it */
export async function takeLease(sql: Sql, holder: string, now: Date): Promise<boolean> {
  const { rowCount } = await sql.query(
    `insert into cursors as c (name, value, updated_at) values ($1, $2, $3)
     on conflict (name) do update set value = excluded.value, updated_at = excluded.updated_at
     where c.value = excluded.value or c.updated_at < $4`,
    [NAME, holder, now, new Date(now.getTime() - LEASE_MS)],
  );
  return rowCount === 1;
}

export async function releaseLease(sql: Sql, holder: string): Promise<void> {
  await sql.query('delete from cursors where name = $1 and value = $2', [NAME, holder]);
}
