/** A run that a worker has claimed, as the job engine shows it; nothing else works on it. */
import { randomUUID } from 'node:crypto';
import type { Database } from '../../connector/db/database.ts';
import type { ClaimedJob } from '../../connector/jobs/claim.ts';
import { createJobs } from '../../connector/jobs/jobs.ts';
import { createLog } from '../../connector/log.ts';
import { seedRun, seedSale } from './seed.ts';

export async function claimRun(db: Database, retryCount = 0) {
  const jobs = await createJobs({
    db,
    log: createLog({ level: 'silent' }),
    now: () => new Date(),
    queues: [{ name: 'run', slots: 1, pending: async () => [], handle: async () => ({ next: 'done' }) }],
  });
  const { subscriptionId } = await seedSale(db);
  const runId = await seedRun(db, subscriptionId);
  const jobId = randomUUID();
  await db.query(
    `insert into pgboss.job (id, name, state, retry_count, singleton_key, policy)
     values ($1, 'run', 'active', $2, $3, 'exclusive')`,
    [jobId, retryCount, runId],
  );
  const job: ClaimedJob = {
    queue: 'run',
    jobId,
    retryCount,
    key: runId,
    signal: new AbortController().signal,
  };
  return { runId, job, stop: () => jobs.stop({ deadlineMs: 1_000 }) };
}
