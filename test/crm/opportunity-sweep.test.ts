/** Orders in the ERP's pipeline: what stands in the way waits and keeps no other waiting, what staff did is theirs. */
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { loadCatalogue } from '../../connector/billing/plans.ts';
import { readSale } from '../../connector/billing/read-sale.ts';
import type { Crm } from '../../connector/crm/crm.ts';
import { followOrder } from '../../connector/crm/follow-order.ts';
import type { FieldMapping, OdooMapping } from '../../connector/crm/mapping.ts';
import { type PipelineStage, wantOpportunity } from '../../connector/crm/opportunity-rows.ts';
import type { Values } from '../../connector/crm/values.ts';
import { seedSale } from '../support/seed.ts';
import { type ErpStage, openErpStage } from './erp-stage.ts';

const catalogue = loadCatalogue(new URL('../../mappings/plans.json', import.meta.url));
let stage: ErpStage;
beforeAll(async () => {
  stage = await openErpStage();
});
beforeEach(async () => {
  stage.world.faults.clear();
  await stage.db.query('delete from opportunities');
});

const odoo = () => stage.world.systems.odoo;
const sweep = (crm: Crm = stage.crm) => crm.sweepOpportunities({ catalogue, guard: (call) => call() });
const want = (orderId: number, wanted: PipelineStage) =>
  stage.db.tx((tx) => wantOpportunity(tx, { orderId, stage: wanted, now: new Date() }));

async function opened(wanted: PipelineStage = 'open', planKey?: string) {
  const sale = await seedSale(stage.db, planKey === undefined ? {} : { planKey });
  await want(sale.orderId, wanted);
  return sale;
}

const lead = (orderId: number) => odoo().byXmlid(`stripe_connector.order_${orderId}_opportunity`);
const state = async (orderId: number) =>
  (
    await stage.db.query<{ shown: string | null; wanted: string; retry_at: Date; looked_at: Date | null }>(
      'select shown, wanted, retry_at, looked_at from opportunities where order_id = $1',
      [orderId],
    )
  ).rows[0]!;
const stageName = (record: Readonly<Record<string, unknown>> | undefined) => {
  const [id] = [record?.stage_id].flat();
  return odoo().read('crm.stage', Number(id))?.name;
};

function mapped(change: (mapping: OdooMapping) => Partial<OdooMapping>): Crm {
  const { mapping } = stage.deps;
  return stage.crmWith({ mapping: { ...mapping, ...change(mapping) } });
}

const mappedFields = (fields: Record<string, FieldMapping>): Crm =>
  mapped(({ records }) => ({
    records: {
      ...records,
      opportunity: { ...records.opportunity, fields: { ...records.opportunity.fields, ...fields } },
    },
  }));

describe('an order', () => {
  it('that is forgotten meanwhile is shown nowhere, and not looked for again', async () => {
    for (const wanted of ['open', 'abandoned', 'lost'] as const) {
      await want(987_654, wanted);
      await sweep();
      expect(await state(987_654)).toMatchObject({ shown: wanted, looked_at: expect.any(Date) });
      expect(lead(987_654)).toBeUndefined();
    }
  });

  it('of a plan that has left the catalogue is shown without an amount', async () => {
    const { orderId } = await opened('open', 'no_longer_sold');
    await sweep();
    expect(lead(orderId)).toMatchObject({
      name: expect.stringContaining('no_longer_sold'),
      expected_revenue: 0,
    });
  });

  it('that fails for good waits ten minutes, the next one is shown at once', async () => {
    const first = await opened();
    const second = await opened();
    const before = Date.now();
    stage.world.faults.add({
      system: 'odoo',
      operation: 'res.partner.load',
      kind: 'permanent',
      times: 1,
    });
    await sweep();
    expect(lead(first.orderId)).toBeUndefined();
    expect((await state(first.orderId)).retry_at.getTime() - before).toBeGreaterThan(600_000);
    expect(lead(second.orderId)).toBeDefined();
  });
});

describe('the stage an opportunity begins in', () => {
  it('is the mapping’s, by external id; one that is not there is the ERP’s own first', async () => {
    const [, other] = odoo().records('crm.stage');
    const xmlid = odoo().find(
      'ir.model.data',
      (each) => each.model === 'crm.stage' && each.res_id === other!.id,
    )!;
    const one = await opened();
    await sweep(mappedFields({ 'stage_id/id': { value: `${xmlid.module}.${xmlid.name}` } }));
    expect(stageName(lead(one.orderId))).toBe(other!.name);
    const two = await opened();
    await sweep(mappedFields({ 'stage_id/id': { value: 'crm.stage_that_was_deleted' } }));
    expect(stageName(lead(two.orderId))).toBe(odoo().records('crm.stage')[0]!.name);
  });
});

describe('an opportunity given up', () => {
  it('is lost without a reason when the mapping’s is gone', async () => {
    const { orderId } = await opened();
    await sweep();
    await want(orderId, 'lost');
    await sweep(
      mapped(({ abandoned }) => ({ abandoned: { ...abandoned, lostReason: 'crm.reason_that_was_deleted' } })),
    );
    expect(lead(orderId)).toMatchObject({ active: false, lost_reason_id: false });
  });

  it('is left as it is when staff have won it, and made by nobody when there is none', async () => {
    const { orderId } = await opened();
    await sweep();
    const id = lead(orderId)!.id;
    await stage.admin.call('crm.lead', 'action_set_won', { ids: [id] });
    await want(orderId, 'lost');
    const never = await opened('lost');
    await sweep();
    expect(lead(orderId)).toMatchObject({ active: true });
    expect(lead(never.orderId)).toBeUndefined();
    expect((await state(never.orderId)).shown).toBe('lost');
  });
});

