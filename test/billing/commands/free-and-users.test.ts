/** A catalogue in yen with a free plan and one priced per user: nobody pays fractions of a yen, nothing is lost at zero. */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { confirmChange } from '../../../connector/billing/commands/confirm-change.ts';
import { type ChangeRequest, previewChange } from '../../../connector/billing/commands/preview-change.ts';
import { type Scene, startScene } from './scene.ts';

const DAY = 86_400_000;
let scene: Scene;
beforeAll(async () => {
  const raw = JSON.parse(readFileSync('mappings/plans.json', 'utf8'));
  const [starter] = raw.plans;
  const plan = (key: string, change: object) => ({ ...starter, key, name: key, setupAmount: 0, ...change });
  const catalogue = {
    ...raw,
    currency: 'jpy',
    addOns: [],
    plans: [
      plan('free', { prices: { month: 0 } }),
      plan('team', { usage: 'per_user', prices: { month: 3001, year: 30_001 } }),
    ],
  };
  const file = join(mkdtempSync(join(tmpdir(), 'yen-')), 'plans.json');
  writeFileSync(file, JSON.stringify(catalogue));
  scene = await startScene({ catalogueFile: file });
});
afterAll(() => scene.stop());

const change = async (request: ChangeRequest) => {
  const preview = await previewChange(scene.deps, request);
  const { outcome } = await confirmChange(scene.deps, {
    subscriptionId: request.subscriptionId,
    token: preview.token,
  });
  return { preview, outcome };
};
const newest = async (subscription: string) => (await scene.stripe.invoices.list({ subscription })).data[0]!;

it('more users are charged at once in whole yen, fewer with the next period', async () => {
  const { subscriptionId, providerId, customerId } = await scene.buy({
    plan: 'team',
    interval: 'month',
    quantity: 3,
  });
  expect((await newest(providerId)).amount_paid).toBe(9003);
  await scene.world.clock.advance(7 * DAY + 12_345_000);
  const more = await change({ subscriptionId, quantity: 5 });
  expect(more).toMatchObject({ outcome: 'changed', preview: { parts: ['more'], recurringAmount: 15_005 } });
  const invoice = await newest(providerId);
  expect(invoice).toMatchObject({ currency: 'jpy', amount_paid: more.preview.invoice.amountDue });
  expect(Number.isInteger(invoice.amount_paid) && invoice.amount_paid > 3000).toBe(true);
  expect(await scene.row(subscriptionId)).toMatchObject({ quantity: 5, recurring_amount: 15_005 });
  const fewer = await change({ subscriptionId, quantity: 2 });
  expect(fewer).toMatchObject({ outcome: 'scheduled', preview: { parts: ['fewer'] } });
  await scene.world.clock.advance(25 * DAY);
  await scene.syncCustomer(customerId);
  expect(await scene.row(subscriptionId)).toMatchObject({ quantity: 2 });
  expect((await newest(providerId)).amount_paid).toBe(6002);
  expect(await scene.transitions(subscriptionId)).toContain('quantity_changed');
});

it('down to the free plan at the end of the period, and up again for a full period from that day', async () => {
  const { subscriptionId, providerId, customerId } = await scene.buy({
    plan: 'team',
    interval: 'month',
    quantity: 4,
  });
  const down = await change({ subscriptionId, planKey: 'free' });
  expect(down).toMatchObject({
    outcome: 'scheduled',
    preview: {
      recurringAmount: 0,
      to: { planKey: 'free', quantity: 1 },
      // Two stakeholders and one project are within the limits.
      overLimits: [],
    },
  });
  await scene.world.clock.advance(40 * DAY);
  await scene.syncCustomer(customerId);
  expect(await scene.row(subscriptionId)).toMatchObject({
    plan_key: 'free',
    recurring_amount: 0,
    status: 'active',
  });
  expect((await newest(providerId)).amount_paid).toBe(0);
  const up = await change({ subscriptionId, planKey: 'team', quantity: 2 });
  expect(up).toMatchObject({ outcome: 'changed', preview: { invoice: { amountDue: 6002 } } });
  const live = await scene.deps.gateway.read(providerId);
  expect(Math.abs(live.currentPeriodStart.getTime() - scene.world.clock.now().getTime())).toBeLessThan(5000);
  expect((await newest(providerId)).amount_paid).toBe(6002);
});
