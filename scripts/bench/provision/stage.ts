/** A connector process on PostgreSQL, and the sandbox in this process. */
import { once } from 'node:events';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '../../../connector/db/database.ts';
import { openPostgres } from '../../../connector/db/postgres.ts';
import { createLog } from '../../../connector/log.ts';
import { checkout, draft } from '../../../test/support/connector.ts';
import { startPostgresServer } from '../../../test/support/postgres-server.ts';
import { freePort } from '../../demo/free-port.ts';
import { prepareInstallation } from '../../demo/prepare.ts';
import { startWorld, type World } from '../../sandbox/world.ts';
import { ready, startConnector } from '../shared/connector-process.ts';

export interface Stage {
  readonly world: World;
  /** Makes and pays this many orders; `held`: their webhooks wait for `release()`. @returns session ids */
  buy(count: number, options?: { held?: boolean }): Promise<readonly string[]>;
  release(): Promise<void>;
  /** Waits until every one of these orders' runs is done. */
  finished(sessions: readonly string[]): Promise<void>;
  /** CPU milliseconds used so far: by the connector's process, and by this one (sandbox and measuring). */
  cpuMs(): { connector: number; sandbox: number };
  stop(): Promise<void>;
}

export async function startStage(): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-provision-'));
  const postgres = await startPostgresServer({ durable: true });
  const world = await startWorld();
  const publicUrl = `http://127.0.0.1:${await freePort(0)}`;
  const env = await prepareInstallation({
    folder,
    env: world.env,
    publicUrl,
    log: createLog({ level: 'silent' }),
    print: () => {},
  });
  const connector = startConnector(
    { ...env, DATABASE_URL: postgres.url, LOG_LEVEL: 'warn' },
    join(folder, 'log'),
  );
  await ready(publicUrl, connector);
  const db = await openPostgres({ url: postgres.url, maxConnections: 2 });
  return {
    world,
    async buy(count, { held = false } = {}) {
      if (held) world.systems.stripe.holdDeliveries();
      const sessions: string[] = [];
      for (let made = 0; made < count; made += 1) sessions.push(await buyOne(world, publicUrl, made));
      return sessions;
    },
    release: async () => void (await world.systems.stripe.releaseDeliveries()),
    finished: (sessions) => finished(db, sessions),
    cpuMs() {
      const own = process.cpuUsage();
      return { connector: cpuOf(connector.pid!), sandbox: (own.user + own.system) / 1000 };
    },
    async stop() {
      connector.kill('SIGTERM');
      await once(connector, 'exit');
      await db.close();
      await world.stop();
      await postgres.stop();
    },
  };
}

/** Each from another address: the rate limit is not what is measured. */
async function buyOne(world: World, publicUrl: string, index: number): Promise<string> {
  const from = `10.${index >> 8}.${index & 255}.${Math.floor(Math.random() * 250) + 1}`;
  const reply = await checkout(publicUrl, draft({ plan: 'professional' }), { 'x-forwarded-for': from });
  if (reply.status !== 201)
    throw new Error(`checkout answered ${reply.status}: ${JSON.stringify(reply.body)}`);
  world.systems.stripe.payCheckout(reply.body.session_id);
  return reply.body.session_id;
}

/** Linux: utime and stime of /proc/<pid>/stat, in ticks of 10 ms. */
function cpuOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

async function finished(db: Database, sessions: readonly string[]): Promise<void> {
  // Not more often: counting takes the database's time from what is measured.
  for (let tries = 0; tries < 1500; tries += 1) {
    const done = await db.query<{ n: number }>(
      `select count(*) as n from runs r join subscriptions s on s.id = r.subscription_id
         join checkout_sessions c on c.order_id = s.order_id where c.provider_id = any($1::text[]) and r.status = 'done'`,
      [sessions],
    );
    if (done.rows[0]!.n === sessions.length) return;
    await sleep(100);
  }
  throw new Error('the runs did not end within two minutes');
}
