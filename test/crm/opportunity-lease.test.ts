/** One writer per opportunity: what was on its way before the money came does not arrive after it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, test, vi } from 'vitest';
import { loadCatalogue } from '../../connector/billing/plans.ts';
import { readSale } from '../../connector/billing/read-sale.ts';
import { wantOpportunity } from '../../connector/crm/opportunity-rows.ts';
import type { Odoo } from '../../connector/odoo/odoo.ts';
import { seedSale } from '../support/seed.ts';
import { type ErpStage, openErpStage } from './erp-stage.ts';

const catalogue = loadCatalogue(new URL('../../mappings/plans.json', import.meta.url));
const guard = <T>(call: () => Promise<T>) => call();
let stage: ErpStage;
beforeAll(async () => {
  stage = await openErpStage();
});

const lead = () => stage.world.systems.odoo.records('crm.lead')[0]!;
const isWon = () => {
  const [id] = [lead().stage_id].flat();
  return stage.world.systems.odoo.read('crm.stage', Number(id))?.is_won;
};

/** Another process writes it, for so long from now on. */
async function heldElsewhere(orderId: number, wanted: 'open' | 'paid', ms: number): Promise<void> {
  await stage.db.query(
    `insert into opportunities (order_id, wanted, since, held_by, held_until)
     values ($1, $2, now(), gen_random_uuid(), $3)`,
    [orderId, wanted, new Date(stage.deps.now().getTime() + ms)],
  );
}

test('money that comes while the opportunity is being lost waits for that, and wins', async () => {
  const { db, crm, odoo } = stage;
  const { orderId, subscriptionId } = await seedSale(db);
  const want = (wanted: 'open' | 'lost' | 'paid') =>
    db.tx((tx) => wantOpportunity(tx, { orderId, stage: wanted, now: new Date() }));
  await want('open');
  await crm.sweepOpportunities({ catalogue, guard });
  expect(isWon()).toBe(false);

  // Another process, whose call is long on its way.
  const arrives = Promise.withResolvers<void>();
  const sent = Promise.withResolvers<void>();
  const slow: Odoo = {
    ...odoo,
    async call(model, method, args) {
      if (method === 'action_set_lost') {
        sent.resolve();
        await arrives.promise;
      }
      return odoo.call(model, method, args);
    },
  };
  await want('lost');
  const losing = stage.crmWith({ odoo: slow }).sweepOpportunities({ catalogue, guard });
  await sent.promise;

  await want('paid');
  const sale = await readSale(db, { subscriptionId, catalogue });
  const { companyId } = await crm.ensurePartners(sale);
  let won = false;
  const winning = crm.ensureOpportunityWon(sale, { companyId }).then(() => {
    won = true;
  });
  // Time enough to win, for one that does not wait.
  await Promise.race([winning, sleep(1_500)]);
  expect(won).toBe(false);
  arrives.resolve();
  await Promise.all([losing, winning]);
  expect({ active: lead().active, won: isWon() }).toEqual({ active: true, won: true });
});

test('a writer that died keeps others waiting for its time and no longer', async () => {
  const { db, crm } = stage;
  const { orderId, subscriptionId } = await seedSale(db);
  const sale = await readSale(db, { subscriptionId, catalogue });
  const { companyId } = await crm.ensurePartners(sale);
  await heldElsewhere(orderId, 'paid', 1_000);
  const began = performance.now();
  await crm.ensureOpportunityWon(sale, { companyId });
  expect(performance.now() - began).toBeGreaterThan(900);
  const { rows } = await db.query('select held_by from opportunities where order_id = $1', [orderId]);
  expect(rows).toEqual([{ held_by: null }]);
});

test('a sweep waits for nobody: it looks again in a moment', async () => {
  const { db, crm } = stage;
  const { orderId } = await seedSale(db);
  await heldElsewhere(orderId, 'open', 60_000);
  const before = stage.deps.now().getTime();
  await crm.sweepOpportunities({ catalogue, guard });
  const { rows } = await db.query<{ shown: string | null; retry_at: Date }>(
    'select shown, retry_at from opportunities where order_id = $1',
    [orderId],
  );
  expect(rows[0]!.shown).toBeNull();
  expect(rows[0]!.retry_at.getTime() - before).toBeGreaterThanOrEqual(5_000);
  expect(rows[0]!.retry_at.getTime() - before).toBeLessThan(30_000);
});

test('whoever has waited longer than any call lasts gives up, to be tried again', async () => {
  const { db, crm } = stage;
  const { orderId, subscriptionId } = await seedSale(db);
  const sale = await readSale(db, { subscriptionId, catalogue });
  const { companyId } = await crm.ensurePartners(sale);
  await heldElsewhere(orderId, 'paid', 3_600_000);
  vi.useFakeTimers({ toFake: ['performance'] });
  try {
    const winning = crm.ensureOpportunityWon(sale, { companyId }).catch((thrown: unknown) => thrown);
    // It has begun to wait; its clock goes on by itself from here.
    const clock = setInterval(() => vi.advanceTimersByTime(60_000), 50);
    const outcome = await winning;
    clearInterval(clock);
    expect(outcome).toMatchObject({ kind: 'retryable', code: 'opportunity_busy' });
  } finally {
    vi.useRealTimers();
  }
});
