import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { hold, LostClaim } from '../../connector/jobs/claim.ts';
import { createJobs } from '../../connector/jobs/jobs.ts';
import { createLog } from '../../connector/log.ts';
import { openLedger } from '../../connector/provisioning/ledger.ts';
import { describeOnEachDatabase } from '../support/database.ts';
import { seedRun, seedSale } from '../support/seed.ts';

describeOnEachDatabase('the ledger’s fence', (open) => {
  it('lets the holder write, and a claim that was taken over write nothing', async () => {
    const db = await open();
    const log = createLog({ level: 'silent' });
    const handle = async () => ({ next: 'done' }) as const;
    const jobs = await createJobs({
      db,
      log,
      now: () => new Date(),
      queues: [{ name: 'run', slots: 1, pending: async () => [], handle }],
    });
    const { subscriptionId } = await seedSale(db);
    const runId = await seedRun(db, subscriptionId);
    await db.query("update runs set status = 'running' where id = $1", [runId]);
    const jobId = randomUUID();
    await db.query(
      `insert into pgboss.job (id, name, state, retry_count, singleton_key, policy)
       values ($1, 'run', 'active', 1, $2, 'exclusive')`,
      [jobId, runId],
    );
    const ledger = (retryCount: number) =>
      openLedger({ db, jobs: { hold } }, { queue: 'run', jobId, retryCount }, runId);
    const at = new Date();
    const begin = (name: 'bucket' | 'bep') => ({ done: [], started: [name], at });
    const end = (result: string) => ({ done: [{ name: 'bucket' as const, result, ms: 1 }], started: [], at });
    await ledger(1).advance(begin('bucket'));
    const stale = ledger(0);
    await expect(stale.advance(begin('bep'))).rejects.toBeInstanceOf(LostClaim);
    await expect(stale.advance(end('stale'))).rejects.toBeInstanceOf(LostClaim);
    await ledger(1).advance(end('mine'));
    const { rows } = await db.query('select name, status, result from steps where run_id = $1', [runId]);
    expect(rows).toEqual([{ name: 'bucket', status: 'done', result: 'mine' }]);
    await jobs.stop({ deadlineMs: 1000 });
  });
});
