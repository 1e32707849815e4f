/** A whole connector in a world of its own with a fresh database: what a journey begins with. */
import type { Database } from '../../connector/db/database.ts';
import type { World } from '../../scripts/sandbox/world.ts';
import { type ConnectorOptions, startConnector, type TestConnector } from './connector.ts';
import { openTestDatabase, openTestPostgres, type TestDatabase } from './database.ts';
import { startTestWorld } from './sandbox.ts';

export interface SceneOptions extends Omit<ConnectorOptions, 'world' | 'db' | 'now'> {
  /** Default: PGlite. */
  readonly database?: Database['kind'];
  /** Default: a new one. */
  readonly world?: World;
  /** `world`: the sandbox's clock, which a test moves. Default: the time of day. */
  readonly now?: 'world' | (() => Date);
}

export interface Scene {
  readonly world: World;
  readonly db: TestDatabase;
  readonly connector: TestConnector;
  /** Stops the connector and starts the same installation once more, with these variables changed. */
  restart(change: Readonly<Record<string, string>>): Promise<void>;
  close(): Promise<void>;
}

/** Close it with `close()`; the world goes with the test file. */
export async function openScene(options: SceneOptions = {}): Promise<Scene> {
  const { database, now: clock, world = await startTestWorld(), ...rest } = options;
  const db = database === 'postgres' ? await openTestPostgres() : await openTestDatabase();
  const now = clock === 'world' ? world.clock.now : (clock ?? (() => new Date()));
  let connector = await startConnector({ ...rest, world, db, now });
  return {
    world,
    db,
    get connector() {
      return connector;
    },
    async restart(change) {
      await connector.stop();
      connector = await startConnector({ ...rest, world, db, now, again: connector.env, env: change });
    },
    async close() {
      await connector.stop();
      await db.close();
    },
  };
}
