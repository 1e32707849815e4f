/** pg-boss on our own connections: one engine on PostgreSQL and on PGlite. */
import { PgBoss } from 'pg-boss';
import type { Database, Sql } from '../db/database.ts';
import type { Log } from '../log.ts';
import type { QueueName } from './claim.ts';

/** Lets a pg-boss call run on a database or inside an open transaction. */
export const executing = (sql: Sql) => ({
  executeSql: (text: string, values?: unknown[]) =>
    sql.query<never>(text, values) as Promise<{ rows: never[] }>,
});

export function createBoss(deps: { db: Database; log: Log }): PgBoss {
  const boss = new PgBoss({
    db: executing(deps.db),
    backend: deps.db.kind,
    // Ticks are node-cron's (connector/schedule); pg-boss only supervises claims whose heartbeat stopped.
    schedule: false,
    superviseIntervalSeconds: 1,
    monitorIntervalSeconds: 1,
    maintenanceIntervalSeconds: 300,
    reindex: deps.db.kind === 'postgres',
    monitorVacuum: false,
  });
  boss.on('error', (err) => deps.log.warn({ err }, 'job engine'));
  return boss;
}

const NO_JOB = '00000000-0000-0000-0000-000000000000';
const LEAST_HEARTBEAT_SECONDS = 10; // createQueue refuses less

/**
 * Makes the queue, or brings an older one to these settings, and fills pg-boss's queue cache: a send inside a
 * transaction to a queue that is not cached looks it up outside, which on PGlite waits for ever.
 */
export async function prepareQueue(
  boss: PgBoss,
  options: { db: Database; name: QueueName; heartbeatSeconds: number },
): Promise<void> {
  const settings = {
    // Each crash takes one retry, and a waiting key must never die: what cannot succeed is parked by its handler.
    retryLimit: 100_000,
    // Immediate, so that work of a killed process goes on at once; back-off is set per failure.
    retryDelay: 0,
    expireInSeconds: 86_000,
    deleteAfterSeconds: 900,
    heartbeatSeconds: Math.max(LEAST_HEARTBEAT_SECONDS, options.heartbeatSeconds),
  };
  await boss.createQueue(options.name, { policy: 'exclusive', ...settings });
  await boss.updateQueue(options.name, settings);
  if (options.heartbeatSeconds < LEAST_HEARTBEAT_SECONDS) {
    // Undocumented, measured on 12.35.0: what the queue's row says is what every new job gets.
    await options.db.query('update pgboss.queue set heartbeat_seconds = $1 where name = $2', [
      options.heartbeatSeconds,
      options.name,
    ]);
  }
  await boss.findJobs(options.name, { id: NO_JOB });
}
