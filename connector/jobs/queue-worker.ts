/** One queue's worker: fetches into free slots, runs handlers, settles each job alone. */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { PgBoss } from 'pg-boss';
import type { Database, Sql } from '../db/database.ts';
import type { Log } from '../log.ts';
import { type Claim, type ClaimedJob, LostClaim, type Outcome, type QueueName } from './claim.ts';
import { createHints } from './hints.ts';
import { createReporter } from './reporter.ts';
import { complete, handBack, hasten, putOff, retryIn, touch } from './settle.ts';

export interface QueueDefinition {
  readonly name: QueueName;
  /** Handlers running at once in this process. */
  readonly slots: number;
  /** Keys that have work and no live job (see `noLiveJob`), oldest first. */
  readonly pending: (sql: Sql) => Promise<readonly string[]>;
  /** Whether this key has work now: asked once after its job is done, for work that came while it ran. */
  readonly hasWork?: (sql: Sql, key: string) => Promise<boolean>;
  readonly handle: (job: ClaimedJob) => Promise<Outcome>;
  /** Milliseconds a hint waits, so that a burst about one key becomes one job (default 0). */
  readonly gatherMs?: number;
}

interface WorkerDeps {
  readonly boss: PgBoss;
  readonly db: Database;
  readonly log: Log;
  readonly now: () => Date;
  readonly definition: QueueDefinition;
}

interface Held {
  readonly job: ClaimedJob;
  readonly abort: AbortController;
  readonly done: Promise<void>;
}

export type QueueWorker = ReturnType<typeof createQueueWorker>;

/** Above what a sweep or a backfill found: somebody has just paid, or waits for a page. */
const URGENT = 1;
/** Backstop for work another instance hinted, and for jobs whose time came; our own hints wake us at once. */
const POLL_MS = 250;
/** The safety net under the hints: a process may die between its commit and its hint. */
const SCAN_MS = 500;

