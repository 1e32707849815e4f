/** A customer served by everything, and an operator's commands that hold Stripe, our records, the ERP and storage against each other. */
import { expect, vi } from 'vitest';
import type { DriftRow, PassDetails } from '../../connector/billing/passes/rows.ts';
import { runSync } from '../../scripts/commands/sync.ts';
import { openScene } from '../support/scene.ts';

interface Outcome {
  readonly pass: PassDetails;
  readonly drifts: readonly DriftRow[];
}

export type KeepingScene = Awaited<ReturnType<typeof openKeeping>>;

/** Close it with `close()`. */
export async function openKeeping() {
  const { world, db, connector, stripe, buy, close } = await openScene();
  const env: NodeJS.ProcessEnv = { ...connector.env, CONNECTOR_URL: connector.publicUrl };
  await buy();
  await world.systems.stripe.deliveriesIdle();

  let said: string[] = [];
  const forget = () => {
    said = [];
  };
  async function pass(command: typeof runSync, ...argv: string[]): Promise<Outcome> {
    forget();
    expect(await command([...argv, '--json'], env)).toBe(0);
    return JSON.parse(said.join(''));
  }

  return {
    world,
    db,
    stripe,
    env,
    /** Lines the commands have printed since `listen` or `forget`. */
    get said(): readonly string[] {
      return said;
    },
    forget,
    /** For `beforeEach`: the screen is listened to until the test is over. */
    listen() {
      forget();
      vi.spyOn(console, 'log').mockImplementation((line) => void said.push(String(line)));
      return () => {
        vi.restoreAllMocks();
      };
    },
    /** A command's outcome by its `--json`. */
    pass,
    full: (...argv: string[]) => pass(runSync, '--full', ...argv),
    /** The customer's subscription as we have it. */
    async ours() {
      const { rows } = await db.query<{
        id: number;
        providerId: string;
        customerId: string;
        status: string;
        version: number;
      }>(
        'select id, provider_id as "providerId", customer_id as "customerId", status, version from subscriptions where order_id is not null',
      );
      return rows[0]!;
    },
    recordOf: (stripeId: string) =>
      world.systems.odoo.find('x_stripe_subscription', (record) => record.x_stripe_id === stripeId),
    activities: (summary: string) =>
      world.systems.odoo.records('mail.activity').filter((each) => each.summary === summary),
    close,
  };
}
