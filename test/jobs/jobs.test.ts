import { expect, it } from 'vitest';
import type { Database } from '../../connector/db/database.ts';
import { type ClaimedJob, LostClaim } from '../../connector/jobs/jobs.ts';
import { describeOnEachDatabase } from '../support/database.ts';
import { addWork, hasWork, lanes, makeTable, now, openWork, sleep, until } from './support.ts';

const DONE = { next: 'done' } as const;

async function waitingJobs(db: Database, priority = 0): Promise<number> {
  const { rows } = await db.query<{ n: number }>(
    "select count(*) as n from pgboss.job where name = 'lane' and state < 'active' and priority >= $1",
    [priority],
  );
  return rows[0]!.n;
}

describeOnEachDatabase('keyed jobs', (open) => {
  it('never runs two jobs of one key at once and loses no wake-up', async () => {
    const db = await open();
    await makeTable(db);
    const active = new Set<string>();
    let overlaps = 0;
    const jobs = await lanes(db, async (job) => {
      if (active.has(job.key)) overlaps++;
      active.add(job.key);
      const { rows } = await db.query<{ seq: number }>(
        'select seq from work where key = $1 and done_by is null order by seq',
        [job.key],
      );
      await sleep(Math.random() * 8);
      await db.tx(async (tx) => {
        await jobs.hold(tx, job);
        await tx.query('update work set done_by = $1 where seq = any($2)', [
          job.jobId,
          rows.map((row) => row.seq),
        ]);
      });
      active.delete(job.key);
      return DONE;
    });
    await jobs.start();
    const keys = Array.from({ length: 20 }, (_, i) => `cus_${i}`);
    const all = keys.flatMap((key) => Array.from({ length: 6 }, () => key)).sort(() => Math.random() - 0.5);
    await Promise.all(
      [0, 1, 2, 3, 4].map(async (inserter) => {
        for (let i = inserter; i < all.length; i += 5) {
          await addWork(db, all[i]!);
          // Every third hint is lost, as when a process dies between its commit and its hint.
          if (i % 3 !== 0) jobs.hint('lane', all[i]!);
        }
      }),
    );
    await until('all work is done', async () => (await openWork(db)) === 0);
    await jobs.stop({ deadlineMs: 2_000 });
    expect(overlaps).toBe(0);
    await db.close();
  });

  it('finds work that arrives while its key is running, at once when hasWork is given', async () => {
    const db = await open();
    await makeTable(db);
    const seen: number[] = [];
    const jobs = await lanes(db, async (job) => {
      seen.push(Date.now());
      await db.query('update work set done_by = $2 where key = $1', [job.key, job.jobId]);
      if (seen.length === 1) await addWork(db, job.key);
      return DONE;
    });
    await addWork(db, 'cus_1');
    await jobs.start();
    await until('the second event is done', async () => seen.length === 2 && !(await hasWork(db, 'cus_1')));
    await jobs.stop({ deadlineMs: 1_000 });
    await db.close();
  });

  it('lets somebody who waits go ahead of a backlog, also one who stands in it already', async () => {
    const db = await open();
    await makeTable(db);
    const order: string[] = [];
    const jobs = await lanes(
      db,
      async (job) => {
        order.push(job.key);
        if (order.length === 1) {
          // Five are left in the backlog by now; the newest of them and somebody new pay.
          await until('the backlog has its jobs', async () => (await waitingJobs(db)) >= 5);
          jobs.hint('lane', 'cus_6');
          await addWork(db, 'cus_new');
          jobs.hint('lane', 'cus_new');
          await until('both are urgent', async () => (await waitingJobs(db, 1)) === 2);
        }
        await db.query('update work set done_by = $2 where key = $1', [job.key, job.jobId]);
        return DONE;
      },
      { slots: 1 },
    );
    for (let i = 1; i <= 6; i += 1) await addWork(db, `cus_${i}`);
    await jobs.start();
    await until('all work is done', async () => (await openWork(db)) === 0);
    expect(order.slice(1, 3).sort()).toEqual(['cus_6', 'cus_new']);
    await jobs.stop({ deadlineMs: 1_000 });
    await db.close();
  });

  it('puts a key off without using up an attempt, absorbing hints meanwhile', async () => {
    const db = await open();
    await makeTable(db);
    const calls: { at: number; retryCount: number }[] = [];
    const jobs = await lanes(db, async (job) => {
      calls.push({ at: Date.now(), retryCount: job.retryCount });
      if (calls.length === 1) return { next: 'again', at: new Date(Date.now() + 600) };
      await db.query('update work set done_by = $2 where key = $1', [job.key, job.jobId]);
      return DONE;
    });
    await addWork(db, 'cus_1');
    await jobs.start();
    await until('the first call', () => calls.length === 1);
    await sleep(100);
    jobs.hint('lane', 'cus_1');
    await until('the second call', () => calls.length === 2);
    expect(calls[1]!.at - calls[0]!.at).toBeGreaterThanOrEqual(590);
    expect(calls[1]!.at - calls[0]!.at).toBeLessThan(3_000);
    expect(calls.map((call) => call.retryCount)).toEqual([0, 0]);
    await jobs.stop({ deadlineMs: 1_000 });
    await db.close();
  });

  it('comes back after the wait it asked for, whatever the clocks of service and database say', async () => {
    const db = await open();
    await makeTable(db);
    const ahead = () => new Date(Date.now() + 60 * 86_400_000);
    const attempts: number[] = [];
    const jobs = await lanes(
      db,
      async (job) => {
        attempts.push(job.retryCount);
        if (attempts.length === 1) return { next: 'again', at: new Date(ahead().getTime() + 50) };
        if (attempts.length === 2) throw new Error('on purpose');
        await db.query('update work set done_by = $2 where key = $1', [job.key, job.jobId]);
        return DONE;
      },
      { now: ahead },
    );
    await addWork(db, 'cus_1');
    await jobs.start();
    await until('the work is done', async () => (await openWork(db)) === 0);
    expect(attempts).toEqual([0, 0, 1]);
    await jobs.stop({ deadlineMs: 1_000 });
    await db.close();
  });

  it.each([
    ['an error', new TypeError('on purpose'), 'TypeError'],
    ['something else', 'on purpose', 'not an error'],
  ])('tries a job again after its handler threw %s, and says which', async (_what, thrown, reason) => {
    const db = await open();
    await makeTable(db);
    const attempts: number[] = [];
    const reasons: string[] = [];
    const jobs = await lanes(db, async (job) => {
      attempts.push(job.retryCount);
      if (attempts.length === 1) throw thrown;
      const { rows } = await db.query<{ message: string }>(
        "select output->>'message' as message from pgboss.job where id = $1",
        [job.jobId],
      );
      reasons.push(rows[0]!.message);
      await db.query('update work set done_by = $2 where key = $1', [job.key, job.jobId]);
      return DONE;
    });
    await addWork(db, 'cus_1');
    await jobs.start();
    await until('the work is done', async () => (await openWork(db)) === 0);
    expect(attempts).toEqual([0, 1]);
    expect(reasons).toEqual([reason]);
    await jobs.stop({ deadlineMs: 1_000 });
    await db.close();
  });

  it('refuses the write of a worker whose job was taken over, and settles nothing for it', async () => {
    const db = await open();
    await makeTable(db);
    const outcomes: string[] = [];
    const jobs = await lanes(db, async (job: ClaimedJob) => {
      if (job.retryCount === 0) {
        // What a takeover does: the job goes back, and another worker claims it with a higher count.
        await db.query(`update pgboss.job set state = 'retry' where id = $1`, [job.jobId]);
        await until('the new claim', async () => outcomes.includes('second'));
        await db
          .tx(async (tx) => {
            await jobs.hold(tx, job);
            await tx.query(`update work set done_by = 'stale'`);
          })
          .catch((error) => {
            outcomes.push(error instanceof LostClaim ? 'lost' : 'other');
            throw error;
          });
        return DONE;
      }
      outcomes.push('second');
      await db.tx(async (tx) => {
        await jobs.hold(tx, job);
        await tx.query('update work set done_by = $1', [`attempt ${job.retryCount}`]);
      });
      return DONE;
    });
    await addWork(db, 'cus_1');
    await jobs.start();
    await until('the stale worker has found out', () => outcomes.includes('lost'));
    expect(outcomes).toEqual(['second', 'lost']);
    expect((await db.query('select done_by from work')).rows).toEqual([{ done_by: 'attempt 1' }]);
    const { rows } = await db.query(`select state, retry_count from pgboss.job where name = 'lane'`);
    expect(rows).toEqual([{ state: 'completed', retry_count: 1 }]);
    await jobs.stop({ deadlineMs: 1_000 });
    await db.close();
  });

  it('stops at a boundary: the signal is aborted, the rest handed back, another engine goes on', async () => {
    const db = await open();
    await makeTable(db);
    let aborted = false;
    const first = await lanes(db, async (job) => {
      if (job.key === 'cus_deaf') return new Promise(() => undefined);
      await new Promise<void>((resolve) => job.signal.addEventListener('abort', () => resolve()));
      aborted = true;
      return { next: 'again', at: now() };
    });
    await addWork(db, 'cus_polite');
    await addWork(db, 'cus_deaf');
    await first.start();
    await until('both run', async () => {
      const { rows } = await db.query(`select 1 from pgboss.job where name = 'lane' and state = 'active'`);
      return rows.length === 2;
    });
    const begun = Date.now();
    await Promise.all([first.stop({ deadlineMs: 700 }), first.stop({ deadlineMs: 700 })]);
    expect(Date.now() - begun).toBeLessThan(5_000);
    expect(aborted).toBe(true);
    first.hint('lane', 'cus_polite'); // after the end: without effect, without error

    const done: string[] = [];
    const second = await lanes(db, async (job) => {
      done.push(job.key);
      await db.query('update work set done_by = $2 where key = $1', [job.key, job.jobId]);
      return DONE;
    });
    await second.start();
    await until('both are taken up', async () => (await openWork(db)) === 0);
    expect(done.sort()).toEqual(['cus_deaf', 'cus_polite']);
    await second.stop({ deadlineMs: 1_000 });
    await db.close();
  });

  it('aborts the signal of a claim that another worker has taken', async () => {
    const db = await open();
    await makeTable(db);
    let aborted = false;
    const jobs = await lanes(
      db,
      async (job) => {
        if (job.retryCount > 0) {
          await db.query('update work set done_by = $2 where key = $1', [job.key, job.jobId]);
          return DONE;
        }
        await db.query(`update pgboss.job set state = 'retry', start_after = now() where id = $1`, [
          job.jobId,
        ]);
        await new Promise<void>((resolve) => job.signal.addEventListener('abort', () => resolve()));
        aborted = true;
        return DONE;
      },
      { heartbeatSeconds: 2 },
    );
    await addWork(db, 'cus_1');
    await jobs.start();
    await until('the signal', () => aborted);
    await until('the work is done', async () => (await openWork(db)) === 0);
    await jobs.stop({ deadlineMs: 1_000 });
    await db.close();
  });

  it('learns by its heartbeat that a claim is gone, and then settles nothing', async () => {
    const db = await open();
    await makeTable(db);
    const aborted: string[] = [];
    const jobs = await lanes(
      db,
      async (job) => {
        await db.query('update work set done_by = $2 where key = $1', [job.key, job.jobId]);
        await db.query(`update pgboss.job set state = 'cancelled' where id = $1`, [job.jobId]);
        await new Promise<void>((resolve) => job.signal.addEventListener('abort', () => resolve()));
        aborted.push(job.key);
        if (job.key === 'cus_throws') throw new Error('on purpose');
        return job.key === 'cus_again' ? { next: 'again', at: now() } : DONE;
      },
      { heartbeatSeconds: 2 },
    );
    for (const key of ['cus_again', 'cus_done', 'cus_throws']) await addWork(db, key);
    await jobs.start();
    await until('all signals', () => aborted.length === 3);
    await sleep(200);
    const { rows } = await db.query(`select distinct state from pgboss.job where name = 'lane'`);
    expect(rows).toEqual([{ state: 'cancelled' }]);
    await jobs.stop({ deadlineMs: 1_000 });
    await db.close();
  });
});
