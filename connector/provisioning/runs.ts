/** Runs as operators read them. */
import type { Sql } from '../db/database.ts';
import type { RunStatus, StepError } from './ledger.ts';
import { RUN_PLANS } from './run-plans.ts';
import type { RunKind, StepName } from './step-plan.ts';

export interface RunSummary {
  readonly id: string;
  readonly kind: RunKind;
  readonly status: RunStatus;
  readonly subscriptionId: number;
  readonly subscription: string;
  readonly customer: string;
  readonly organisationId: number | null;
  readonly organisation: string | null;
  readonly cause: Readonly<Record<string, unknown>> | null;
  readonly createdAt: Date;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
}

export interface RunDetails extends RunSummary {
  readonly steps: readonly {
    name: StepName;
    status: 'pending' | 'running' | 'waiting' | 'failed' | 'done';
    attempts: number;
    ms: number | null;
    retryAt: Date | null;
    result: unknown;
    error: StepError | null;
  }[];
}

const SELECT = `select r.id, r.kind, r.status, r.subscription_id as "subscriptionId", s.provider_id as subscription,
    s.customer_id as customer, s.organisation_id as "organisationId", g.name as organisation, r.cause, r.created_at as "createdAt",
    r.started_at as "startedAt", r.finished_at as "finishedAt"
  from runs r join subscriptions s on s.id = r.subscription_id
  left join organisations g on g.id = s.organisation_id`;

/** Newest first. @param filter.before the id of the last run of the page before */
export async function listRuns(
  sql: Sql,
  filter: { status?: RunStatus; before?: string; limit: number },
): Promise<readonly RunSummary[]> {
  const found = await sql.query<RunSummary>(
    `${SELECT} where ($1::text is null or r.status = $1)
       and ($2::uuid is null or (r.created_at, r.id) < (select created_at, id from runs where id = $2))
     order by r.created_at desc, r.id desc limit $3`,
    [filter.status ?? null, filter.before ?? null, filter.limit],
  );
  return found.rows;
}

/** @returns undefined when there is no such run */
export async function showRun(sql: Sql, id: string): Promise<RunDetails | undefined> {
  const found = await sql.query<RunSummary>(`${SELECT} where r.id = $1`, [id]);
  const run = found.rows[0];
  if (run === undefined) return undefined;
  const rows = await sql.query<RunDetails['steps'][number]>(
    'select name, status, attempts, ms, retry_at as "retryAt", result, error from steps where run_id = $1',
    [id],
  );
  const steps = new Map(rows.rows.map((step) => [step.name, step]));
  return {
    ...run,
    steps: RUN_PLANS[run.kind].map(
      ({ name }) =>
        steps.get(name) ?? {
          name,
          status: 'pending',
          attempts: 0,
          ms: null,
          retryAt: null,
          result: null,
          error: null,
        },
    ),
  };
}
