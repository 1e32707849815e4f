/** What staff merge is followed, what they delete is said to be gone; nothing is made a second time behind their back. */
import { randomInt } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bind, findBindings, intend } from '../../../connector/crm/bindings.ts';
import { stillThere } from '../../../connector/crm/gone.ts';
import { externalId, qualified } from '../../../connector/crm/ids.ts';
import { dueNotes, leaveNote } from '../../../connector/crm/note-rows.ts';
import { postNotes } from '../../../connector/crm/notes.ts';
import { createLog } from '../../../connector/log.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { openPreparedErp, type PreparedErp, unique } from './erp.ts';

let erp: PreparedErp;
let db: TestDatabase;
let number = randomInt(1_000_000, 2_000_000_000);
beforeAll(async () => {
  erp = await openPreparedErp();
  db = await openTestDatabase();
}, 180_000);
afterAll(() => db?.close());

const deps = () => ({ db, odoo: erp.service, now: () => new Date(), log: createLog({ level: 'silent' }) });

/** A record of ours, bound, as the connector makes it. */
async function ours(model: string, name: string, values: Record<string, string>): Promise<number> {
  await intend(db, model, [name]);
  const columns = Object.keys(values);
  const [resId] = await erp.service.load(
    model,
    ['id', ...columns],
    [[qualified(name), ...Object.values(values)]],
  );
  await bind(db, [{ name, resId: resId! }]);
  erp.tidy(model, [resId!]);
  return resId!;
}

async function ourLead() {
  number += 1;
  const name = externalId.opportunity(number);
  const id = await ours('crm.lead', name, {
    name: unique('ours'),
    type: 'opportunity',
    expected_revenue: '1750',
  });
  await leaveNote(db, {
    record: name,
    model: 'crm.lead',
    key: 'opened',
    html: '<p>Payment page opened.</p>',
  });
  await postNotes(deps(), await dueNotes(db, new Date(), 50));
  return { name, id };
}

/** Of staff's, further in the pipeline than any of ours. */
async function theirLead(): Promise<number> {
  const stages = await erp.admin.call<number[]>('crm.stage', 'search', {
    domain: [['is_won', '=', false]],
    order: 'sequence desc',
    limit: 1,
  });
  const [id] = await erp.admin.call<number[]>('crm.lead', 'create', {
    vals_list: [{ name: unique('theirs'), type: 'opportunity', stage_id: stages[0] }],
  });
  erp.tidy('crm.lead', [id!]);
  return id!;
}

const there = (model: string, name: string, id: number) =>
  stillThere(deps(), model, new Map([[name, id]])).then((ids) => ids.get(name));

async function mergeLeads(ids: readonly number[]): Promise<number> {
  const [wizard] = await erp.admin.call<number[]>('crm.merge.opportunity', 'create', {
    vals_list: [{ opportunity_ids: [[6, 0, ids]] }],
  });
  const answer = await erp.admin.call<{ res_id: number }>('crm.merge.opportunity', 'action_merge', {
    ids: [wizard!],
  });
  return answer.res_id;
}

test('an opportunity merged into one of staff’s is followed, its external id gone with it', async () => {
  const { name, id } = await ourLead();
  const theirs = await theirLead();
  expect(await mergeLeads([id, theirs])).toBe(theirs);
  expect(await erp.service.xmlidToRes('stripe_connector', name)).toBeNull();
  expect(await there('crm.lead', name, id)).toBe(theirs);
  expect((await findBindings(db, [name])).get(name)?.resId).toBe(theirs);
  const [left] = await erp.admin.call<{ expected_revenue: number }[]>('crm.lead', 'read', {
    ids: [theirs],
    fields: ['expected_revenue'],
  });
  expect(left?.expected_revenue).toBe(1750);
});

test('staff’s opportunity merged into ours leaves ours where it is', async () => {
  const { name, id } = await ourLead();
  const [early] = await erp.admin.call<number[]>('crm.lead', 'create', {
    vals_list: [{ name: unique('early'), type: 'opportunity', probability: 1 }],
  });
  const stayed = await mergeLeads([id, early!]);
  expect(await there('crm.lead', name, id)).toBe(stayed);
});

test('twice merged is followed twice', async () => {
  const { name, id } = await ourLead();
  const first = await theirLead();
  await mergeLeads([id, first]);
  const second = await theirLead();
  await erp.admin.call('crm.lead', 'write', { ids: [second], vals: { probability: 99 } });
  const left = await mergeLeads([first, second]);
  expect(await there('crm.lead', name, id)).toBe(left);
});

test('a deleted opportunity is gone: said so, marked, and not made again', async () => {
  const { name, id } = await ourLead();
  await erp.admin.call('crm.lead', 'unlink', { ids: [id] });
  await expect(there('crm.lead', name, id)).rejects.toMatchObject({
    kind: 'absent',
    code: 'erp_record_gone',
    advice: expect.stringContaining(qualified(name)),
  });
  const { rows } = await db.query(
    'select 1 from erp_records where external_id = $1 and gone_at is not null',
    [qualified(name)],
  );
  expect(rows).toHaveLength(1);
  expect(await erp.service.xmlidToRes('stripe_connector', name)).toBeNull();
});

test('a gone opportunity is linked anew by giving another its external id', async () => {
  const { name, id } = await ourLead();
  await erp.admin.call('crm.lead', 'unlink', { ids: [id] });
  const theirs = await theirLead();
  const [data] = await erp.admin.call<number[]>('ir.model.data', 'create', {
    vals_list: [{ module: 'stripe_connector', name, model: 'crm.lead', res_id: theirs }],
  });
  erp.tidy('ir.model.data', [data!]);
  expect(await there('crm.lead', name, id)).toBe(theirs);
});

test('a company merged into staff’s is followed, its contacts with it', async () => {
  number += 1;
  const [company, contact] = [externalId.company(number), externalId.mainContact(number)];
  const id = await ours('res.partner', company, { name: unique('Ours'), is_company: 'True' });
  const person = await ours('res.partner', contact, { name: unique('Ada') });
  await erp.service.call('res.partner', 'write', { ids: [person], vals: { parent_id: id } });
  const [theirs] = await erp.admin.call<number[]>('res.partner', 'create', {
    vals_list: [{ name: unique('Theirs'), is_company: true }],
  });
  erp.tidy('res.partner', [theirs!]);
  const [wizard] = await erp.admin.call<number[]>('base.partner.merge.automatic.wizard', 'create', {
    vals_list: [{ partner_ids: [[6, 0, [id, theirs]]], dst_partner_id: theirs }],
  });
  await erp.admin.call('base.partner.merge.automatic.wizard', 'action_merge', { ids: [wizard!] });
  expect(await there('res.partner', company, id)).toBe(theirs);
  const [ada] = await erp.admin.call<{ parent_id: [number, string] }[]>('res.partner', 'read', {
    ids: [person],
    fields: ['parent_id'],
  });
  expect(ada?.parent_id[0]).toBe(theirs);
});

test('a deleted company is gone', async () => {
  number += 1;
  const name = externalId.company(number);
  const id = await ours('res.partner', name, { name: unique('Ours'), is_company: 'True' });
  await erp.admin.call('res.partner', 'unlink', { ids: [id] });
  await expect(there('res.partner', name, id)).rejects.toMatchObject({ code: 'erp_record_gone' });
});
