import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import type { Database } from '../../connector/db/database.ts';
import { openPglite } from '../../connector/db/pglite.ts';
import { openPostgres } from '../../connector/db/postgres.ts';
import { openTestPostgres } from '../support/database.ts';
import { lanes, openWork, sleep, until } from './support.ts';

const DONE = { next: 'done' } as const;

async function startChild(settings: { url?: string; folder?: string }): Promise<ChildProcess> {
  const file = fileURLToPath(new URL('worker-child.ts', import.meta.url));
  const child = spawn(process.execPath, [file, JSON.stringify(settings)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout!, 'data');
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

const doneBy = async (db: Database) =>
  (await db.query<{ done_by: string }>('select done_by from work order by seq')).rows.map(
    (row) => row.done_by,
  );

it('a surviving instance takes over the work of a killed one, and redoes nothing that was recorded', async () => {
  const db = await openTestPostgres();
  const child = await startChild({ url: db.url! });
  const begun: number[] = [];
  const jobs = await lanes(
    db,
    async (job) => {
      begun.push(job.retryCount);
      await db.query(`update work set done_by = 'survivor' where key = $1 and done_by is null`, [job.key]);
      return DONE;
    },
    { heartbeatSeconds: 2 },
  );
  await jobs.start();
  await sleep(1_500);
  expect(begun).toEqual([]); // alive, its claim is respected
  await kill(child);
  await until('the take-over', async () => (await openWork(db)) === 0);
  expect(await doneBy(db)).toEqual(['killed', 'survivor']);
  expect(begun).toEqual([1]);
  await jobs.stop({ deadlineMs: 1_000 });
  await db.close();
});

it('on the embedded database a restart goes on at once, without waiting for the heartbeat', async () => {
  const folder = join(mkdtempSync(join(tmpdir(), 'connector-jobs-')), 'database');
  const child = await startChild({ folder });
  await expect(openPglite({ folder })).rejects.toMatchObject({
    code: 'database_folder_in_use',
    message: expect.stringContaining(`process ${child.pid}`),
  });
  await kill(child);
  const db = await openPglite({ folder });
  const jobs = await lanes(db, async (job) => {
    await db.query(`update work set done_by = 'restarted' where key = $1 and done_by is null`, [job.key]);
    return DONE;
  });
  const began = Date.now();
  await jobs.start();
  await until('the work is done', async () => (await openWork(db)) === 0);
  expect(Date.now() - began).toBeLessThan(5_000); // the heartbeat alone would take ten
  expect(await doneBy(db)).toEqual(['killed', 'restarted']);
  await jobs.stop({ deadlineMs: 1_000 });
  await db.close();
  rmSync(join(folder, '..'), { recursive: true });
});

it('goes on by itself after the database was away', async () => {
  const db = await openTestPostgres();
  const own = await openPostgres({ url: db.url!, maxConnections: 4 });
  await own.query('create table work (seq bigserial primary key, key text not null, done_by text)');
  const jobs = await lanes(own, async (job) => {
    await own.query('update work set done_by = $2 where key = $1', [job.key, job.jobId]);
    return DONE;
  });
  await jobs.start();
  for (let i = 0; i < 3; i++) {
    await db.query(
      'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
    );
    await sleep(100);
  }
  await db.query(`insert into work (key) values ('cus_1')`);
  await until('the work is done', async () => (await openWork(db)) === 0);
  await jobs.stop({ deadlineMs: 1_000 });
  await own.close();
  await db.close();
});
