import type { Sql } from '../db/database.ts';

/**
 * Claims one tick of a named schedule for this instance: true for exactly one caller over all instances and restarts.
 * `slot` is the instant the tick was scheduled for, never now(): a late instance must land in the slot it is late for.
 * A slot older than the last one claimed is refused, so one row a schedule is enough.
 */
export async function claimTick(sql: Sql, name: string, slot: Date): Promise<boolean> {
  const { rows } = await sql.query(
    `insert into cursors (name, value) values ($1, $2)
     on conflict (name) do update set value = excluded.value, updated_at = now() where cursors.value < excluded.value
     returning name`,
    // ISO 8601 in UTC orders as text.
    [`tick:${name}`, slot.toISOString()],
  );
  return rows.length === 1;
}
