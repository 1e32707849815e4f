import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { Database } from '../../connector/db/database.ts';
import { ConnectorError } from '../../connector/errors.ts';
import { hold, LostClaim } from '../../connector/jobs/claim.ts';
import { createJobs, type Jobs } from '../../connector/jobs/jobs.ts';
import { createLog } from '../../connector/log.ts';
import { executeRun, type OnRunDone, type RunStep } from '../../connector/provisioning/execute-run.ts';
import { pendingRuns, requestRun, retryRun, supersedeRuns } from '../../connector/provisioning/gate.ts';
import { RUN_PLANS } from '../../connector/provisioning/run-plans.ts';
import { showRun } from '../../connector/provisioning/runs.ts';
import type { StepName } from '../../connector/provisioning/step-plan.ts';
import { timelineOfOrder } from '../../connector/provisioning/timeline.ts';
import { describeOnEachDatabase } from '../support/database.ts';
import { seedRun, seedSale } from '../support/seed.ts';

const log = createLog({ level: 'silent' });
const now = () => new Date();
const STEPS = RUN_PLANS.provision.map((step) => step.name);

function failure(
  kind: 'retryable' | 'permanent',
  extra: { unreachable?: boolean; retryAfterMs?: number } = {},
) {
  return new ConnectorError({
    kind,
    code: 'b2_trouble',
    message: 'B2 said no',
    advice: 'Look at B2.',
    system: 'b2',
    ...extra,
  });
}

async function engine(
  db: Database,
  runStep: RunStep,
  options: { maxAttempts?: number; onDone?: OnRunDone } = {},
): Promise<Jobs> {
  const jobs = await createJobs({
    db,
    log,
    now,
    queues: [
      {
        name: 'run',
        slots: 4,
        pending: pendingRuns,
        handle: (job) =>
          executeRun({ db, jobs: { hold }, log, now, runStep, onDone: async () => {}, ...options }, job),
      },
    ],
  });
  await jobs.start();
  return jobs;
}

async function reaches(db: Database, runId: string, status: string): Promise<void> {
  for (let waited = 0; waited < 15_000; waited += 25) {
    const found = await db.query<{ status: string }>('select status from runs where id = $1', [runId]);
    if (found.rows[0]!.status === status) return;
    await sleep(25);
  }
  throw new Error(`run ${runId} did not become ${status}: ${JSON.stringify(await showRun(db, runId))}`);
}

