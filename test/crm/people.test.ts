/** Customers in the ERP whose records staff have deleted, or that were never made: what is left is found, nothing else is touched. */
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { loadCatalogue } from '../../connector/billing/plans.ts';
import { readSale } from '../../connector/billing/read-sale.ts';
import { intend } from '../../connector/crm/bindings.ts';
import { externalId } from '../../connector/crm/ids.ts';
import { createLookups } from '../../connector/crm/lookups.ts';
import type { FieldMapping } from '../../connector/crm/mapping.ts';
import { dueNotes, leaveNote } from '../../connector/crm/note-rows.ts';
import { postNotes } from '../../connector/crm/notes.ts';
import { drainOutbox } from '../../connector/crm/outbox.ts';
import { createLog } from '../../connector/log.ts';
import { createOdoo, type Odoo } from '../../connector/odoo/odoo.ts';
import { json, type Scripted, startScripted } from '../odoo/scripted.ts';
import { seedSale } from '../support/seed.ts';
import { type ErpStage, openErpStage } from './erp-stage.ts';

const catalogue = loadCatalogue(new URL('../../mappings/plans.json', import.meta.url));
let stage: ErpStage;
let scripted: Scripted;
beforeAll(async () => {
  stage = await openErpStage();
  scripted = await startScripted();
});
beforeEach(() => stage.world.faults.clear());

const odoo = () => stage.world.systems.odoo;
const permanently = (operation: string) =>
  stage.world.faults.add({ system: 'odoo', operation, kind: 'permanent', times: 1 });

/** A customer whose company, contacts and opportunity are in the ERP. */
async function customer() {
  const seeded = await seedSale(stage.db);
  const sale = await readSale(stage.db, { subscriptionId: seeded.subscriptionId, catalogue });
  const partners = await stage.crm.ensurePartners(sale);
  const { opportunityId } = await stage.crm.ensureOpportunityWon(sale, partners);
  return { ...seeded, sale, ...partners, opportunityId, emails: sale.stakeholders.map(({ email }) => email) };
}

describe('contacts by their address', () => {
  it('are those that are left, when staff have deleted one', async () => {
    const { organisationId, emails, contactIds, sale } = await customer();
    const [first, second] = sale.stakeholders.map(({ id }) => contactIds[id]!);
    const of = () => stage.crm.contactsOf({ organisationId, emails });
    expect(new Set(await of())).toEqual(new Set([first, second]));
    odoo().staff.delete('res.partner', first!);
    expect(await of()).toEqual([second]);
  });

  it('are not “none” because the ERP could not say', async () => {
    const { organisationId, emails, contactIds, sale } = await customer();
    permanently('res.partner.search');
    await expect(stage.crm.contactsOf({ organisationId, emails })).rejects.toMatchObject({ system: 'odoo' });
    odoo().staff.delete('res.partner', contactIds[sale.stakeholders[0]!.id]!);
    // The first look at all of them answers, the look at each does not.
    let looks = 0;
    const failing: Odoo = {
      ...stage.odoo,
      async call(model, method, args) {
        if (model === 'res.partner' && method === 'search') looks += 1;
        if (looks === 2) permanently('res.partner.search');
        return stage.odoo.call(model, method, args);
      },
    };
    await expect(
      stage.crmWith({ odoo: failing }).contactsOf({ organisationId, emails }),
    ).rejects.toMatchObject({ system: 'odoo' });
  });

  it('begun and never made are nobody yet', async () => {
    const { organisationId, stakeholderIds, sale } = await customer().then(async (known) => {
      await stage.db.query('update erp_records set res_id = null where external_id = any($1)', [
        known.stakeholderIds.map((id) => `stripe_connector.${externalId.contact(id)}`),
      ]);
      return known;
    });
    expect(stakeholderIds).toHaveLength(2);
    const emails = sale.stakeholders.map(({ email }) => email);
    expect(await stage.crm.contactsOf({ organisationId, emails })).toEqual([]);
  });
});

