/** `opportunities`: where each order's opportunity should stand in the ERP's pipeline, and where it was last brought. */
import type { Sql, Tx } from '../db/database.ts';
import type { Values } from './values.ts';

/** `paid` is the end: what an order was before never comes after it. */
export type PipelineStage = 'open' | 'abandoned' | 'lost' | 'paid';

export interface OpportunityRow {
  readonly orderId: number;
  readonly wanted: PipelineStage;
  readonly since: Date;
  readonly version: number;
  /** null: the ERP has nothing of it from us. */
  readonly shown: PipelineStage | null;
  readonly shownVersion: number;
  /** The cells we wrote, by column of a load. */
  readonly written: Values;
  readonly lookedAt: Date | null;
}

const ROW = `order_id as "orderId", wanted, since, version, shown, shown_version as "shownVersion", written,
  looked_at as "lookedAt"`;

/** Says where an order's opportunity should stand, in the transaction that says where the order stands. */
export async function wantOpportunity(
  tx: Tx,
  input: { orderId: number; stage: PipelineStage; now: Date },
): Promise<void> {
  await tx.query(
    `insert into opportunities as o (order_id, wanted, since, retry_at) values ($1, $2, $3, $3)
     on conflict (order_id) do update set wanted = excluded.wanted, version = o.version + 1,
       since = case when o.wanted = excluded.wanted then o.since else excluded.since end, retry_at = excluded.retry_at
     where o.wanted <> 'paid'`,
    [input.orderId, input.stage, input.now],
  );
}

/** Those abandoned since before `before` are given up. */
export async function giveUpAbandoned(sql: Sql, input: { before: Date; now: Date }): Promise<void> {
  await sql.query(
    `update opportunities set wanted = 'lost', version = version + 1, since = $2, retry_at = $2
      where wanted = 'abandoned' and since < $1`,
    [input.before, input.now],
  );
}

/**
 * What the ERP does not show yet, oldest first. What is paid is the provisioning run's; of that only the look for a
 * duplicate is left to do here.
 */
export async function dueOpportunities(
  sql: Sql,
  now: Date,
  limit: number,
): Promise<readonly OpportunityRow[]> {
  const { rows } = await sql.query<OpportunityRow>(
    `select ${ROW} from opportunities
      where retry_at <= $1 and ((wanted <> 'paid' and shown_version < version)
        or (looked_at is null and shown is not null))
      order by retry_at, order_id limit $2`,
    [now, limit],
  );
  return rows;
}

/** As it is now; the first to ask makes it. */
export async function readOpportunity(sql: Sql, orderId: number, now: Date): Promise<OpportunityRow> {
  const read = () =>
    sql.query<OpportunityRow>(`select ${ROW} from opportunities where order_id = $1`, [orderId]);
  const known = (await read()).rows[0];
  if (known !== undefined) return known;
  await sql.query(
    `insert into opportunities (order_id, wanted, since) values ($1, 'paid', $2) on conflict do nothing`,
    [orderId, now],
  );
  return (await read()).rows[0]!;
}

export async function recordShown(
  sql: Sql,
  input: { orderId: number; version: number; shown: PipelineStage; written?: Values },
): Promise<void> {
  await sql.query(
    `update opportunities set shown = $3, shown_version = greatest(shown_version, $2),
       written = written || $4::jsonb where order_id = $1`,
    [input.orderId, input.version, input.shown, JSON.stringify(input.written ?? {})],
  );
}

/** Orders whose company was flagged as one staff may have, and last looked at before `before`. */
export async function flaggedOrders(sql: Sql, before: Date): Promise<readonly number[]> {
  const { rows } = await sql.query<{ id: number }>(
    `select o.order_id as id from opportunities o
       join erp_records r on r.external_id = 'stripe_connector.activity_order_' || o.order_id || '_duplicate'
      where o.looked_at < $1 and r.res_id is not null order by o.looked_at limit 50`,
    [before],
  );
  return rows.map(({ id }) => id);
}

export async function recordLooked(sql: Sql, orderId: number, now: Date): Promise<void> {
  await sql.query('update opportunities set looked_at = $2 where order_id = $1', [orderId, now]);
}

export async function postponeOpportunity(sql: Sql, orderId: number, at: Date): Promise<void> {
  await sql.query('update opportunities set retry_at = $2 where order_id = $1', [orderId, at]);
}
