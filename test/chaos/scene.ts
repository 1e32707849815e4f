/** One outside world, one installation, and connector processes that come and go. */
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Database } from '../../connector/db/database.ts';
import { openDatabase } from '../../connector/db/open.ts';
import { createLog } from '../../connector/log.ts';
import { type AdminClient, adminClient } from '../../scripts/commands/admin-client.ts';
import { freePort } from '../../scripts/demo/free-port.ts';
import { prepareInstallation } from '../../scripts/demo/prepare.ts';
import type { World } from '../../scripts/sandbox/world.ts';
import { checkout, type Draft, draft } from '../support/connector.ts';
import { openTestPostgres, type TestDatabase } from '../support/database.ts';
import { startTestWorld } from '../support/sandbox.ts';
import type { ChildOrders, ToChild } from './point.ts';
import { type ConnectorProcess, startProcess } from './process.ts';

export interface Purchase {
  readonly sessionId: string;
  readonly company: string;
  readonly contact: string;
  readonly logins: readonly string[];
}

export interface Instance extends ConnectorProcess {
  readonly admin: AdminClient;
}

export type Scene = Awaited<ReturnType<typeof openScene>>;

// Long enough for a busy machine to beat in time, short enough to wait for.
const HEARTBEAT_SECONDS = 3;

export async function openScene(kind: Database['kind']) {
  const folder = mkdtempSync(join(tmpdir(), 'chaos-'));
  const world: World = await startTestWorld();
  const postgres: TestDatabase | undefined = kind === 'postgres' ? await openTestPostgres() : undefined;
  const publicPort = await freePort(0);
  const publicUrl = `http://127.0.0.1:${publicPort}`;
  const prepared = await prepareInstallation({
    folder,
    env: world.env,
    publicUrl,
    log: createLog({ level: 'silent' }),
    print: () => {},
  });
  const env: Readonly<Record<string, string>> = { ...prepared, TRUST_PROXY: 'loopback' };
  const database: ChildOrders['database'] =
    postgres === undefined ? { dataDir: folder } : { url: postgres.url! };
  const logFile = join(folder, 'connector.log');
  const instances = new Set<ConnectorProcess>();
  const everStarted: ConnectorProcess[] = [];
  let buyers = 0;

  async function start(
    orders: Partial<Pick<ChildOrders, 'slots' | 'point'>> = {},
    options: {
      /** Listens where Stripe and customers come. */
      front?: boolean;
      onRun?: (run: string, process: ConnectorProcess) => ToChild;
      env?: Readonly<Record<string, string>>;
    } = {},
  ): Promise<Instance> {
    const port = options.front === true ? publicPort : await freePort(0);
    const process = startProcess({
      orders: {
        database,
        logFile,
        heartbeatSeconds: HEARTBEAT_SECONDS,
        slots: { lane: 4, run: 1 },
        point: null,
        ...orders,
      },
      env: { ...env, ...options.env, PORT: String(port) },
      ...(options.onRun !== undefined && { onRun: options.onRun }),
    });
    instances.add(process);
    everStarted.push(process);
    void process.gone.then(() => instances.delete(process));
    return { ...process, admin: adminClient({ ...env, CONNECTOR_URL: `http://127.0.0.1:${port}` }) };
  }

  return {
    kind,
    folder,
    world,
    env,
    start,
    /** A new company fills in everything and pays. */
    async buy(
      pay: (sessionId: string) => unknown = (id) => world.systems.stripe.payCheckout(id),
      change: Draft = {},
    ): Promise<Purchase> {
      buyers += 1;
      const body = draft(change);
      const reply = await checkout(publicUrl, body, {
        'x-forwarded-for': `10.1.${buyers >> 8}.${buyers & 255}`,
      });
      if (reply.status !== 201)
        throw new Error(`checkout answered ${reply.status} ${JSON.stringify(reply.body)}`);
      pay(reply.body.session_id);
      const { name, contact_email } = body.organisation as Record<string, string>;
      const logins = (body.stakeholders as { email: string }[]).map(({ email }) => email);
      return { sessionId: reply.body.session_id, company: name!, contact: contact_email!, logins };
    },
    /** What all processes have logged. */
    log: () => (existsSync(logFile) ? readFileSync(logFile, 'utf8') : ''),
    /** Reads the database; on PGlite once no process has it. */
    async withDatabase<T>(work: (db: Database) => Promise<T>): Promise<T> {
      if (postgres !== undefined) return work(postgres);
      const db = await openDatabase({ dataDir: folder });
      try {
        return await work(db);
      } finally {
        await db.close();
      }
    },
    /**
     * Whoever was killed at the ERP's outbox keeps others from it for two and a half minutes: passed over here.
     * @param idleSeconds only where nobody took it anew for so long: the sandbox answers at once, so its holder is gone
     */
    async passLease(idleSeconds = 0): Promise<void> {
      await this.withDatabase((db) =>
        db.query(
          `update cursors set updated_at = updated_at - interval '151 seconds'
           where name = 'erp_outbox_lease' and ($1::int = 0 or updated_at <= now() - make_interval(secs => $1::int))`,
          [idleSeconds],
        ),
      );
    },
    /** Also of one that is gone. */
    ownerOf: (socket: string) => everStarted.findLast((each) => each.owns(socket)),
    async close() {
      for (const each of instances) each.kill();
      await Promise.all([...instances].map((each) => each.gone));
      await world.stop();
      await postgres?.close();
    },
  };
}
