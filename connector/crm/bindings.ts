/** `erp_records`: the intent to make a record is written before the call, its ERP id after. */
import type { Sql } from '../db/database.ts';
import { qualified } from './ids.ts';

export interface Binding {
  /** null: a create was begun and its answer never read. */
  readonly resId: number | null;
  readonly version: number;
  readonly valuesHash: string | null;
  /** Optional columns the ERP refused, with its reason. */
  readonly refused: Readonly<Record<string, string>>;
}

interface Row {
  external_id: string;
  res_id: number | null;
  version: number;
  values_hash: string | null;
  refused: Record<string, string>;
}

/** Known bindings by name. */
export async function findBindings(sql: Sql, names: readonly string[]): Promise<Map<string, Binding>> {
  const { rows } = await sql.query<Row>(
    'select external_id, res_id, version, values_hash, refused from erp_records where external_id = any($1)',
    [names.map(qualified)],
  );
  const known = new Map(rows.map((row) => [row.external_id, row]));
  return new Map(
    names.flatMap((name) => {
      const row = known.get(qualified(name));
      if (row === undefined) return [];
      const { res_id: resId, version, values_hash: valuesHash, refused } = row;
      return [[name, { resId, version, valuesHash, refused }]];
    }),
  );
}

/** @returns the names whose intent is new: nobody, not even a process that died, has asked the ERP for them */
export async function intend(sql: Sql, model: string, names: readonly string[]): Promise<Set<string>> {
  const { rows } = await sql.query<{ external_id: string }>(
    `insert into erp_records (external_id, model) select unnest($1::text[]), $2
     on conflict (external_id) do nothing returning external_id`,
    [names.map(qualified), model],
  );
  const fresh = new Set(rows.map((row) => row.external_id));
  return new Set(names.filter((name) => fresh.has(qualified(name))));
}

export interface Bound {
  readonly name: string;
  readonly resId: number;
  readonly refused?: Readonly<Record<string, string>>;
  readonly version?: number;
  readonly valuesHash?: string;
}

export async function bind(sql: Sql, records: readonly Bound[]): Promise<void> {
  if (records.length === 0) return;
  await sql.query(
    `update erp_records r set res_id = b.res_id, gone_at = null, written_at = now(),
       version = greatest(r.version, coalesce(b.version, 0)),
       values_hash = coalesce(b.values_hash, r.values_hash),
       refused = r.refused || coalesce(b.refused, '{}'::jsonb)
     from jsonb_to_recordset($1::jsonb)
       as b (external_id text, res_id bigint, version bigint, values_hash text, refused jsonb)
     where r.external_id = b.external_id`,
    [
      JSON.stringify(
        records.map((record) => ({
          external_id: qualified(record.name),
          res_id: record.resId,
          version: record.version ?? null,
          values_hash: record.valuesHash ?? null,
          refused: record.refused ?? null,
        })),
      ),
    ],
  );
}

export async function markGone(sql: Sql, name: string, at: Date): Promise<void> {
  await sql.query('update erp_records set gone_at = coalesce(gone_at, $2) where external_id = $1', [
    qualified(name),
    at,
  ]);
}

export async function forget(sql: Sql, name: string): Promise<void> {
  await sql.query('delete from erp_records where external_id = $1', [qualified(name)]);
}
