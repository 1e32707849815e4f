/**
 * Carries a run forward: starts every step whose needs are done, in parallel, records each in the ledger,
 * and leaves when nothing more can be done now. Any instance resumes at the first undone step.
 */
import type { Database, Tx } from '../db/database.ts';
import { databaseTrouble } from '../db/errors.ts';
import { asConnectorError, ConnectorError } from '../errors.ts';
import type { ClaimedJob, Jobs, Outcome } from '../jobs/jobs.ts';
import { type Log, withRequestId } from '../log.ts';
import {
  type DoneStep,
  type Ledger,
  openLedger,
  RunNotLive,
  type RunRow,
  type StepError,
  type StepRow,
  stepError,
} from './ledger.ts';
import { verdictOn } from './retry-policy.ts';
import { RUN_PLANS } from './run-plans.ts';
import { nextTurn } from './schedule-steps.ts';
import type { StepName } from './step-plan.ts';

/** Does one step's work. Must be safe to repeat: it may have been cut off anywhere before. @returns its result, JSON */
export type RunStep = (input: {
  readonly run: RunRow;
  readonly name: StepName;
  /** Results of the steps done so far. */
  readonly results: ReadonlyMap<StepName, unknown>;
}) => Promise<unknown>;

/** Called in the transaction that ends a run. @returns what to do once it is committed, such as waking a worker */
// biome-ignore lint/suspicious/noConfusingVoidType: most runs have nothing to wake
export type OnRunDone = (tx: Tx, run: RunRow) => Promise<(() => void) | void>;

/** Called in the transaction that leaves a run for a person. @returns what to do once it is committed */
export type OnRunStopped = (tx: Tx, run: RunRow, cause: RunCause) => Promise<() => void>;

/** Why a run was left: the step that failed, and what it said. */
export interface RunCause extends Partial<StepError> {
  readonly step: StepName | null;
}

export interface ExecuteDeps {
  readonly db: Database;
  readonly jobs: Pick<Jobs, 'hold'>;
  readonly log: Log;
  readonly now: () => Date;
  readonly runStep: RunStep;
  readonly onDone: OnRunDone;
  readonly onStopped?: OnRunStopped;
  readonly maxAttempts?: number;
  /** Milliseconds; default SOFT_WAIT_MS. */
  readonly softWaitMs?: number | undefined;
}

interface Progress {
  readonly run: RunRow;
  readonly ledger: Ledger;
  readonly steps: Map<StepName, StepRow>;
  readonly running: Map<StepName, Promise<void>>;
  /** Done, and not in the ledger yet: it is written together with what begins next. */
  ended: DoneStep[];
  /** Why this owner must stop at once (lost claim, superseded): kept here, since nobody may be awaiting the step then. */
  fatal: unknown;
}

/** @returns `again` with the moment something can be done again, else `done` (finished, or left for a person) */
export async function executeRun(deps: ExecuteDeps, job: ClaimedJob): Promise<Outcome> {
  try {
    const ledger = openLedger(deps, job, job.key);
    const { run, steps } = await ledger.begin();
    const progress = { run, ledger, steps, running: new Map(), ended: [], fatal: null };
    return await withRequestId(run.requestId ?? run.id, () => advance(deps, job, progress));
  } catch (error) {
    if (error instanceof RunNotLive) return { next: 'done' };
    throw error;
  }
}

async function advance(deps: ExecuteDeps, job: ClaimedJob, progress: Progress): Promise<Outcome> {
  const { run, ledger, steps, running } = progress;
  for (;;) {
    if (progress.fatal !== null) {
      await Promise.all(running.values());
      throw progress.fatal;
    }
    const now = deps.now();
    const done = progress.ended;
    progress.ended = [];
    for (const { name, result } of done) {
      const attempts = (steps.get(name)?.attempts ?? 0) + 1;
      steps.set(name, { name, status: 'done', result, attempts, retryAt: null, error: null });
    }
    const turn = nextTurn({
      plan: RUN_PLANS[run.kind],
      steps,
      running: new Set(running.keys()),
      startedAt: run.startedAt ?? now,
      now,
      softWaitMs: deps.softWaitMs,
    });
    const started = job.signal.aborted ? [] : turn.ready.map((step) => step.name);
    if (done.length + started.length > 0) {
      try {
        await ledger.advance({ done, started, at: now });
      } catch (error) {
        progress.fatal = error;
        continue;
      }
    }
    for (const { name, ms } of done) deps.log.info({ run: run.id, step: name, ms }, 'step done');
    for (const name of started) running.set(name, runOne(deps, progress, name));
    // What failed or ended while that was written is not in this turn yet.
    if (progress.ended.length > 0 || (running.size === 0 && done.length > 0)) continue;
    if (running.size === 0)
      return leave(deps, progress, { allDone: turn.allDone, wakeAt: job.signal.aborted ? now : turn.wakeAt });
    await Promise.race(running.values());
  }
}