describe('an opportunity follows its order', () => {
  async function follow(before: Record<string, unknown>, written: Values, values: Values) {
    const id = odoo().staff.create('crm.lead', { name: 'By hand', type: 'opportunity', ...before });
    stage.world.counts.reset();
    const { deps } = stage;
    await followOrder({ ...deps, lookups: { of: async () => ({}) } }, { id, written, values });
    const record: Readonly<Record<string, unknown>> = odoo().read('crm.lead', id)!;
    return { record, loads: stage.world.counts.of('odoo', 'crm.lead.load') };
  }
  const partner = (name: string) => odoo().staff.create('res.partner', { name });

  it.each([
    ['a text', { contact_name: 'Ada' }, 'contact_name', 'Ada', 'Ines', 'Ines'],
    ['a text staff changed', { contact_name: 'Eva' }, 'contact_name', 'Ada', 'Ines', 'Eva'],
    ['a text staff emptied', { contact_name: false }, 'contact_name', 'Ada', 'Ines', 'Ines'],
    ['an amount', { expected_revenue: 10.004 }, 'expected_revenue', 10, 20, 20],
    ['an amount staff changed', { expected_revenue: 11 }, 'expected_revenue', 10, 20, 11],
    ['a tick', { active: true }, 'active', 'True', 'False', false],
    ['a tick staff set', { active: true }, 'active', 'False', '', true],
  ] as const)('%s', async (_what, before, column, written, value, after) => {
    const { record } = await follow({ ...before }, { [column]: written }, { [column]: value });
    expect(record[column]).toBe(after);
  });

  it('a relation by its record; one that staff changed stays', async () => {
    const [ours, theirs, next] = [partner('Ours'), partner('Theirs'), partner('Next')] as const;
    const column = 'partner_id/.id';
    const followed = await follow({ partner_id: ours }, { [column]: ours }, { [column]: next });
    expect([followed.record.partner_id].flat()[0]).toBe(next);
    const kept = await follow({ partner_id: theirs }, { [column]: ours }, { [column]: next });
    expect([kept.record.partner_id].flat()[0]).toBe(theirs);
    expect(kept.loads).toBe(0);
  });

  it('what we have never written is staff’s, unless it is empty', async () => {
    const { record } = await follow(
      { contact_name: 'Eva' },
      {},
      { contact_name: 'Ada', email_from: 'a@x.example' },
    );
    expect(record).toMatchObject({ contact_name: 'Eva', email_from: 'a@x.example' });
  });

  it('nothing that differs: the ERP is not asked', async () => {
    const { loads } = await follow({ contact_name: 'Ada' }, { contact_name: 'Ada' }, { contact_name: 'Ada' });
    expect(loads).toBe(0);
    expect(stage.world.counts.of('odoo', 'crm.lead.read')).toBe(0);
  });
});

describe('partners', () => {
  it('stay beside the company where the mapping does not put them under it', async () => {
    const { subscriptionId } = await seedSale(stage.db);
    const sale = await readSale(stage.db, { subscriptionId, catalogue });
    const crm = mapped(({ records }) => {
      const { parent_id: _link, ...fields } = records.contact.fields;
      return { records: { ...records, contact: { ...records.contact, fields } } };
    });
    stage.world.counts.reset();
    const { companyId, mainContactId } = await crm.ensurePartners(sale);
    expect(stage.world.counts.of('odoo', 'res.partner.write')).toBe(0);
    expect(odoo().read('res.partner', mainContactId)!.parent_id).toBe(false);
    expect(odoo().read('res.partner', companyId)).toMatchObject({ is_company: true });
  });
});

describe('a likely duplicate', () => {
  it('is a task until staff have merged the two, however they did it, or ticked it off', async () => {
    const flagged = async () => {
      const { orderId, organisationId } = await opened();
      const { rows } = await stage.db.query<{ name: string }>(
        'select name from organisations where id = $1',
        [organisationId],
      );
      const theirs = odoo().staff.create('res.partner', { name: rows[0]!.name, is_company: true });
      await sweep();
      const task = () => odoo().byXmlid(`stripe_connector.activity_order_${orderId}_duplicate`);
      expect(task()).toBeDefined();
      const ours = Number(odoo().byXmlid(`stripe_connector.org_${organisationId}_partner`)!.id);
      return { theirs, ours, task };
    };
    const later = () => stage.db.query("update opportunities set looked_at = looked_at - interval '2 hours'");
    const merge = async (ids: readonly number[], left: number) => {
      const model = 'base.partner.merge.automatic.wizard';
      const [wizard] = await stage.admin.call<number[]>(model, 'create', {
        vals_list: [{ partner_ids: [[6, 0, ids]], dst_partner_id: left }],
      });
      await stage.admin.call(model, 'action_merge', { ids: [wizard!] });
    };
    const [first, second, third, open] = [await flagged(), await flagged(), await flagged(), await flagged()];
    await merge([first.ours, first.theirs], first.theirs);
    await merge([second.ours, second.theirs], second.ours);
    odoo().staff.delete('mail.activity', Number(third.task()!.id));
    await sweep();
    expect(first.task()).toBeDefined();
    await later();
    await sweep();
    expect([first, second, third].map(({ task }) => task())).toEqual([undefined, undefined, undefined]);
    expect(open.task()).toBeDefined();
    const { rows } = await stage.db.query("select 1 from erp_records where external_id like '%_duplicate'");
    expect(rows).toHaveLength(1);
  });
});
