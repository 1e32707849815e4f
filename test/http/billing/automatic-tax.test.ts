/** A catalogue that leaves taxes to the provider: checkout, later subscriptions and what they are made from say so. */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { createSubscription } from '../../../connector/billing/commands/create.ts';
import { type Scene, startScene } from '../../billing/commands/scene.ts';

const scenes: Scene[] = [];
afterAll(() => Promise.all(scenes.map((scene) => scene.stop())));

async function bought(automaticTax: boolean | undefined) {
  const catalogue = JSON.parse(readFileSync('mappings/plans.json', 'utf8')) as Record<string, unknown>;
  const catalogueFile = join(mkdtempSync(join(tmpdir(), 'plans-')), 'plans.json');
  writeFileSync(
    catalogueFile,
    JSON.stringify({ ...catalogue, ...(automaticTax !== undefined && { automaticTax }) }),
  );
  const scene = await startScene({ catalogueFile });
  scenes.push(scene);
  const { customerId } = await scene.buy();
  const wanted = { planKey: 'starter', interval: 'month' } as const;
  await createSubscription(scene.deps, { customerId, wanted, requestId: 'one-more' });
  const { stripe } = scene.world.systems;
  return [...stripe.sessions(), ...stripe.subscriptions()].map(({ automatic_tax }) => automatic_tax.enabled);
}

it('is asked of Stripe only when the catalogue says so', async () => {
  expect(await bought(true)).toEqual([true, true, true]);
  expect(await bought(undefined)).toEqual([false, false, false]);
});
