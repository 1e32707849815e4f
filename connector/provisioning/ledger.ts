/** What a run has done, by the step's name. Every write is fenced by the job's claim: a stale owner's is refused. */
import type { Database, Tx } from '../db/database.ts';
import type { ConnectorError } from '../errors.ts';
import type { Claim, Jobs } from '../jobs/jobs.ts';
import type { RunKind, StepName } from './step-plan.ts';
import { mustWait } from './turn.ts';

export type RunStatus = 'queued' | 'running' | 'waiting' | 'needs_attention' | 'done' | 'superseded';

export interface RunRow {
  readonly id: string;
  readonly kind: RunKind;
  readonly subscriptionId: number;
  readonly status: RunStatus;
  readonly startedAt: Date | null;
  /** Of the delivery that started it. */
  readonly requestId: string | null;
}

export interface StepRow {
  readonly name: StepName;
  readonly status: 'running' | 'waiting' | 'failed' | 'done';
  readonly result: unknown;
  readonly attempts: number;
  readonly retryAt: Date | null;
  readonly error: StepError | null;
}

export interface StepError {
  readonly kind: string;
  readonly code: string;
  readonly message: string;
  readonly advice: string | null;
  readonly system: string | null;
  /** The system was away: waiting for it has no end of its own. */
  readonly unreachable: boolean;
}

/** The run is not ours to go on with: somebody superseded or ended it meanwhile. */
export class RunNotLive extends Error {
  override readonly name = 'RunNotLive';
}

export function stepError(error: ConnectorError): StepError {
  return {
    kind: error.kind,
    code: error.code,
    message: error.message,
    advice: error.advice ?? null,
    system: error.system ?? null,
    unreachable: error.unreachable,
  };
}

/** As it comes inside a JSON value, where dates are text. */
type StoredStep = Omit<StepRow, 'retryAt'> & { readonly retryAt: string | null };

const withDate = (step: StoredStep): StepRow => ({
  ...step,
  retryAt: step.retryAt === null ? null : new Date(step.retryAt),
});

export interface DoneStep {
  readonly name: StepName;
  readonly result: unknown;
  readonly ms: number;
}

export interface Ledger {
  /** Takes the run up, with what is done of it so far. */
  begin(): Promise<{ readonly run: RunRow; readonly steps: Map<StepName, StepRow> }>;
  /** In one write: these are done, and those begin. Neither list may name what the other names. */
  advance(input: {
    readonly done: readonly DoneStep[];
    readonly started: readonly StepName[];
    readonly at: Date;
  }): Promise<void>;
  failed(
    name: StepName,
    input: { status: 'waiting' | 'failed'; error: ConnectorError; attempts: number; retryAt: Date | null },
  ): Promise<void>;
  /** Ends this turn of the run; `also` runs in the same transaction. */
  leave(
    status: 'waiting' | 'needs_attention' | 'done',
    cause: object | null,
    also?: (tx: Tx) => Promise<void>,
  ): Promise<void>;
}

// The fence of a single statement, all in one round trip: the job is still this claim's and the run still runs. Both rows
// stay locked until the statement is committed, so that a takeover or an end waits for it.
const OWN = `own as (select 1 from pgboss.job where name = $1 and id = $2::uuid and state = 'active' and retry_count = $3 for share)`;
const FENCE = `with ${OWN},
  live as (select 1 from runs where id = $4 and status = 'running' for share)`;

/** The ledger of one run, as the holder of `claim` may write it. @throws LostClaim, RunNotLive */
export function openLedger(
  deps: { db: Database; jobs: Pick<Jobs, 'hold'> },
  claim: Claim,
  runId: string,
): Ledger {
  const fenced = (work: (tx: Tx) => Promise<void>): Promise<void> =>
    deps.db.tx(async (tx) => {
      await deps.jobs.hold(tx, claim);
      const live = await tx.query("select 1 from runs where id = $1 and status = 'running' for share", [
        runId,
      ]);
      if (live.rowCount === 0) throw new RunNotLive(`run ${runId} is no longer running`);
      await work(tx);
    });

  const fence = [claim.queue, claim.jobId, claim.retryCount, runId];

  /** @param statement goes on after FENCE and must be empty unless `own` and `live` are there; parameters from $5 */
  async function writeFenced(statement: string, params: readonly unknown[]): Promise<void> {
    const written = await deps.db.query(`${FENCE} ${statement}`, [...fence, ...params]);
    if (written.rowCount > 0) return;
    // Which of the two it was; when neither, the row to be changed is missing, which only a defect can bring about.
    await fenced(async () => {});
    throw new Error(`the ledger of run ${runId} has no such step`);
  }

  return {
    async begin() {
      // The claim was taken only when the last owner's writes were committed: this statement sees them all.
      const begun = await deps.db.query<RunRow & { steps: readonly StoredStep[] }>(
        `with ${OWN}
         update runs r set status = 'running', started_at = coalesce(started_at, now()) from own
          where id = $4 and status in ('queued', 'waiting', 'running')
            and not ${mustWait('r')}
          returning id, kind, subscription_id as "subscriptionId", status, started_at as "startedAt",
            request_id as "requestId",
            (select coalesce(jsonb_agg(jsonb_build_object('name', name, 'status', s.status, 'result', result,
               'attempts', attempts, 'retryAt', retry_at, 'error', error)), '[]') from steps s where run_id = $4) as steps`,
        fence,
      );
      if (begun.rows[0] !== undefined) {
        const { steps, ...run } = begun.rows[0];
        return { run, steps: new Map(steps.map((step) => [step.name, withDate(step)])) };
      }
      await deps.db.tx((tx) => deps.jobs.hold(tx, claim));
      throw new RunNotLive(`run ${runId} has nothing to do now`);
    },

    advance: ({ done, started, at }) =>
      writeFenced(
        `, ended as (
           update steps set status = 'done', result = d.result, ms = d.ms, finished_at = $7, attempts = attempts + 1,
             error = null, retry_at = null
             from jsonb_to_recordset($5::jsonb) as d (name text, result jsonb, ms int), own, live
            where run_id = $4 and steps.name = d.name returning 1),
         begun as (
           insert into steps (run_id, name, status, started_at)
           select $4, name, 'running', $7 from unnest($6::text[]) as name, own, live
           on conflict (run_id, name) do update set status = 'running', started_at = excluded.started_at, retry_at = null
             where steps.status <> 'done' returning 1)
         select 1 from ended union all select 1 from begun`,
        [
          JSON.stringify(done.map(({ result, ...step }) => ({ ...step, result: result ?? null }))),
          started,
          at,
        ],
      ),

    failed: (name, { status, error, attempts, retryAt }) =>
      writeFenced(
        `update steps set status = $6, error = $7::jsonb, attempts = $8, retry_at = $9 from own, live
          where run_id = $4 and name = $5`,
        [name, status, JSON.stringify(stepError(error)), attempts, retryAt],
      ),

    leave: (status, cause, also) =>
      fenced(async (tx) => {
        await tx.query(
          `update runs set status = $2, cause = $3::jsonb, finished_at = case when $2 = 'done' then now() end where id = $1`,
          [runId, status, cause === null ? null : JSON.stringify(cause)],
        );
        await also?.(tx);
      }),
  };
}
