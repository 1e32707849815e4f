/**
 * Keyed work on pg-boss: at most one live job per key over all instances, no wake-up lost, and work of a process that
 * died goes on elsewhere. Jobs are only a shadow of the tables: what counts is each queue's `pending`.
 */
import type { Database, Tx } from '../db/database.ts';
import type { Log } from '../log.ts';
import { createBoss, prepareQueue } from './boss.ts';
import { type Claim, hold, type QueueName } from './claim.ts';
import { createQueueWorker, type QueueDefinition } from './queue-worker.ts';
import { handBack } from './settle.ts';

export { type Claim, type ClaimedJob, LostClaim, type Outcome, type QueueName } from './claim.ts';
export { noLiveJob } from './live.ts';
export type { QueueDefinition } from './queue-worker.ts';

export interface Jobs {
  start(): Promise<void>;
  /** Stops fetching, lets handlers reach a boundary (signal aborted), hands back the rest at the deadline. */
  stop(options: { deadlineMs: number }): Promise<void>;
  /** After the commit that made work for this key. Harmless if repeated or lost. `urgent` (default): somebody waits for it. */
  hint(queue: QueueName, key: string, urgent?: boolean): void;
  /**
   * First statement of a fenced transaction.
   * @throws LostClaim when this claim is no longer ours
   */
  hold(tx: Tx, claim: Claim): Promise<void>;
}

interface JobsDeps {
  readonly db: Database;
  readonly log: Log;
  readonly now: () => Date;
  readonly queues: readonly QueueDefinition[];
  /** After this long without a sign of life another instance takes over. Under 10 only in tests. */
  readonly heartbeatSeconds?: number;
}

/** Installs the engine's tables and the queues; nothing is fetched before `start()`. */
export async function createJobs(deps: JobsDeps): Promise<Jobs> {
  const { db, log } = deps;
  const heartbeatSeconds = deps.heartbeatSeconds ?? 10;
  const boss = createBoss({ db, log });
  await boss.start();
  for (const { name } of deps.queues) await prepareQueue(boss, { db, name, heartbeatSeconds });
  const workers = deps.queues.map((definition) =>
    createQueueWorker({ boss, db, log, now: deps.now, definition }),
  );
  const byName = new Map(workers.map((worker) => [worker.name, worker]));
  let beat: NodeJS.Timeout | undefined;
  let stopped: Promise<void> | undefined;

  /** On the embedded database we are the only process: whatever is active was ours and its process is gone. */
  async function reclaim(queue: QueueName): Promise<void> {
    const { rows } = await db.query<{ id: string; retry_count: number }>(
      `select id, retry_count from pgboss.job where name = $1 and state = 'active'`,
      [queue],
    );
    const claims = rows.map((row) => ({ queue, jobId: row.id, retryCount: row.retry_count }));
    await handBack(boss, { queue, claims, reason: 'its process ended' });
  }

  async function stop(deadlineMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, deadlineMs);
    });
    await Promise.all(workers.map((worker) => worker.stop(deadline)));
    clearTimeout(timer);
    clearInterval(beat);
    await boss.stop({ graceful: false, close: false });
  }

  return {
    async start() {
      if (db.kind === 'pglite') for (const { name } of workers) await reclaim(name);
      beat = setInterval(() => {
        for (const worker of workers) void worker.beat();
      }, heartbeatSeconds * 400);
      for (const worker of workers) {
        await worker.scan();
        worker.start();
      }
    },
    stop: ({ deadlineMs }) => (stopped ??= stop(deadlineMs)),
    hint(queue, key, urgent) {
      byName.get(queue)?.hint(key, urgent);
    },
    hold,
  };
}