/** Never rejects: what was done goes into `progress.ended`, a failure into the ledger, a lost claim into `progress.fatal`. */
async function runOne(deps: ExecuteDeps, progress: Progress, name: StepName): Promise<void> {
  const { run, steps, running } = progress;
  const attempts = steps.get(name)?.attempts ?? 0;
  const began = performance.now();
  try {
    const result = await deps
      .runStep({ run, name, results: resultsOf(steps) })
      .catch((thrown) => databaseTrouble(thrown) ?? asConnectorError(thrown));
    if (result instanceof ConnectorError) {
      await recordFailure(deps, progress, { name, attempts, error: result });
      return;
    }
    progress.ended.push({ name, result, ms: Math.round(performance.now() - began) });
  } catch (fatal) {
    progress.fatal = fatal;
  } finally {
    running.delete(name);
  }
}

function resultsOf(steps: ReadonlyMap<StepName, StepRow>): ReadonlyMap<StepName, unknown> {
  return new Map(
    [...steps].filter(([, step]) => step.status === 'done').map(([name, step]) => [name, step.result]),
  );
}

async function recordFailure(
  deps: ExecuteDeps,
  { run, ledger, steps }: Progress,
  { name, attempts, error }: { name: StepName; attempts: number; error: ConnectorError },
): Promise<void> {
  const verdict = verdictOn(error, {
    attempts,
    now: deps.now(),
    dice: Math.random(),
    ...(deps.maxAttempts !== undefined && { maxAttempts: deps.maxAttempts }),
  });
  await ledger.failed(name, { ...verdict, error });
  steps.set(name, { name, result: null, error: stepError(error), ...verdict });
  deps.log.warn({ run: run.id, step: name, err: error, ...verdict }, 'step did not succeed');
}

/**
 * One step has failed for good and the others only wait for a system that is away, which may last: a person is told now.
 * What waits goes on with the retry.
 */
function hopeless(steps: ReadonlyMap<StepName, StepRow>): boolean {
  const undone = [...steps.values()].filter((step) => step.status !== 'done');
  const waiting = undone.filter((step) => step.status === 'waiting');
  return (
    undone.some((step) => step.status === 'failed') &&
    waiting.every((step) => step.error?.unreachable === true)
  );
}

async function leave(
  deps: ExecuteDeps,
  { run, ledger, steps }: Progress,
  turn: { allDone: boolean; wakeAt: Date | null },
): Promise<Outcome> {
  if (turn.allDone) {
    let wake: (() => void) | undefined;
    await ledger.leave('done', null, async (tx) => {
      wake = (await deps.onDone(tx, run)) ?? undefined;
    });
    wake?.();
    deps.log.info({ run: run.id, kind: run.kind }, 'run done');
    return { next: 'done' };
  }
  if (turn.wakeAt !== null && !hopeless(steps)) {
    await ledger.leave('waiting', null);
    return { next: 'again', at: turn.wakeAt };
  }
  // Of several the first of the plan, whichever came to its end first.
  const failed = RUN_PLANS[run.kind]
    .map((step) => steps.get(step.name))
    .find((step) => step?.status === 'failed');
  const cause: RunCause = { step: failed?.name ?? null, ...failed?.error };
  let wake: (() => void) | undefined;
  await ledger.leave('needs_attention', cause, async (tx) => {
    wake = await deps.onStopped?.(tx, run, cause);
  });
  deps.log.error({ run: run.id, cause }, 'run needs attention');
  wake?.();
  return { next: 'done' };
}
