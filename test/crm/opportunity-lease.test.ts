/** One writer per opportunity: what was on its way before the money came does not arrive after it. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadCatalogue } from '../../connector/billing/plans.ts';
import { readSale } from '../../connector/billing/read-sale.ts';
import { type Crm, createCrm } from '../../connector/crm/crm.ts';
import { loadOdooMapping } from '../../connector/crm/mapping.ts';
import { wantOpportunity } from '../../connector/crm/opportunity-rows.ts';
import { loadWorkspaceTree } from '../../connector/crm/workspace-tree.ts';
import { createLog } from '../../connector/log.ts';
import { createOdoo, type Odoo } from '../../connector/odoo/odoo.ts';
import { setupErp } from '../../scripts/commands/setup-erp.ts';
import type { World } from '../../scripts/sandbox/world.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { startTestWorld } from '../support/sandbox.ts';
import { seedSale } from '../support/seed.ts';

const log = createLog({ level: 'silent' });
const catalogue = loadCatalogue(new URL('../../mappings/plans.json', import.meta.url));
const guard = <T>(call: () => Promise<T>) => call();
const folder = mkdtempSync(join(tmpdir(), 'opportunity-lease-'));
// Ahead of the database's own clock, by which a new row is due at once.
const now = () => new Date(Date.now() + 60_000);
let world: World;
let db: TestDatabase;
let odoo: Odoo;

beforeAll(async () => {
  world = await startTestWorld();
  const { ODOO_URL: url, ODOO_DB: name, ODOO_USERNAME: login, ODOO_API_KEY: key } = world.env;
  const odooAs = (username: string, apiKey: string) =>
    createOdoo({ url: url!, db: name!, username, apiKey, transport: 'auto', log });
  const keyFile = join(folder, 'key');
  await setupErp({ odooAdmin: odooAs(login!, key!), odooAs, keyFile, print: () => {} });
  odoo = odooAs('stripe-connector', readFileSync(keyFile, 'utf8').trim());
  db = await openTestDatabase();
});
afterAll(async () => {
  await db?.close();
  rmSync(folder, { recursive: true });
});

const crmWith = (port: Odoo): Crm =>
  createCrm({
    db,
    odoo: port,
    log,
    now,
    mapping: loadOdooMapping(),
    workspaceTree: loadWorkspaceTree(),
    publicUrl: 'https://connect.example.com',
    erpUrl: 'https://erp.example.com',
  });

const lead = () => world.systems.odoo.records('crm.lead')[0]!;
const isWon = () => {
  const [stage] = [lead().stage_id].flat();
  return world.systems.odoo.read('crm.stage', Number(stage))?.is_won;
};

test('money that comes while the opportunity is being lost waits for that, and wins', async () => {
  const { orderId, subscriptionId } = await seedSale(db);
  const want = (stage: 'open' | 'lost' | 'paid') =>
    db.tx((tx) => wantOpportunity(tx, { orderId, stage, now: new Date() }));
  const crm = crmWith(odoo);
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
  const losing = crmWith(slow).sweepOpportunities({ catalogue, guard });
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
  const { orderId, subscriptionId } = await seedSale(db);
  const sale = await readSale(db, { subscriptionId, catalogue });
  const crm = crmWith(odoo);
  const { companyId } = await crm.ensurePartners(sale);
  await db.query(
    `insert into opportunities (order_id, wanted, since, held_by, held_until)
     values ($1, 'paid', now(), gen_random_uuid(), $2)`,
    [orderId, new Date(now().getTime() + 1_000)],
  );
  const began = performance.now();
  await crm.ensureOpportunityWon(sale, { companyId });
  expect(performance.now() - began).toBeGreaterThan(900);
  const { rows } = await db.query('select held_by from opportunities where order_id = $1', [orderId]);
  expect(rows).toEqual([{ held_by: null }]);
});
