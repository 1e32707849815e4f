/** `sync_passes` and `drifts`: how far a pass has come, who works on it, and what is known to disagree. */
import type { Database, Sql, Tx } from '../../db/database.ts';
import { DRIFT_RULES, type Drift } from './drift.ts';

export type PassKind = 'full' | 'import';

export interface PassRow {
  readonly id: number;
  readonly kind: PassKind;
  readonly dryRun: boolean;
  /** Of the last subscription compared; null: at the beginning. */
  readonly cursor: string | null;
  /** Creation of that subscription: ours older than it are compared with the next page. */
  readonly cursorCreated: Date | null;
  /** Stripe's list is done. */
  readonly listed: boolean;
  readonly looked: number;
  /** Findings by kind. */
  readonly found: Readonly<Record<string, number>>;
  readonly startedAt: Date;
  readonly finishedAt: Date | null;
  readonly cause: { readonly code: string; readonly message: string; readonly advice?: string } | null;
}

export interface DriftRow {
  readonly kind: Drift['kind'];
  readonly subject: string;
  readonly customerId: string | null;
  readonly severity: 'info' | 'warning' | 'critical';
  readonly healed: boolean;
  readonly details: Readonly<Record<string, unknown>> | null;
  readonly firstSeen: Date;
  readonly lastSeen: Date;
}

// A page takes a second or two; whoever has not moved for this long is dead.
const LEASE_MS = 60_000;

const COLUMNS = `id, kind, dry_run as "dryRun", cursor, cursor_created as "cursorCreated", listed, looked, found,
  started_at as "startedAt", finished_at as "finishedAt", cause`;

/** A new pass, or the unfinished one of the same kind: two of them would do the same twice. */
export async function beginPass(
  db: Database,
  input: { kind: PassKind; dryRun: boolean; now: Date },
): Promise<PassRow> {
  return db.tx(async (tx) => {
    await tx.query('lock table sync_passes in share row exclusive mode');
    const { rows } = await tx.query<PassRow>(
      `select ${COLUMNS} from sync_passes where kind = $1 and dry_run = $2 and finished_at is null`,
      [input.kind, input.dryRun],
    );
    if (rows[0] !== undefined) return rows[0];
    const made = await tx.query<PassRow>(
      `insert into sync_passes (kind, dry_run, started_at) values ($1, $2, $3) returning ${COLUMNS}`,
      [input.kind, input.dryRun, input.now],
    );
    return made.rows[0]!;
  });
}

/** @returns undefined: another process works on it, it is finished, or there is none */
export async function leasePass(
  sql: Sql,
  input: { id: number; holder: string; now: Date },
): Promise<PassRow | undefined> {
  const { rows } = await sql.query<PassRow>(
    `update sync_passes set holder = $2, lease_until = $3
      where id = $1 and finished_at is null and (holder is null or holder = $2 or lease_until < $4)
      returning ${COLUMNS}`,
    [input.id, input.holder, new Date(input.now.getTime() + LEASE_MS), input.now],
  );
  return rows[0];
}

export async function unfinishedPasses(sql: Sql): Promise<readonly number[]> {
  const { rows } = await sql.query<{ id: number }>(
    'select id from sync_passes where finished_at is null order by id',
  );
  return rows.map((row) => row.id);
}

/** @returns undefined: no such pass */
export async function showPass(sql: Sql, id: number): Promise<PassRow | undefined> {
  const { rows } = await sql.query<PassRow>(`select ${COLUMNS} from sync_passes where id = $1`, [id]);
  return rows[0];
}

/** What a page found and how far the pass has come, together: after a crash it goes on at the next page. */
export async function saveProgress(
  tx: Tx,
  input: {
    pass: PassRow;
    looked: number;
    /** Counted. */
    drifts: readonly Drift[];
    /** Of those, what is written down until it is over. */
    report: readonly Drift[];
    cursor?: { readonly id: string; readonly created: Date };
    listed?: boolean;
    now: Date;
  },
): Promise<void> {
  const { pass, drifts, report } = input;
  const found: Record<string, number> = {};
  for (const { kind } of drifts) found[kind] = (found[kind] ?? 0) + 1;
  await tx.query(
    `update sync_passes set looked = looked + $2, cursor = coalesce($3, cursor),
       cursor_created = coalesce($4, cursor_created), listed = listed or $5, lease_until = $6,
       found = (select coalesce(jsonb_object_agg(k, n), '{}') from (
         select k, sum(v::int) as n from (select * from jsonb_each_text(found) union all
           select * from jsonb_each_text($7::jsonb)) both_(k, v) group by k) counted)
      where id = $1`,
    [
      pass.id,
      input.looked,
      input.cursor?.id ?? null,
      input.cursor?.created ?? null,
      input.listed ?? false,
      new Date(input.now.getTime() + LEASE_MS),
      JSON.stringify(found),
    ],
  );
  if (report.length === 0) return;
  await tx.query(
    `insert into drifts (kind, subject, customer_id, severity, healed, details, first_seen, last_seen, pass_id)
     select d.kind, d.subject, d."customerId", d.severity, d.healed, d.details, $2, $2, $3
       from jsonb_to_recordset($1::jsonb) as d(kind text, subject text, "customerId" text, severity text, healed boolean, details jsonb)
     on conflict (kind, subject) do update set last_seen = excluded.last_seen, pass_id = excluded.pass_id,
       details = excluded.details, customer_id = excluded.customer_id, resolved_at = null`,
    [
      JSON.stringify(
        report.map((each) => ({
          ...each,
          severity: DRIFT_RULES[each.kind].severity,
          healed: DRIFT_RULES[each.kind].healed,
        })),
      ),
      input.now,
      pass.id,
    ],
  );
}

/** A full pass that came to its end has seen everything: what it did not find again is over. */
export async function finishPass(
  tx: Tx,
  input: { pass: PassRow; now: Date; cause?: PassRow['cause'] },
): Promise<void> {
  const { pass, now, cause = null } = input;
  await tx.query('update sync_passes set finished_at = $2, cause = $3::jsonb, holder = null where id = $1', [
    pass.id,
    now,
    cause === null ? null : JSON.stringify(cause),
  ]);
  if (pass.kind === 'full' && cause === null) {
    await tx.query('update drifts set resolved_at = $2 where last_seen < $1 and resolved_at is null', [
      pass.startedAt,
      now,
    ]);
  }
}

/** The gravest first. @param filter.open only what no pass mends by itself */
export async function listDrifts(
  sql: Sql,
  filter: { open?: boolean; limit: number },
): Promise<readonly DriftRow[]> {
  const { rows } = await sql.query<DriftRow>(
    `select kind, subject, customer_id as "customerId", severity, healed, details, first_seen as "firstSeen",
            last_seen as "lastSeen"
       from drifts where resolved_at is null and (not $1::boolean or not healed)
      order by case severity when 'critical' then 0 when 'warning' then 1 else 2 end, first_seen, subject limit $2`,
    [filter.open ?? false, filter.limit],
  );
  return rows;
}
