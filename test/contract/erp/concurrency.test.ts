/** Many at once: no record twice, and no serialisation error reaches anybody. */
import { randomInt } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { loadCatalogue } from '../../../connector/billing/plans.ts';
import { readSale } from '../../../connector/billing/read-sale.ts';
import type { Sale } from '../../../connector/billing/sale.ts';
import { type Crm, createCrm } from '../../../connector/crm/crm.ts';
import { ensureRecords } from '../../../connector/crm/ensure-records.ts';
import { loadOdooMapping } from '../../../connector/crm/mapping.ts';
import { drainOutbox } from '../../../connector/crm/outbox.ts';
import { loadWorkspaceTree } from '../../../connector/crm/workspace-tree.ts';
import { createLog } from '../../../connector/log.ts';
import type { Odoo } from '../../../connector/odoo/odoo.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { seedSale } from '../../support/seed.ts';
import { openPreparedErp, type PreparedErp, unique } from './erp.ts';

const AT_ONCE = 16;
const RUNS = 8;
const MOST_TRIPS = 14;

let erp: PreparedErp;
let db: TestDatabase;
let odoo: Odoo;
let trips: string[];
const log = createLog({ level: 'silent' });
const now = () => new Date();

beforeAll(async () => {
  erp = await openPreparedErp();
  db = await openTestDatabase();
  // Numbers no other run on this server has used: external ids are made of them.
  const first = randomInt(1_000, 2_000_000) * 1000;
  for (const table of ['organisations', 'projects', 'stakeholders', 'orders', 'subscriptions'])
    await db.query(`alter table ${table} alter column id restart with ${first}`);
  const { service } = erp;
  const note = <T>(name: string, work: Promise<T>): Promise<T> => {
    trips.push(name);
    return work;
  };
  odoo = {
    version: service.version,
    call: (model, method, args) => note(`${model}.${method}`, service.call(model, method, args)),
    load: (model, fields, rows, options) => note(`${model}.load`, service.load(model, fields, rows, options)),
    xmlidToRes: (module, name) => note(`ref ${name}`, service.xmlidToRes(module, name)),
  };
  trips = [];
  return () => db.close();
}, 180_000);

const count = (model: string, domain: unknown[]): Promise<number> =>
  erp.admin.call(model, 'search_count', { domain, context: { active_test: false } });

describe('many at once', () => {
  test('sixteen different records, each made once', async () => {
    const tag = unique('Crowd').replaceAll('-', '_');
    const made = await Promise.all(
      Array.from({ length: AT_ONCE }, (_, index) =>
        ensureRecords(
          { db, odoo, now },
          {
            model: 'res.partner',
            wanted: [{ name: `${tag}_${index}`, values: { name: `${tag} ${index}` } }],
          },
        ),
      ),
    );
    const ids = made.flatMap((each) => [...each.ids.values()]);
    erp.tidy('res.partner', ids);
    expect(new Set(ids).size).toBe(AT_ONCE);
    expect(await count('res.partner', [['name', '=like', `${tag}%`]])).toBe(AT_ONCE);
  }, 180_000);

  test('sixteen times the same record, as several instances would: one', async () => {
    const name = unique('one').replaceAll('-', '_');
    const made = await Promise.all(
      Array.from({ length: AT_ONCE }, () =>
        ensureRecords({ db, odoo, now }, { model: 'res.partner', wanted: [{ name, values: { name } }] }),
      ),
    );
    const ids = [...new Set(made.flatMap((each) => [...each.ids.values()]))];
    erp.tidy('res.partner', ids);
    expect(ids).toHaveLength(1);
    expect(await count('res.partner', [['name', '=', name]])).toBe(1);
  }, 180_000);

  test('eight sales provisioned at once: each record once, at most fourteen trips a sale', async () => {
    const mapping = loadOdooMapping();
    const crm = createCrm({
      db,
      odoo,
      log,
      now,
      mapping,
      workspaceTree: loadWorkspaceTree(),
      publicUrl: 'https://connect.example.com',
      erpUrl: erp.url,
    });
    const catalogue = loadCatalogue(new URL('../../../mappings/plans.json', import.meta.url));
    const sales: Sale[] = [];
    for (let index = 0; index < RUNS; index += 1) {
      const { subscriptionId } = await seedSale(db, { organisation: unique('Crowd'), ...people() });
      sales.push(await readSale(db, { subscriptionId, catalogue }));
    }
    trips = [];
    const began = performance.now();
    const made = await Promise.all(sales.map((sale) => provision(crm, sale)));
    const ahead = () => new Date(Date.now() + 60_000);
    expect(await drainOutbox({ db, odoo, log, now: ahead })).toMatchObject({ parked: 0, busy: false });
    const seconds = (performance.now() - began) / 1000;
    console.log(
      `${RUNS} at once in ${seconds.toFixed(1)} s, ${(trips.length / RUNS).toFixed(1)} trips to the ERP each`,
    );
    expect(trips.length / RUNS).toBeLessThanOrEqual(MOST_TRIPS);
    for (const [index, sale] of sales.entries()) {
      expect(await count('res.partner', [['ref', '=', sale.organisation.providerCustomerId]])).toBe(1);
      expect(await count('crm.lead', [['partner_id', '=', made[index]!.companyId]])).toBe(1);
      expect(await count('x_stripe_subscription', [['x_stripe_id', '=', sale.subscription.providerId]])).toBe(
        1,
      );
      for (const { email } of sale.stakeholders)
        expect(await count('res.users', [['login', '=', email]])).toBe(1);
    }
  }, 300_000);
});

const people = () => ({
  contactEmail: `${unique('ada')}@crowd.example`,
  stakeholders: ['ines', 'lars', 'mia'].map((name, index) => ({
    name,
    email: `${unique(name)}@crowd.example`,
    role: index === 0 ? 'information_manager' : 'appointed_party',
  })),
});

/** What the steps of a run ask of the ERP, side by side where the run does so. */
async function provision(crm: Crm, sale: Sale): Promise<{ companyId: number }> {
  const partners = await crm.ensurePartners(sale);
  erp.tidy('res.partner', [partners.companyId]);
  erp.tidy('res.partner', [...new Set([partners.mainContactId, ...Object.values(partners.contactIds)])]);
  const [{ opportunityId }, { users }] = await Promise.all([
    crm.ensureOpportunityWon(sale, partners),
    crm.ensureUsers(sale, partners),
  ]);
  erp.tidy('crm.lead', [opportunityId]);
  const workspace = await crm.ensureWorkspace(sale, { ...partners, users });
  erp.tidy(
    'res.users',
    users.flatMap(({ userId }) => (userId === null ? [] : [userId])),
  );
  const content = Buffer.from('%PDF-1.4');
  const [, { recordId }] = await Promise.all([
    crm.fileDocuments(sale, {
      workspace,
      files: [
        { kind: 'bep', fileName: 'BEP.pdf', content },
        { kind: 'eir', fileName: 'EIR.pdf', content },
      ],
    }),
    crm.ensureSubscription(sale, { ...partners, opportunityId }),
  ]);
  erp.tidy('x_stripe_subscription', [recordId]);
  await crm.linkSubscription(sale, { recordId, workspace, bucketName: 'bucket' });
  for (const key of ['paid', 'provisioned'])
    await crm.leaveNotes(db, {
      subscriptionId: sale.subscription.id,
      orderId: sale.orderId,
      key,
      html: '<p>told</p>',
    });
  return partners;
}