describe('erasure', () => {
  const whole = (organisationId: number) =>
    stage.crm.anonymise({ organisationId, emails: null, spared: [], mode: 'anonymise' });

  it('of a customer the ERP has never heard of leaves nothing, and nobody is asked', async () => {
    const { organisationId, orderId } = await seedSale(stage.db);
    await intend(stage.db, 'crm.lead', [externalId.opportunity(orderId)]);
    const activities = odoo().count('mail.activity');
    expect(await whole(organisationId)).toEqual({ users: 0, records: 0, notes: 0, leftAlone: 0 });
    expect(odoo().count('mail.activity')).toBe(activities);
  });

  it('goes on past what staff have deleted already, and stops where the ERP fails', async () => {
    const { organisationId, opportunityId, companyId, mainContactId } = await customer();
    odoo().staff.delete('crm.lead', opportunityId);
    expect(await whole(organisationId)).toMatchObject({ records: 4 });
    expect(odoo().read('res.partner', companyId)).toMatchObject({ name: `Erased ${companyId}` });
    expect(odoo().read('res.partner', mainContactId)).toMatchObject({ email: false });
    const other = await customer();
    permanently('crm.lead.search');
    await expect(whole(other.organisationId)).rejects.toMatchObject({ system: 'odoo' });
  });

  it('of people without a contact says so to whoever looks through the chatter', async () => {
    const { organisationId, companyId } = await customer();
    const emails = ['nobody@elsewhere.example'];
    await stage.crm.anonymise({ organisationId, emails, spared: [], mode: 'activity' });
    const asked = odoo().find('mail.activity', (each) => each.res_id === companyId)!;
    expect(asked.note).toContain('Contacts none.');
  });
});

describe('a task about a customer', () => {
  it('waits for the customer to be in the ERP', async () => {
    const { organisationId, orderId } = await seedSale(stage.db);
    const task = { key: `k${orderId}`, organisationId, summary: 's', note: ['n'], deadline: null };
    expect(await stage.crm.openCustomerActivity({ ...task, orderId })).toBe(false);
    expect(await stage.crm.openCustomerActivity({ ...task, orderId: null })).toBe(false);
    expect(odoo().find('mail.activity', (each) => each.summary === 's')).toBeUndefined();
  });
});

describe('a subscription’s late facts', () => {
  const input = (recordId: number) => ({
    recordId,
    workspace: { workspaceId: 1, driver: 'dms' as const, url: 'https://erp.example.com/w/1' },
    bucketName: 'cde-1',
  });

  it('are written nowhere by a mapping that has no field for them', async () => {
    const { sale } = await customer();
    const { mapping } = stage.deps;
    const { subscription } = mapping.records;
    const { x_workspace_id: _1, x_workspace_url: _2, x_bucket: _3, ...fields } = subscription.fields;
    const records = { ...mapping.records, subscription: { ...subscription, fields } };
    stage.world.counts.reset();
    await stage.crmWith({ mapping: { ...mapping, records } }).linkSubscription(sale, input(1));
    expect(stage.world.counts.of('odoo')).toBe(0);
  });

  it('are not looked for elsewhere when the ERP fails', async () => {
    const { sale, companyId, opportunityId } = await customer();
    const { recordId } = await stage.crm.ensureSubscription(sale, { companyId, opportunityId });
    permanently('x_stripe_subscription.load');
    await expect(stage.crm.linkSubscription(sale, input(recordId))).rejects.not.toMatchObject({
      code: 'erp_record_gone',
    });
    await stage.crm.linkSubscription(sale, input(recordId));
    expect(odoo().read('x_stripe_subscription', recordId)).toMatchObject({ x_bucket: 'cde-1' });
  });
});

