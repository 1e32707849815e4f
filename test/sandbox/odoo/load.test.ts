import { beforeAll, expect, test } from 'vitest';
import { addUser, type Client, openOdoo } from './client.ts';

interface Loaded {
  readonly ids: number[] | false;
  readonly messages: { record: number; field?: string; message: string }[];
}

let odoo: Client;
beforeAll(async () => {
  odoo = await openOdoo();
});

const load = (model: string, fields: string[], rows: unknown[][], client = odoo) =>
  client.call<Loaded>(model, 'load', [fields, rows]);

test('creates by external id, then updates the same record', async () => {
  const fields = ['id', 'name', 'email', 'is_company', 'country_id/id'];
  const first = await load('res.partner', fields, [['t.up', 'Before', 'a@b.example', '1', 'base.fr']]);
  const second = await load('res.partner', fields, [['t.up', 'After', '', '1', 'base.uk']]);
  expect(first).toMatchObject({ ids: [expect.any(Number)], messages: [], nextrow: 0 });
  expect(second.ids).toEqual(first.ids);
  expect(odoo.odoo.byXmlid('t.up')).toMatchObject({
    name: 'After',
    email: false,
    is_company: true,
    country_id: [expect.any(Number), 'United Kingdom'],
  });
});

test('rows refer to earlier rows of the same load, not to later ones', async () => {
  const fields = ['id', 'name', 'parent_id/id'];
  const { ids } = await load('res.partner', fields, [
    ['t.a', 'A', ''],
    ['t.b', 'B', 't.a'],
  ]);
  expect(odoo.odoo.byXmlid('t.b')?.parent_id).toEqual([(ids as number[])[0], 'A']);
  const forward = await load('res.partner', fields, [
    ['t.d', 'D', 't.c'],
    ['t.c', 'C', ''],
  ]);
  expect(forward).toMatchObject({ ids: false, messages: [{ record: 0, field: 'parent_id' }] });
  expect(odoo.odoo.byXmlid('t.c')).toBeUndefined();
});

test('one bad row cancels the batch, and each bad cell is told', async () => {
  const answer = await load(
    'res.partner',
    ['id', 'name', 'type', 'country_id/id', 'is_company', 'color'],
    [
      ['t.good', 'Good', 'contact', 'base.de', '0', ''],
      ['t.bad1', 'Bad', 'zzz', 'base.zz', 'maybe', 'abc'],
    ],
  );
  expect(answer.ids).toBe(false);
  expect(answer.messages.map(({ record, field }) => [record, field])).toEqual([
    [1, 'type'],
    [1, 'country_id'],
    [1, 'is_company'],
    [1, 'color'],
  ]);
  expect(odoo.odoo.byXmlid('t.good')).toBeUndefined();
});

test('what the ERP itself refuses names the row, and a field only where there is one', async () => {
  const vat = await load(
    'res.partner',
    ['id', 'name', 'vat', 'country_id/id'],
    [['t.vat', 'V', 'FR123', 'base.fr']],
  );
  expect(vat).toMatchObject({
    ids: false,
    messages: [{ record: 0, message: expect.stringContaining('VAT') }],
  });
  expect(vat.messages[0]).not.toHaveProperty('field');
  const missing = await load('crm.lead', ['id', 'type'], [['t.lead', 'opportunity']]);
  expect(missing).toMatchObject({ ids: false, messages: [{ field: 'name' }] });
});

test('dates, numbers, selections by value or label, database ids', async () => {
  const fields = ['id', 'name', 'type', 'expected_revenue', 'date_deadline', 'user_id/.id', 'stage_id/id'];
  await load('crm.lead', fields, [['t.l', 'L', 'Opportunity', '1500.5', '2026-12-31', 2, 'crm.stage_lead2']]);
  expect(odoo.odoo.byXmlid('t.l')).toMatchObject({
    type: 'opportunity',
    expected_revenue: 1500.5,
    date_deadline: '2026-12-31',
    user_id: [2, 'Administrator'],
    stage_id: [2, 'Qualified'],
  });
  const bad = await load(
    'crm.lead',
    ['id', 'name', 'expected_revenue', 'date_open', 'user_id/.id'],
    [['t.l2', 'L', 'abc', '2026-01-01T00:00:00Z', '999']],
  );
  expect(bad.messages.map(({ field }) => field)).toEqual(['expected_revenue', 'date_open', 'user_id']);
});

test('external ids: no module, spaces, another model, unlinked and archived records', async () => {
  await load('res.partner', ['id', 'name'], [['plainid', 'P']]);
  expect(odoo.odoo.byXmlid('__import__.plainid')).toMatchObject({ name: 'P' });
  expect((await load('res.partner', ['id', 'name'], [['t.a b', 'P']])).ids).toBe(false);
  await load('res.partner', ['id', 'name'], [['t.other', 'P']]);
  expect((await load('crm.lead', ['id', 'name'], [['t.other', 'P']])).messages[0]?.message).toContain(
    'different model',
  );

  const { ids } = await load('res.partner', ['id', 'name'], [['t.gone', 'P']]);
  const [id] = ids as number[];
  await odoo.call('res.partner', 'action_archive', [[id]]);
  expect(await odoo.call('ir.model.data', 'check_object_reference', ['t', 'gone'])).toEqual([
    'res.partner',
    false,
  ]);
  expect((await load('res.partner', ['id', 'name'], [['t.gone', 'Q']])).ids).toEqual([id]);
  await odoo.call('res.partner', 'unlink', [[id]]);
  expect((await odoo.fails('ir.model.data', 'check_object_reference', ['t', 'gone'])).name).toBe(
    'builtins.ValueError',
  );
  expect((await load('res.partner', ['id', 'name'], [['t.gone', 'R']])).ids).not.toEqual([id]);
});

test('an unknown column and a JSON true are exceptions', async () => {
  expect((await odoo.fails('res.partner', 'load', [['id', 'nope'], [['t.x', '']]])).name).toBe(
    'builtins.ValueError',
  );
  const truth = await odoo.fails('res.partner', 'load', [['id', 'name', 'is_company'], [['t.x', 'X', true]]]);
  expect(truth.name).toBe('builtins.AttributeError');
});

test('without the right to create, the refusal is a message', async () => {
  const plain = addUser(odoo, 'loader', []);
  const answer = await load('crm.lead', ['id', 'name'], [['t.no', 'No']], plain);
  expect(answer.messages[0]?.message).toContain('not allowed to create');
});

test('lists of groups by external id', async () => {
  await odoo.call(
    'res.users',
    'load',
    [
      ['id', 'name', 'login', 'group_ids/id'],
      [['t.u', 'U', 'u@x.example', 'base.group_user,base.group_partner_manager']],
    ],
    { context: { no_reset_password: true } },
  );
  expect(odoo.odoo.byXmlid('t.u')).toMatchObject({ share: false, group_ids: [1, 9] });
  expect(odoo.odoo.invitations()).toEqual([]);
});
