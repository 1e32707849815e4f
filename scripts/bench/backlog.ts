/**
 * After an outage: 50,000 events of 5,000 customers wait at a Stripe that allows 100 reads a second. Limits: at most
 * 18,000 reads, 180 s, and a checkout paid meanwhile begins its run within 10 s.
 * Options: --customers=n (default 5,000), ten events each; the limits go with it.
 */
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '../../connector/db/database.ts';
import { openPostgres } from '../../connector/db/postgres.ts';
import { createLog } from '../../connector/log.ts';
import { checkout, draft } from '../../test/support/connector.ts';
import { startPostgresServer } from '../../test/support/postgres-server.ts';
import { freePort } from '../demo/free-port.ts';
import { prepareInstallation } from '../demo/prepare.ts';
import { startWorld, type World } from '../sandbox/world.ts';
import { makeBacklog } from './backlog/make-backlog.ts';
import { ready, startConnector } from './shared/connector-process.ts';

const READS_PER_SECOND = 100;
const EVENTS_EACH = 10;

export async function main(options: readonly string[]): Promise<void> {
  const customers = Number(options.find((each) => each.startsWith('--customers='))?.split('=')[1] ?? 5_000);
  const folder = mkdtempSync(join(tmpdir(), 'bench-backlog-'));
  const postgres = await startPostgresServer({ durable: true });
  const world = await startWorld();
  const publicUrl = `http://127.0.0.1:${await freePort(0)}`;
  const prepared = await prepareInstallation({
    folder,
    env: world.env,
    publicUrl,
    log: createLog({ level: 'silent' }),
    print: () => {},
  });
  const env = {
    ...prepared,
    DATABASE_URL: postgres.url,
    LOG_LEVEL: 'warn',
    // What other clients of the account may ask for is left to them.
    STRIPE_READS_PER_SECOND: String(READS_PER_SECOND * 0.98),
  };
  const run = async <T>(work: (db: Database) => Promise<T>): Promise<T> => {
    const connector = startConnector(env, join(folder, 'log'));
    await ready(publicUrl, connector);
    const db = await openPostgres({ url: postgres.url, maxConnections: 2 });
    try {
      return await work(db);
    } finally {
      connector.kill('SIGTERM');
      await once(connector, 'exit');
      await db.close();
    }
  };
  try {
    // The first start sets the mark from which events are missed.
    await run((db) => until(db, "select count(*) as n from cursors where name = 'backfill'", (n) => n === 1));
    const { events } = await makeBacklog({
      world,
      secretKey: prepared.STRIPE_SECRET_KEY!,
      customers,
      eventsEach: EVENTS_EACH,
    });
    world.systems.stripe.limitReadsPerSecond(READS_PER_SECOND);
    world.counts.reset();
    const begun = performance.now();
    const result = await run(async (db) => {
      console.log(`ready after ${((performance.now() - begun) / 1000).toFixed(1)} s`);
      await until(db, 'select count(*) as n from events', (n) => n >= events);
      const stored = performance.now();
      const paidAfterMs = await payMeanwhile(world, db, publicUrl);
      await until(db, "select count(*) as n from events where state = 'open'", (n) => n === 0);
      const seconds = (performance.now() - begun) / 1000;
      return { seconds, storedSeconds: (stored - begun) / 1000, runBeganAfterSeconds: paidAfterMs / 1000 };
    });
    for (const [call, n] of readsByName(world)) console.log(`  ${n} ${call}`);
    report({ customers, events, reads: world.counts.of('stripe', 'GET *'), ...result });
  } finally {
    await world.stop();
    await postgres.stop();
  }
}

/** @returns milliseconds from the payment to the first step of its run */
async function payMeanwhile(world: World, db: Database, publicUrl: string): Promise<number> {
  const { body } = await checkout(publicUrl, draft());
  world.systems.stripe.payCheckout(body.session_id);
  const paid = performance.now();
  await until(
    db,
    `select count(*) as n from runs r join subscriptions s on s.id = r.subscription_id
       join checkout_sessions c on c.order_id = s.order_id
      where c.provider_id = '${body.session_id}' and r.started_at is not null`,
    (n) => n === 1,
  );
  return performance.now() - paid;
}

function readsByName(world: World): [string, number][] {
  const reads = Object.entries(world.counts.all()).filter(([call]) => call.startsWith('stripe GET'));
  return reads.sort(([, a], [, b]) => b - a);
}

interface Result {
  readonly customers: number;
  readonly events: number;
  readonly reads: number;
  readonly seconds: number;
  readonly storedSeconds: number;
  readonly runBeganAfterSeconds: number;
}

function report(result: Result): void {
  const { customers, events, reads, seconds, storedSeconds, runBeganAfterSeconds } = result;
  const scale = customers / 5_000;
  const bound = reads / READS_PER_SECOND;
  const ok = reads <= 18_000 * scale && seconds <= 180 * Math.max(scale, 0.2) && runBeganAfterSeconds <= 10;
  console.log(`${events} events of ${customers} customers: stored after ${storedSeconds.toFixed(1)} s`);
  console.log(
    `${reads} reads (${(reads / customers).toFixed(2)} a customer), drained after ${seconds.toFixed(1)} s`,
  );
  console.log(
    `${(seconds / bound).toFixed(2)} times what the reads alone take at ${READS_PER_SECOND} a second`,
  );
  console.log(`a checkout paid meanwhile: its run began after ${runBeganAfterSeconds.toFixed(1)} s`);
  console.log(JSON.stringify({ ...result, ok }));
}

async function until(db: Database, query: string, good: (n: number) => boolean): Promise<void> {
  for (let tries = 0; tries < 4_000; tries += 1) {
    const { rows } = await db.query<{ n: number }>(query);
    if (good(rows[0]!.n)) return;
    await sleep(100);
  }
  throw new Error(`did not happen within 400 s: ${query}`);
}
