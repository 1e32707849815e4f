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
  /** How many there are to look at, as far as is known at the beginning: Stripe may have more. */
  readonly expected: number;
  /** Findings by kind. */
  readonly found: Readonly<Record<string, number>>;
  readonly startedAt: Date;
  readonly finishedAt: Date | null;
  readonly cause: { readonly code: string; readonly message: string; readonly advice?: string } | null;
}

/** What a pass does about something it found: `mends` and `takes_over` through the customer's lane, `tells` staff. */
export type Treatment = 'mends' | 'takes_over' | 'tells';

export interface Finding extends Drift {
  readonly severity: DriftRow['severity'];
  readonly treatment: Treatment;
}

export interface PassDetails extends PassRow {
  /** The first thousand, in the order they were found. */
  readonly findings: readonly Finding[];
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

const COLUMNS = `id, kind, dry_run as "dryRun", cursor, cursor_created as "cursorCreated", listed, looked, expected, found,
  started_at as "startedAt", finished_at as "finishedAt", cause`;

// Looked at after Stripe's list: the ERP's records, the keys we gave out.
const ELSEWHERE = `(select count(*) from erp_records where res_id is not null and gone_at is null
    and external_id like 'stripe\\_connector.subscription\\_%\\_record')
  + (select count(*) from storages where key_id is not null)`;

const FINDINGS = 1_000;

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
      `insert into sync_passes (kind, dry_run, started_at, expected) values ($1, $2, $3,
         (select count(*) from subscriptions) + case when $1 = 'full' then ${ELSEWHERE} else 0 end) returning ${COLUMNS}`,
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
export async function showPass(sql: Sql, id: number): Promise<PassDetails | undefined> {
  const { rows } = await sql.query<PassDetails>(
    `select ${COLUMNS}, findings from sync_passes where id = $1`,
    [id],
  );
  return rows[0];
}

/**
 * What a page found and how far the pass has come, together: after a crash it goes on at the next page.
 * @returns false: another process has taken the pass over; roll back
 */
export async function saveProgress(
  tx: Tx,
  input: {
    pass: PassRow;
    holder: string;
    looked: number;
    /** Counted and listed. */
    drifts: readonly Finding[];
    /** Of those, what is written down until it is over. */
    report: readonly Drift[];
    cursor?: { readonly id: string; readonly created: Date };
    listed?: boolean;
    now: Date;
  },
): Promise<boolean> {
  const { pass, drifts, report } = input;
  const found: Record<string, number> = {};
  for (const { kind } of drifts) found[kind] = (found[kind] ?? 0) + 1;
  const saved = await tx.query(
    `update sync_passes set looked = looked + $2, cursor = coalesce($3, cursor),
       cursor_created = coalesce($4, cursor_created), listed = listed or $5, lease_until = $6,
       found = (select coalesce(jsonb_object_agg(k, n), '{}') from (
         select k, sum(v::int) as n from (select * from jsonb_each_text(found) union all
           select * from jsonb_each_text($7::jsonb)) both_(k, v) group by k) counted),
       findings = case when jsonb_array_length(findings) < ${FINDINGS} then findings || $8::jsonb else findings end
      where id = $1 and holder = $9`,
    [
      pass.id,
      input.looked,
      input.cursor?.id ?? null,
      input.cursor?.created ?? null,
      input.listed ?? false,
      new Date(input.now.getTime() + LEASE_MS),
      JSON.stringify(found),
      JSON.stringify(drifts.slice(0, FINDINGS)),
      input.holder,
    ],
  );
  if (saved.rowCount === 0) return false;
  if (report.length === 0) return true;
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
  return true;
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
