/** `erp_outbox`: the newest version of each record that waits to be written. */
import { createHash } from 'node:crypto';
import type { Sql, Tx } from '../db/database.ts';
import type { Values } from './values.ts';

export interface OutboxRow {
  readonly externalId: string;
  readonly resId: number;
  readonly model: string;
  readonly version: number;
  readonly values: Values;
}

/** A newer version takes the place of an older one, also of one that was parked. */
export async function putInOutbox(
  tx: Tx,
  row: { externalId: string; model: string; version: number; values: Values },
): Promise<void> {
  await tx.query(
    `insert into erp_outbox as o (external_id, model, version, vals) values ($1, $2, $3, $4::jsonb)
     on conflict (external_id) do update set version = excluded.version, attempts = 0, parked_cause = null,
       retry_at = now(), vals = o.vals || excluded.vals
     where o.version < excluded.version`,
    [row.externalId, row.model, row.version, JSON.stringify(row.values)],
  );
}

/** Rows due whose record exists, oldest first; what is older than the ERP's version is dropped. */
export async function dueRows(sql: Sql, now: Date, limit: number): Promise<OutboxRow[]> {
  await sql.query(
    `delete from erp_outbox o using erp_records r
     where r.external_id = o.external_id and r.res_id is not null and r.version >= o.version`,
  );
  const { rows } = await sql.query<{
    external_id: string;
    res_id: number;
    model: string;
    version: number;
    vals: Values;
  }>(
    `select o.external_id, r.res_id, o.model, o.version, o.vals
     from erp_outbox o join erp_records r on r.external_id = o.external_id
     where r.res_id is not null and o.parked_cause is null and o.retry_at <= $1
     order by o.created_at limit $2`,
    [now, limit],
  );
  return rows.map((row) => ({
    externalId: row.external_id,
    resId: row.res_id,
    model: row.model,
    version: row.version,
    values: row.vals,
  }));
}

/** SHA-256, hex, of what a record was last given, whatever the order of its columns. */
export function valuesHash(values: Values): string {
  const sorted = Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(sorted)).digest('hex');
}

/** The ERP's record is not as we believed: what it holds may be written again, also what was refused once. */
export async function distrust(tx: Tx, input: { externalId: string; version: number }): Promise<void> {
  await tx.query('update erp_records set version = least(version, $2) where external_id = $1', [
    input.externalId,
    input.version,
  ]);
  await tx.query(
    'update erp_outbox set parked_cause = null, retry_at = now(), attempts = 0 where external_id = $1',
    [input.externalId],
  );
}

/** Written: the record's version rises, the row goes unless a newer one has come meanwhile. */
export async function settleRow(tx: Tx, row: OutboxRow, now: Date): Promise<void> {
  await tx.query(
    `update erp_records set version = greatest(version, $2), written_at = $3, values_hash = $4
      where external_id = $1`,
    [row.externalId, row.version, now, valuesHash(row.values)],
  );
  await tx.query('delete from erp_outbox where external_id = $1 and version <= $2', [
    row.externalId,
    row.version,
  ]);
}

export async function postponeRow(
  sql: Sql,
  row: OutboxRow,
  retryAt: Date,
  countsAttempt: boolean,
): Promise<void> {
  await sql.query(
    `update erp_outbox set retry_at = $3, attempts = attempts + $4 where external_id = $1 and version = $2`,
    [row.externalId, row.version, retryAt, countsAttempt ? 1 : 0],
  );
}

export async function parkRow(
  sql: Sql,
  row: OutboxRow,
  cause: { code: string; message: string; advice: string | undefined },
): Promise<void> {
  await sql.query('update erp_outbox set parked_cause = $3::jsonb where external_id = $1 and version = $2', [
    row.externalId,
    row.version,
    JSON.stringify(cause),
  ]);
}