describeOnEachDatabase('a run', (open) => {
  it('does every step once, each after what it needs, independent ones side by side', async () => {
    const db = await open();
    const { subscriptionId, orderId } = await seedSale(db);
    const runId = await seedRun(db, subscriptionId);
    const finished: StepName[] = [];
    let running = 0;
    let most = 0;
    const jobs = await engine(db, async ({ name, results }) => {
      running += 1;
      most = Math.max(most, running);
      const plan = RUN_PLANS.provision.find((step) => step.name === name)!;
      for (const need of plan.needs) expect(results.has(need), `${name} needs ${need}`).toBe(true);
      await sleep(10);
      finished.push(name);
      running -= 1;
      return { from: name };
    });
    await reaches(db, runId, 'done');
    await jobs.stop({ deadlineMs: 2000 });
    expect([...finished].sort()).toEqual([...STEPS].sort());
    expect(most).toBeGreaterThan(3);
    const run = await showRun(db, runId);
    expect(run!.steps.map((step) => [step.name, step.status, step.attempts])).toEqual(
      STEPS.map((name) => [name, 'done', 1]),
    );
    expect(run!.steps.find((step) => step.name === 'bucket')!.result).toEqual({ from: 'bucket' });
    const timeline = await timelineOfOrder(db, orderId);
    expect(timeline!.runStatus).toBe('done');
    expect(timeline!.steps.every((step) => step.status === 'done' && step.ms !== null)).toBe(true);
  });

  it('wakes what its end gives work, once that is committed', async () => {
    const db = await open();
    const { subscriptionId } = await seedSale(db);
    const runId = await seedRun(db, subscriptionId);
    const seen: unknown[] = [];
    const look = async () => {
      const found = await db.query<{ status: string }>('select status from runs where id = $1', [runId]);
      seen.push(found.rows[0]!.status);
    };
    const jobs = await engine(db, async () => null, {
      onDone: async () => () => void look().catch((error) => seen.push(error)),
    });
    await reaches(db, runId, 'done');
    await jobs.stop({ deadlineMs: 2000 });
    expect(seen).toEqual(['done']);
  });

  it('tries a retryable failure again and goes on', async () => {
    const db = await open();
    const { subscriptionId } = await seedSale(db);
    const runId = await seedRun(db, subscriptionId);
    let tries = 0;
    const jobs = await engine(db, async ({ name }) => {
      if (name === 'bucket' && ++tries < 2) throw failure('retryable');
      return null;
    });
    await reaches(db, runId, 'done');
    await jobs.stop({ deadlineMs: 2000 });
    const bucket = (await showRun(db, runId))!.steps.find((step) => step.name === 'bucket');
    expect(bucket).toMatchObject({ status: 'done', attempts: 2, error: null });
  });

  it('an unreachable system uses up no attempt', async () => {
    const db = await open();
    const { subscriptionId } = await seedSale(db);
    const runId = await seedRun(db, subscriptionId);
    let tries = 0;
    const jobs = await engine(
      db,
      async ({ name }) => {
        if (name === 'bucket' && ++tries <= 4)
          throw failure('retryable', { unreachable: true, retryAfterMs: 20 });
        return null;
      },
      { maxAttempts: 2 },
    );
    await reaches(db, runId, 'done');
    await jobs.stop({ deadlineMs: 2000 });
    expect((await showRun(db, runId))!.steps.find((step) => step.name === 'bucket')!.attempts).toBe(1);
    expect(tries).toBe(5);
  });

  it('a permanent failure stops it with step, cause and advice; a retry goes on at the first undone step', async () => {
    const db = await open();
    const { subscriptionId } = await seedSale(db);
    const runId = await seedRun(db, subscriptionId);
    const calls: StepName[] = [];
    let broken = true;
    const jobs = await engine(db, async ({ name }) => {
      calls.push(name);
      if (name === 'bucket' && broken) throw failure('permanent');
      return null;
    });
    await reaches(db, runId, 'needs_attention');
    const stopped = await showRun(db, runId);
    expect(stopped!.cause).toMatchObject({ step: 'bucket', code: 'b2_trouble', advice: 'Look at B2.' });
    const doneBefore = stopped!.steps.filter((step) => step.status === 'done').map((step) => step.name);
    expect(doneBefore).toContain('partner');
    calls.length = 0;
    broken = false;
    await db.tx((tx) => retryRun(tx, runId));
    jobs.hint('run', runId);
    await reaches(db, runId, 'done');
    await jobs.stop({ deadlineMs: 2000 });
    expect(calls.filter((name) => doneBefore.includes(name))).toEqual([]);
    await expect(db.tx((tx) => retryRun(tx, runId))).rejects.toMatchObject({ code: 'run_not_stopped' });
  });

  it('a step that failed for good is not hidden behind a system that stays away', async () => {
    const db = await open();
    const { subscriptionId } = await seedSale(db);
    const runId = await seedRun(db, subscriptionId);
    let away = true;
    const jobs = await engine(db, async ({ name }) => {
      if (name === 'bucket' && away) throw failure('permanent');
      if (name === 'eir' && away) throw failure('retryable', { unreachable: true, retryAfterMs: 30 });
      return null;
    });
    await reaches(db, runId, 'needs_attention');
    expect((await showRun(db, runId))!.cause).toMatchObject({ step: 'bucket' });
    away = false;
    await db.tx((tx) => retryRun(tx, runId));
    jobs.hint('run', runId);
    await reaches(db, runId, 'done');
    await jobs.stop({ deadlineMs: 2000 });
  });

  it('the database failing under a step is no defect: it is tried again', async () => {
    const db = await open();
    const { subscriptionId } = await seedSale(db);
    const runId = await seedRun(db, subscriptionId);
    let tries = 0;
    const jobs = await engine(db, async ({ name }) => {
      if (name === 'bep' && ++tries === 1)
        throw Object.assign(new Error('deadlock detected'), { code: '40P01' });
      return null;
    });
    await reaches(db, runId, 'done');
    await jobs.stop({ deadlineMs: 2000 });
    expect(tries).toBe(2);
  });

  it('tries that run out stop it too', async () => {
    const db = await open();
    const { subscriptionId } = await seedSale(db);
    const runId = await seedRun(db, subscriptionId);
    const jobs = await engine(
      db,
      async ({ name }) => {
        if (name === 'eir') throw failure('retryable');
        return null;
      },
      { maxAttempts: 1 },
    );
    await reaches(db, runId, 'needs_attention');
    await jobs.stop({ deadlineMs: 2000 });
    expect((await showRun(db, runId))!.cause).toMatchObject({ step: 'eir' });
  });

  it('whoever has left gets nothing more made, and cannot be retried', async () => {
    const db = await open();
    const { subscriptionId } = await seedSale(db);
    const runId = await seedRun(db, subscriptionId);
    const after: StepName[] = [];
    let superseded = false;
    const jobs = await engine(db, async ({ name }) => {
      if (superseded) after.push(name);
      if (name === 'bucket') {
        await db.tx((tx) => supersedeRuns(tx, { subscriptionId }));
        superseded = true;
      } else await sleep(30);
      return null;
    });
    await reaches(db, runId, 'superseded');
    await sleep(300);
    await jobs.stop({ deadlineMs: 2000 });
    expect(after).toEqual([]);
    await db.query("update runs set status = 'needs_attention' where id = $1", [runId]);
    await db.query("update subscriptions set status = 'canceled', ended_at = now() where id = $1", [
      subscriptionId,
    ]);
    await expect(db.tx((tx) => retryRun(tx, runId))).rejects.toMatchObject({ code: 'subscription_ended' });
  });

  it('a worker that was taken over records nothing more and settles nothing', async () => {
    const db = await open();
    const { subscriptionId } = await seedSale(db);
    const runId = await seedRun(db, subscriptionId);
    const jobs = await createJobs({
      db,
      log,
      now,
      queues: [
        { name: 'run', slots: 1, pending: async () => [], handle: async () => ({ next: 'done' }) as const },
      ],
    });
    const jobId = randomUUID();
    await db.query(
      `insert into pgboss.job (id, name, state, retry_count, singleton_key, policy)
       values ($1, 'run', 'active', 0, $2, 'exclusive')`,
      [jobId, runId],
    );
    const runStep: RunStep = async () => {
      await db.query('update pgboss.job set retry_count = 1 where id = $1', [jobId]);
      return 'made by the stale worker';
    };
    const job = {
      queue: 'run',
      jobId,
      retryCount: 0,
      key: runId,
      signal: new AbortController().signal,
    } as const;
    const onDone = async () => {};
    await expect(executeRun({ db, jobs: { hold }, log, now, runStep, onDone }, job)).rejects.toBeInstanceOf(
      LostClaim,
    );
    const run = await showRun(db, runId);
    expect(run!.status).toBe('running');
    expect(run!.steps.filter((step) => step.status === 'done')).toEqual([]);
    await jobs.stop({ deadlineMs: 1000 });
  });

  it('an order that does not exist has no timeline', async () => {
    expect(await timelineOfOrder(await open(), 4711)).toBeNull();
  });

  it('runs of one subscription wait for each other', async () => {
    const db = await open();
    const { subscriptionId } = await seedSale(db);
    const first = await seedRun(db, subscriptionId);
    const second = await seedRun(db, subscriptionId, 'win');
    const order: string[] = [];
    const jobs = await engine(db, async ({ run }) => {
      order.push(run.kind);
      await sleep(5);
      return null;
    });
    await reaches(db, first, 'done');
    await reaches(db, second, 'done');
    await jobs.stop({ deadlineMs: 2000 });
    expect(order.lastIndexOf('provision')).toBeLessThan(order.indexOf('win'));
  });

  it('a shutdown ends at a step boundary and the next start goes on', async () => {
    const db = await open();
    const { subscriptionId } = await seedSale(db);
    const runId = await seedRun(db, subscriptionId);
    const calls: StepName[] = [];
    const step: RunStep = async ({ name }) => {
      calls.push(name);
      await sleep(60);
      return null;
    };
    const first = await engine(db, step);
    while (calls.length === 0) await sleep(5);
    await first.stop({ deadlineMs: 5000 });
    expect(calls.length).toBeLessThan(STEPS.length);
    const second = await engine(db, step);
    await reaches(db, runId, 'done');
    await second.stop({ deadlineMs: 2000 });
    expect([...calls].sort()).toEqual([...STEPS].sort());
  });
});