describe('look-ups', () => {
  const of = (fields: Record<string, FieldMapping>, model = 'crm.lead') =>
    createLookups({ odoo: stage.odoo, now: () => new Date() }).of({ model, write: 'once', fields });
  const failed = (message: RegExp) => ({
    kind: 'permanent',
    code: 'mapping_lookup_failed',
    message: expect.stringMatching(message),
  });

  it('say which field finds nothing, too much, or is not there any more', async () => {
    for (const _twice of [1, 2]) odoo().staff.create('crm.team', { name: 'Twins' });
    await expect(of({ team_id: { lookup: { name: 'Twins' } } })).rejects.toMatchObject(
      failed(/crm\.lead\.team_id finds more than one record called "Twins"/),
    );
    await expect(of({ team_id: { lookup: { name: 'Nobody' } } })).rejects.toMatchObject(
      failed(/finds nothing called "Nobody"/),
    );
    for (const [field, model] of [
      ['x_gone', 'crm.lead'],
      ['name', 'crm.lead'],
      ['team_id', 'x_gone'],
    ] as const)
      await expect(of({ [field]: { lookup: { name: 'Sales' } } }, model)).rejects.toMatchObject(
        failed(/leads nowhere/),
      );
  });

  it('are asked once an hour; a failure is not kept', async () => {
    let at = new Date('2026-11-20T08:00:00Z');
    const lookups = createLookups({ odoo: stage.odoo, now: () => at });
    const team = { lookup: { name: 'Late Team' } };
    const record = { model: 'crm.lead', write: 'once' as const, fields: { team_id: team } };
    await expect(lookups.of(record)).rejects.toThrow('finds nothing');
    const id = odoo().staff.create('crm.team', { name: 'Late Team' });
    expect(await lookups.of(record)).toEqual({ 'team_id/.id': String(id) });
    stage.world.counts.reset();
    at = new Date('2026-11-20T08:59:00Z');
    await lookups.of(record);
    expect(stage.world.counts.of('odoo')).toBe(0);
    at = new Date('2026-11-20T09:00:00Z');
    await lookups.of(record);
    expect(stage.world.counts.of('odoo')).toBeGreaterThan(0);
  });
});

describe('chatter notes', () => {
  /** A note due on an opportunity that is there. */
  async function note() {
    const { orderId, opportunityId } = await customer();
    const record = externalId.opportunity(orderId);
    await drainOutbox(stage.deps);
    await leaveNote(stage.db, { record, model: 'crm.lead', key: 'late', html: '<p>Told.</p>' });
    const due = await dueNotes(stage.db, stage.deps.now(), 10);
    expect(due).toMatchObject([{ record, resId: opportunityId }]);
    return due;
  }
  const parked = async () =>
    (
      await stage.db.query<{ code: string; message: string }>(
        "select parked_cause->>'code' as code, parked_cause->>'message' as message from erp_notes where parked_cause is not null",
      )
    ).rows;
  /** An ERP that answers as told: no sandbox refuses a note on a record that is there. */
  const post = (due: Awaited<ReturnType<typeof note>>) =>
    postNotes(
      {
        ...stage.deps,
        odoo: createOdoo({
          url: scripted.url,
          db: 'd',
          username: 'u',
          apiKey: 'key',
          transport: 'json2',
          log: createLog({ level: 'silent' }),
        }),
      },
      due,
    );
  const refusal = json({
    ids: false,
    messages: [{ type: 'error', record: 0, field: 'body', message: 'no' }],
  });

  beforeEach(() => stage.db.query('delete from erp_notes'));

  it('one that is refused on a record that is there waits for a person', async () => {
    const due = await note();
    scripted.answer(refusal, json([due[0]!.resId]));
    expect(await post(due)).toEqual({ parked: 1 });
    expect(await parked()).toMatchObject([
      { code: 'odoo_load_refused', message: expect.stringContaining('no') },
    ]);
  });

  it('one whose record was merged away goes to the one that is left', async () => {
    const due = await note();
    scripted.answer(refusal, json([]), json(['crm.lead', 4711]));
    expect(await post(due)).toEqual({ parked: 0 });
    expect(await dueNotes(stage.db, stage.deps.now(), 10)).toMatchObject([{ resId: 4711 }]);
  });

  it('an ERP that fails parks nothing', async () => {
    const due = await note();
    const failure = json({ name: 'odoo.exceptions.AccessError', message: 'no' }, 403);
    scripted.answer(failure);
    await expect(post(due)).rejects.toMatchObject({ code: 'odoo_access' });
    // A repeat looks first whether it was posted.
    const unknown = json({ name: 'builtins.ValueError', message: 'no such external id' }, 500);
    scripted.answer(unknown, refusal, failure);
    await expect(post(due)).rejects.toMatchObject({ code: 'odoo_access' });
    expect(await parked()).toEqual([]);
  });
});
