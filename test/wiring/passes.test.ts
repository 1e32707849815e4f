/** The slow look over everything, where there is little to look at. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createLog } from '../../connector/log.ts';
import { createPasses, type Passes } from '../../connector/wiring/passes.ts';
import { openSteps, type Steps } from '../support/steps.ts';

let steps: Steps;
let passes: Passes;
const lanes: string[] = [];

beforeAll(async () => {
  steps = await openSteps();
  const { db, storage, now } = steps.deps;
  const { stripe, odoo, odooMapping: mapping } = steps.systems;
  passes = createPasses({
    db,
    stripe,
    storage,
    erp: { db, odoo, mapping, now },
    guard: (_system, call) => call(),
    wakeLane: (customerId) => lanes.push(customerId),
    wakeOutbox: () => {},
    tellStaff: () => {},
    log: createLog({ level: 'silent' }),
    now,
  });
});
afterAll(() => steps?.db.close());

it('an installation that gave out no storage asks nothing of Backblaze, and finds nothing', async () => {
  steps.world.counts.reset();
  const { id } = await passes.begin({ kind: 'full', dryRun: false });
  await passes.work.andWait();
  expect(await passes.show(id)).toMatchObject({ looked: 0, found: {}, cause: null });
  expect((await passes.show(id))!.finishedAt).not.toBeNull();
  expect(await passes.drifts({ limit: 10 })).toEqual([]);
  expect(steps.world.counts.of('b2')).toBe(0);
  expect(steps.world.counts.of('stripe')).toBeGreaterThan(0);
});

it('a customer bought past us is found and left alone, until an import takes them over', async () => {
  const { stripe } = steps.world.systems;
  const price = stripe.prices().find((each) => each.lookup_key === 'starter_month')!;
  const made = stripe.createDashboardSubscription({
    name: 'Dashboard Works',
    email: 'dash@works.example',
    prices: [price.id],
  });
  const full = await passes.begin({ kind: 'full', dryRun: false });
  await passes.work.andWait();
  expect(await passes.show(full.id)).toMatchObject({ looked: 1, found: { subscription_unknown: 1 } });
  expect(lanes).toEqual([]);
  await passes.begin({ kind: 'import', dryRun: false });
  await passes.work.andWait();
  expect(lanes).toEqual([made.customer]);
  const { rows } = await steps.db.query('select id from customers where imported_at is not null');
  expect(rows).toEqual([{ id: made.customer }]);
});
