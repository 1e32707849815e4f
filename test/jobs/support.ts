/** A small table of work with one row per event, as the inbox has it, so that lanes can be watched closely. */
import type { Database, Sql } from '../../connector/db/database.ts';
import {
  type ClaimedJob,
  createJobs,
  type Jobs,
  noLiveJob,
  type Outcome,
} from '../../connector/jobs/jobs.ts';
import { createLog } from '../../connector/log.ts';

export const silent = createLog({ level: 'silent' });
export const now = () => new Date();
export const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

export const makeTable = (db: Database) =>
  db.query('create table work (seq bigserial primary key, key text not null, done_by text)');

export const addWork = (db: Sql, key: string) => db.query('insert into work (key) values ($1)', [key]);

export async function pendingWork(sql: Sql): Promise<readonly string[]> {
  const { rows } = await sql.query<{ key: string }>(
    `select key from work w where done_by is null and ${noLiveJob('lane', 'w.key')} group by key order by min(seq)`,
  );
  return rows.map((row) => row.key);
}

export const hasWork = async (sql: Sql, key: string) =>
  (await sql.query('select 1 from work where key = $1 and done_by is null limit 1', [key])).rows.length > 0;

export function lanes(
  db: Database,
  handle: (job: ClaimedJob) => Promise<Outcome>,
  options: { slots?: number; heartbeatSeconds?: number; sweepOnly?: boolean; now?: () => Date } = {},
): Promise<Jobs> {
  return createJobs({
    db,
    log: silent,
    now: options.now ?? now,
    heartbeatSeconds: options.heartbeatSeconds ?? 10,
    queues: [
      {
        name: 'lane',
        slots: options.slots ?? 4,
        pending: pendingWork,
        ...(options.sweepOnly ? {} : { hasWork }),
        handle,
      },
    ],
  });
}

export const openWork = async (db: Sql) =>
  (await db.query<{ n: number }>('select count(*) as n from work where done_by is null')).rows[0]!.n;

export async function until(
  what: string,
  check: () => Promise<boolean> | boolean,
  ms = 15_000,
): Promise<void> {
  const end = Date.now() + ms;
  while (!(await check())) {
    if (Date.now() > end) throw new Error(`waited ${ms} ms in vain: ${what}`);
    await sleep(20);
  }
}
