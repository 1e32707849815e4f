/** Comparing the ERP's records with ours: mappings without a version, records that go meanwhile, an ERP that fails half-way. */
import { beforeAll, beforeEach, expect, it } from 'vitest';
import { bind, intend } from '../../connector/crm/bindings.ts';
import { externalId } from '../../connector/crm/ids.ts';
import type { FieldMapping, OdooMapping } from '../../connector/crm/mapping.ts';
import { drainOutbox } from '../../connector/crm/outbox.ts';
import { type ReconcileDeps, reconcileErp } from '../../connector/crm/reconcile.ts';
import { makeMirror } from '../../scripts/bench/mirror/make-mirror.ts';
import { seedSale } from '../support/seed.ts';
import { type ErpStage, openErpStage } from './erp-stage.ts';

let stage: ErpStage;
beforeAll(async () => {
  stage = await openErpStage();
});
beforeEach(async () => {
  stage.world.faults.clear();
  for (const table of ['erp_outbox', 'erp_records', 'invoices', 'subscriptions'])
    await stage.db.query(`delete from ${table}`);
});

const odoo = () => stage.world.systems.odoo;
const mirror = (count: number, mapping = stage.deps.mapping) => makeMirror({ ...stage.deps, mapping, count });
const reconcile = (change: Partial<ReconcileDeps> = {}) => reconcileErp({ ...stage.deps, ...change });
const outbox = async () => (await stage.db.query('select 1 from erp_outbox')).rowCount;

const subscriptionFields = (
  fields: (shipped: Readonly<Record<string, FieldMapping>>) => Record<string, FieldMapping>,
): OdooMapping => {
  const { mapping } = stage.deps;
  const { subscription } = mapping.records;
  return {
    ...mapping,
    records: { ...mapping.records, subscription: { ...subscription, fields: fields(subscription.fields) } },
  };
};

it('of subscriptions that have no record yet the ERP is not asked', async () => {
  const { subscriptionId } = await seedSale(stage.db);
  await intend(stage.db, 'x_stripe_subscription', [externalId.subscription(subscriptionId)]);
  stage.world.counts.reset();
  expect(await reconcile()).toEqual({ looked: 0, differed: 0, ahead: [], gone: [] });
  expect(stage.world.counts.of('odoo')).toBe(0);
});

it('without a field for the version goes by what we wrote last', async () => {
  const mapping = subscriptionFields(({ x_version: _left, ...fields }) => fields);
  const [, gone] = await mirror(2, mapping);
  expect(await reconcile({ mapping })).toMatchObject({ looked: 2, differed: 0, gone: [] });
  await stage.db.query("update subscriptions set status = 'past_due', version = 2");
  odoo().staff.delete('x_stripe_subscription', gone!);
  const found = await reconcile({ mapping });
  expect(found).toMatchObject({ looked: 2, differed: 1 });
  expect(found.gone).toHaveLength(1);
  expect(await outbox()).toBe(1);
});

it('a version that staff emptied counts as none: the record is written again', async () => {
  const [id] = await mirror(1);
  await stage.admin.call('x_stripe_subscription', 'write', {
    ids: [id!],
    vals: { x_version: false, x_status: 'x' },
  });
  expect(await reconcile()).toMatchObject({ differed: 1 });
  await drainOutbox(stage.deps);
  expect(odoo().read('x_stripe_subscription', id!)).toMatchObject({ x_version: 1, x_status: 'active' });
});

it('a subscription that is erased while the ERP is read leaves nothing to write', async () => {
  await mirror(1);
  await stage.db.query('update subscriptions set version = 2');
  const guard: ReconcileDeps['guard'] = async (call) => {
    const answer = await call();
    await stage.db.query('delete from subscriptions');
    return answer;
  };
  await reconcile({ guard });
  expect(await outbox()).toBe(0);
});

it('a record that staff moved under another is followed; a dry run only says so', async () => {
  const [id] = await mirror(1);
  const survivor = odoo().staff.create('x_stripe_subscription', { x_name: 'survivor' });
  const data = odoo().find(
    'ir.model.data',
    (each) => each.model === 'x_stripe_subscription' && each.res_id === id,
  )!;
  odoo().staff.edit('ir.model.data', data.id, { res_id: survivor });
  odoo().staff.delete('x_stripe_subscription', id!);
  const bound = async () =>
    (await stage.db.query<{ id: number }>('select res_id as id from erp_records')).rows[0]!.id;
  expect(await reconcile({ dryRun: true })).toMatchObject({ differed: 1, gone: [] });
  expect(await bound()).toBe(id);
  expect(await reconcile()).toMatchObject({ differed: 1, gone: [] });
  expect(await bound()).toBe(survivor);
  await drainOutbox(stage.deps);
  expect(odoo().read('x_stripe_subscription', survivor)).toMatchObject({ x_status: 'active' });
});

it('an ERP that fails while a lost record is looked for does not make it “deleted”', async () => {
  const [id] = await mirror(1);
  odoo().staff.delete('x_stripe_subscription', id!);
  stage.world.faults.add({
    system: 'odoo',
    operation: 'ir.model.data.check_object_reference',
    kind: 'permanent',
    times: 1,
  });
  await expect(reconcile()).rejects.toMatchObject({ system: 'odoo' });
  const { rows } = await stage.db.query<{ gone_at: Date | null }>('select gone_at from erp_records');
  expect(rows[0]!.gone_at).toBeNull();
  expect((await reconcile()).gone).toHaveLength(1);
});

it('an ERP that fails while an emptied link is led back leaves the opportunity known', async () => {
  const { subscriptionId, orderId } = await seedSale(stage.db);
  const record = odoo().staff.create('x_stripe_subscription', { x_name: 'unlinked' });
  const lead = odoo().staff.create('crm.lead', { name: 'By hand', type: 'opportunity' });
  const names = [externalId.subscription(subscriptionId), externalId.opportunity(orderId)] as const;
  await intend(stage.db, 'x_stripe_subscription', [names[0]]);
  await intend(stage.db, 'crm.lead', [names[1]]);
  await bind(stage.db, [
    { name: names[0], resId: record },
    { name: names[1], resId: lead },
  ]);
  stage.world.faults.add({ system: 'odoo', operation: 'crm.lead.search', kind: 'permanent', times: 1 });
  await expect(reconcile()).rejects.toMatchObject({ system: 'odoo' });
  const linked = () => [odoo().read('x_stripe_subscription', record)!.x_opportunity_id].flat()[0];
  expect(linked()).toBe(false);
  await reconcile({ guard: (call) => call() });
  expect(linked()).toBe(lead);
});
