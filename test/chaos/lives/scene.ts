/** One outside world, one installation on PostgreSQL, and connector processes that follow one another. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createLog } from '../../../connector/log.ts';
import { type AdminClient, adminClient } from '../../../scripts/commands/admin-client.ts';
import { freePort } from '../../../scripts/demo/free-port.ts';
import { prepareInstallation } from '../../../scripts/demo/prepare.ts';
import { startWorld, type World } from '../../../scripts/sandbox/world.ts';
import { type ConnectorProcess, startConnectorProcess } from './connector-process.ts';

export interface Scene {
  readonly world: World;
  readonly url: string;
  readonly admin: AdminClient;
  /** What all its connectors have logged. */
  readonly logFile: string;
  /** When the connector was killed, by the world's clock. */
  readonly kills: readonly Date[];
  /** After that time; the next one is there when it resolves. */
  kill(afterMs: number): Promise<void>;
  /** Whether the connector that was there has been killed since. */
  watch(): { killed(): boolean };
  /** Resolves when a connector listens. */
  ready(): Promise<void>;
  /** World and connector alike. */
  advance(ms: number): Promise<void>;
  close(): Promise<void>;
}

/** @param databaseUrl fresh and migrated */
export async function openScene(databaseUrl: string): Promise<Scene> {
  const world = await startWorld();
  world.systems.stripe.settings.signatureClock = 'sandbox';
  const folder = mkdtempSync(join(tmpdir(), 'lives-'));
  const logFile = join(folder, 'connector.log');
  const url = `http://127.0.0.1:${await freePort(0)}`;
  const prepared = await prepareInstallation({
    folder,
    env: world.env,
    publicUrl: url,
    log: createLog({ level: 'silent' }),
    print: () => {},
  });
  const env = { ...prepared, TRUST_PROXY: 'loopback', DATABASE_URL: databaseUrl } as Record<string, string>;
  const kills: Date[] = [];
  const aheadMs = (): number => world.clock.now().getTime() - Date.now();
  const start = (): Promise<ConnectorProcess> =>
    startConnectorProcess({ orders: { databaseUrl, logFile, aheadMs: aheadMs() }, env });
  let connector = start();
  await connector;

  return {
    world,
    url,
    admin: adminClient({ ...env, CONNECTOR_URL: url }),
    logFile,
    kills,
    async kill(afterMs) {
      const doomed = await connector;
      await sleep(afterMs);
      kills.push(world.clock.now());
      connector = doomed.kill().then(start);
      await connector;
    },
    watch() {
      const before = kills.length;
      return { killed: () => kills.length > before };
    },
    async ready() {
      await connector;
    },
    async advance(ms) {
      await world.clock.advance(ms);
      await (await connector).moveClock(aheadMs());
    },
    async close() {
      await (await connector.catch(() => undefined))?.stop();
      await world.stop();
    },
  };
}