describeOnEachDatabase('the gate', (open) => {
  it('refuses an unknown run', async () => {
    const db = await open();
    const id = '00000000-0000-4000-8000-000000000000';
    await expect(db.tx((tx) => retryRun(tx, id))).rejects.toMatchObject({
      code: 'run_not_found',
      kind: 'absent',
    });
  });

  it('money that came is recorded although the customer has left', async () => {
    const db = await open();
    const { subscriptionId } = await seedSale(db);
    const provision = await seedRun(db, subscriptionId);
    const win = await seedRun(db, subscriptionId, 'win');
    expect(await db.tx((tx) => supersedeRuns(tx, { subscriptionId }))).toBe(1);
    expect((await showRun(db, provision))!.status).toBe('superseded');
    expect((await showRun(db, win))!.status).toBe('queued');
  });

  it('a transition starts at most one run', async () => {
    const db = await open();
    const { subscriptionId } = await seedSale(db);
    const transition = await db.query<{ id: number }>(
      "insert into transitions (subscription_id, kind, fact) values ($1, 'paid', 'x') returning id",
      [subscriptionId],
    );
    const request = () =>
      db.tx((tx) =>
        requestRun(tx, { kind: 'provision', subscriptionId, transitionId: transition.rows[0]!.id }),
      );
    await request();
    await expect(request()).rejects.toThrow();
  });
});