export function createQueueWorker(deps: WorkerDeps) {
  const { boss, db, log, definition } = deps;
  const queue = definition.name;
  const report = createReporter(log.child({ queue }), deps.now);
  const held = new Set<Held>();
  const timers = new Set<NodeJS.Timeout>();
  let stopping = false;
  let pumping: Promise<void> | undefined;
  let wanted = false;

  const hints = createHints(async (hinted) => {
    await report('make jobs', async () => {
      const jobs = hinted.map(({ key, urgent }) => ({
        data: { key },
        singletonKey: key,
        priority: urgent ? URGENT : 0,
      }));
      const made = await boss.insert(queue, jobs, { returnId: true });
      if (made !== null && made.length > 0) wake();
      // Those that had a job already wait in a backlog, perhaps behind thousands.
      const urgent = hinted.filter((each) => each.urgent).map((each) => each.key);
      if ((made?.length ?? 0) < hinted.length) await hasten(db, { queue, keys: urgent, priority: URGENT });
    });
  }, definition.gatherMs);

  // Whoever hints or finishes must not lend its request id or its open transaction to work that outlives it.
  const outside = AsyncLocalStorage.snapshot();
  const hint = (key: string, urgent = true) => {
    if (!stopping) outside(() => hints.add(key, urgent));
  };
  const wake = () => {
    wanted = true;
    if (!stopping) outside(() => (pumping ??= pump()));
  };

  /** Looks for keys with work and no job, once. */
  const scan = () =>
    report('scan for work', async () => {
      for (const key of await definition.pending(db)) hint(key, false);
    });

  async function pump(): Promise<void> {
    await null; // so that `pumping` is assigned before it is cleared
    while (wanted && !stopping && held.size < definition.slots) {
      wanted = false;
      await report('fetch jobs', async () => {
        const batchSize = definition.slots - held.size;
        const jobs = await boss.fetch<{ key: string }>(queue, { batchSize, includeMetadata: true });
        for (const job of jobs) begin({ queue, jobId: job.id, retryCount: job.retryCount }, job.data.key);
      });
    }
    pumping = undefined;
    if (wanted && !stopping && held.size < definition.slots) wake();
  }

  function begin(claim: Claim, key: string): void {
    const abort = new AbortController();
    if (stopping) abort.abort();
    const job: ClaimedJob = { ...claim, key, signal: abort.signal };
    // After a stall the engine may have given our own job back, and we may be the ones to fetch it again.
    for (const other of held) if (other.job.jobId === job.jobId) other.abort.abort();
    const entry: Held = {
      job,
      abort,
      done: work(job).finally(() => {
        held.delete(entry);
        wake();
      }),
    };
    held.add(entry);
  }

  async function work(job: ClaimedJob): Promise<void> {
    let settle: () => Promise<boolean>;
    try {
      const outcome = await definition.handle(job);
      settle = () => settleOutcome(job, outcome);
    } catch (error) {
      if (error instanceof LostClaim) {
        log.warn({ queue, key: job.key }, 'another worker has taken over; this one stops');
        return;
      }
      log.error(
        { err: error, queue, key: job.key, attempt: job.retryCount },
        'job failed; it will be tried again',
      );
      const inMs = backOffMs(job.retryCount);
      settle = async () => {
        wakeIn(inMs);
        return retryIn(boss, { db, claim: job, reason: errorName(error), inMs });
      };
    }
    await report('settle a job', async () => {
      if (!(await settle()))
        log.warn({ queue, key: job.key }, 'the job was taken over before it was settled');
    });
  }

  async function settleOutcome(job: ClaimedJob, outcome: Outcome): Promise<boolean> {
    if (outcome.next === 'again') {
      const inMs = outcome.at.getTime() - deps.now().getTime();
      wakeIn(inMs);
      return putOff(boss, { db, claim: job, key: job.key, inMs });
    }
    if (!(await complete(boss, job))) return false;
    // While the job lived its key could not get another: what arrived after the handler's last look is found here.
    if (!stopping && (await definition.hasWork?.(db, job.key))) hint(job.key);
    return true;
  }

  /** A job due later announces nothing; ours we remember. Timers over a day are the poll's business. */
  function wakeIn(ms: number): void {
    if (stopping || ms > 86_400_000) return;
    const timer = setTimeout(() => {
      timers.delete(timer);
      wake();
    }, Math.max(0, ms) + 5);
    timers.add(timer);
  }

  return {
    name: queue,
    hint,
    scan,
    start(): void {
      every(POLL_MS, async () => wake());
      every(SCAN_MS, scan);
    },
    /** Keeps our claims alive and tells handlers whose claim is gone. */
    async beat(): Promise<void> {
      if (held.size === 0) return;
      const mine = [...held];
      await report('keep claims alive', async () => {
        const alive = await touch(
          boss,
          queue,
          mine.map((each) => each.job),
        );
        for (const each of mine) if (!alive.has(each.job.jobId)) each.abort.abort();
      });
    },
    /** Stops fetching and asks handlers to reach a boundary; what is not done at the deadline is handed back. */
    async stop(deadline: Promise<void>): Promise<void> {
      stopping = true;
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
      await Promise.race([pumping, deadline]);
      for (const each of held) each.abort.abort();
      await Promise.race([Promise.all([...held].map((each) => each.done)), deadline]);
      await Promise.race([hints.settled(), deadline]);
      const left = [...held].map((each) => each.job);
      await report('hand back jobs', () => handBack(boss, { queue, claims: left, reason: 'shut down' }));
    },
  };

  function every(ms: number, tick: () => Promise<void>): void {
    const again = () => {
      const timer = setTimeout(async () => {
        timers.delete(timer);
        await tick();
        if (!stopping) again();
      }, ms);
      timers.add(timer);
    };
    again();
  }
}

/** 0.5 s doubling to a minute, with jitter; crashes count too, so this is only the last resort's pace. */
export function backOffMs(retryCount: number, random: () => number = Math.random): number {
  const full = Math.min(60_000, 500 * 2 ** Math.min(retryCount, 10));
  return Math.round(full * (0.5 + random() / 2));
}

const errorName = (error: unknown): string => (error instanceof Error ? error.name : 'not an error');
