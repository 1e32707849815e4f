/** A whole connector in a world of its own with a fresh database: what a journey begins with. */
import type Stripe from 'stripe';
import type { Database } from '../../connector/db/database.ts';
import type { RunDetails } from '../../connector/provisioning/runs.ts';
import { createStripe } from '../../connector/stripe/client.ts';
import type { World } from '../../scripts/sandbox/world.ts';
import {
  type ConnectorOptions,
  checkout,
  draft,
  runOf,
  startConnector,
  type TestConnector,
} from './connector.ts';
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

export interface Bought {
  /** The order's token. */
  readonly order: string;
  readonly sessionId: string;
  /** Stripe's, cus_… and in_… */
  readonly customer: string;
  readonly invoice: string;
  readonly run: RunDetails;
}

export interface Scene {
  readonly world: World;
  readonly db: TestDatabase;
  readonly connector: TestConnector;
  /** The company's own client, as its Dashboard would act. */
  readonly stripe: Stripe;
  /** A customer fills in a draft (without one: of another company each time) and pays; its run is done. */
  buy(body?: object, headers?: Record<string, string>): Promise<Bought>;
  /** Stops the connector and starts the same installation once more, with these variables changed. */
  restart(change: Readonly<Record<string, string>>): Promise<void>;
  close(): Promise<void>;
}

/** Close it with `close()`; the world goes with the test file. @throws what refused the connector's start */
export async function openScene(options: SceneOptions = {}): Promise<Scene> {
  const { database, now: clock, world = await startTestWorld(), ...rest } = options;
  const db = database === 'postgres' ? await openTestPostgres() : await openTestDatabase();
  const now = clock === 'world' ? world.clock.now : (clock ?? (() => new Date()));
  let connector = await startConnector({ ...rest, world, db, now }).catch(async (error) => {
    await db.close();
    throw error;
  });
  return {
    world,
    db,
    get connector() {
      return connector;
    },
    stripe: createStripe({ secretKey: world.env.STRIPE_SECRET_KEY!, apiUrl: world.env.STRIPE_API_URL }),
    async buy(body = draft(), headers = {}) {
      const reply = await checkout(connector.publicUrl, body, headers);
      if (reply.status !== 201)
        throw new Error(`checkout answered ${reply.status} ${JSON.stringify(reply.body)}`);
      const { order, session_id: sessionId } = reply.body;
      world.systems.stripe.payCheckout(sessionId);
      const session = world.systems.stripe.sessions().find(({ id }) => id === sessionId)!;
      const run = await runOf(connector, db, sessionId);
      return { order, sessionId, customer: String(session.customer), invoice: String(session.invoice), run };
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
