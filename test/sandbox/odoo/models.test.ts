import { beforeAll, expect, test } from 'vitest';
import { addUser, type Client, openOdoo } from './client.ts';

let odoo: Client;
let modelId: number;
const field = (name: string, ttype: string, more: object = {}) => [
  0,
  0,
  { name, ttype, field_description: name, ...more },
];

beforeAll(async () => {
  odoo = await openOdoo();
  const access = { name: 'a', group_id: 1, perm_read: true, perm_write: true, perm_create: true };
  const option = (value: string, sequence: number) => [0, 0, { value, name: value.toUpperCase(), sequence }];
  modelId = await odoo.call('ir.model', 'create', [
    {
      name: 'Thing',
      model: 'x_thing',
      is_mail_thread: true,
      access_ids: [[0, 0, access]],
      field_id: [
        field('x_name', 'char', { required: true, help: 'What it is called' }),
        field('x_state', 'selection', { selection_ids: [option('b', 2), option('a', 1)] }),
        field('x_parent_id', 'many2one', { relation: 'x_thing', on_delete: 'restrict' }),
        field('x_partner_id', 'many2one', { relation: 'res.partner', on_delete: 'set null' }),
        field('x_currency_id', 'many2one', { relation: 'res.currency' }),
        field('x_amount', 'monetary', { currency_field: 'x_currency_id' }),
        field('x_at', 'datetime'),
        field('x_count', 'integer'),
      ],
    },
  ]);
});

test('its fields are there, with labels, help and choices in order', async () => {
  const user = addUser(odoo, 'someone', []);
  const fields = await user.call<Record<string, object>>('x_thing', 'fields_get', []);
  expect(fields.x_name).toMatchObject({ type: 'char', required: true, help: 'What it is called' });
  expect(fields.x_state).toMatchObject({
    selection: [
      ['a', 'A'],
      ['b', 'B'],
    ],
  });
  expect(fields).toHaveProperty('message_ids');
});

test('records: rounding by currency, defaults, requirements, limits of integers', async () => {
  const id = await odoo.call<number>('x_thing', 'create', [
    { x_name: 'one', x_amount: 12.345, x_currency_id: 1 },
  ]);
  expect(odoo.odoo.read('x_thing', id)).toMatchObject({
    display_name: 'one',
    x_amount: 12.35,
    x_currency_id: [1, 'USD'],
    x_state: false,
    x_at: false,
    x_count: 0,
  });
  expect((await odoo.fails('x_thing', 'create', [{ x_state: 'a' }])).message).toContain('x_name');
  expect((await odoo.fails('x_thing', 'create', [{ x_name: 'n', x_state: 'c' }])).name).toBe(
    'builtins.ValueError',
  );
  const huge = await odoo.fails('x_thing', 'create', [{ x_name: 'n', x_count: 2 ** 31 }]);
  expect(huge.name).toBe('psycopg2.errors.NumericValueOutOfRange');
});

test('rights of the model hold: nobody may delete', async () => {
  const id = await odoo.call('x_thing', 'create', [{ x_name: 'stays' }]);
  const { name, message } = await odoo.fails('x_thing', 'unlink', [[id]]);
  expect(name).toBe('odoo.exceptions.AccessError');
  expect(message).toContain('No group currently allows this operation.');
});

test('what happens to a record when the related one goes', async () => {
  const partner = await odoo.call<number>('res.partner', 'create', [{ name: 'goes' }]);
  const id = await odoo.call<number>('x_thing', 'create', [{ x_name: 'linked', x_partner_id: partner }]);
  await odoo.call('res.partner', 'unlink', [[partner]]);
  expect(odoo.odoo.read('x_thing', id)?.x_partner_id).toBe(false);
  await odoo.call('x_thing', 'create', [{ x_name: 'below', x_parent_id: id }]);
  expect(() => odoo.odoo.staff.delete('x_thing', id)).toThrow(/another model is using/);
});

test('fields and choices can be added later, also to models of the ERP', async () => {
  const partnerModel = odoo.odoo.byXmlid('base.model_res_partner')?.id;
  const later = { model_id: partnerModel, name: 'x_rating', ttype: 'integer', field_description: 'Rating' };
  await odoo.call('ir.model.fields', 'create', [later]);
  const partner = await odoo.call<number>('res.partner', 'create', [{ name: 'rated', x_rating: 5 }]);
  expect(odoo.odoo.read('res.partner', partner)?.x_rating).toBe(5);
  const state = odoo.odoo.find(
    'ir.model.fields',
    ({ model, name }) => model === 'x_thing' && name === 'x_state',
  );
  await odoo.call('ir.model.fields.selection', 'create', [{ field_id: state?.id, value: 'c', name: 'C' }]);
  await odoo.call('x_thing', 'create', [{ x_name: 'new choice', x_state: 'c' }]);
});

test('set-up through load, choices as text', async () => {
  await odoo.call('ir.model', 'load', [['id', 'name', 'model'], [['t.m', 'Loaded', 'x_loaded']]]);
  await odoo.call('ir.model.fields', 'load', [
    ['id', 'model_id/id', 'name', 'field_description', 'ttype', 'selection'],
    [['t.f', 't.m', 'x_kind', 'Kind', 'selection', `[('a', 'It''s'), ("b", "B")]`.replace("''", "\\'")]],
  ]);
  const fields = await odoo.call<Record<string, unknown>>('x_loaded', 'fields_get', [['x_kind']], {
    attributes: ['selection'],
  });
  expect(fields).toEqual({
    x_kind: {
      selection: [
        ['a', "It's"],
        ['b', 'B'],
      ],
    },
  });
});

test.each([
  [
    'a second model of the name',
    'ir.model',
    { name: 'T', model: 'x_thing' },
    'Each model must have a unique name',
  ],
  ['a model without x_', 'ir.model', { name: 'T', model: 'thing' }, "must start with 'x_'"],
])('refused: %s', async (_, model, values, text) => {
  const { name, message } = await odoo.fails(model, 'create', [values]);
  expect(name).toBe('odoo.exceptions.ValidationError');
  expect(message).toContain(text);
});

test.each([
  ['a second field of the name', { name: 'x_name' }, 'Field names must be unique per model'],
  ['a field without x_', { name: 'name' }, "must have a name that starts with 'x_'"],
  ['a relation to nothing', { name: 'x_rel', ttype: 'many2one', relation: 'x_nope' }, 'Unknown model name'],
  ['choices that are none', { name: 'x_sel', ttype: 'selection', selection: 'a, b' }, 'Selection Options'],
])('refused: %s', async (_, values, text) => {
  const base = { model_id: modelId, ttype: 'char', field_description: 'f' };
  const { name, message } = await odoo.fails('ir.model.fields', 'create', [{ ...base, ...values }]);
  expect(name).toBe('odoo.exceptions.ValidationError');
  expect(message).toContain(text);
});

test('a model is deleted with its records, not while views show it', async () => {
  const id = await odoo.call('ir.model', 'create', [{ name: 'Short', model: 'x_short' }]);
  const view = { name: 'v', model: 'x_short', arch: '<list><field name="x_name"/></list>' };
  const viewId = await odoo.call('ir.ui.view', 'create', [view]);
  expect((await odoo.fails('ir.model', 'unlink', [[id]])).message).toContain('still present in views');
  await odoo.call('ir.ui.view', 'unlink', [[viewId]]);
  await odoo.call('ir.model', 'unlink', [[id]]);
  expect((await odoo.fails('x_short', 'search', [[]])).message).toBe("Object x_short doesn't exist");
  expect(odoo.odoo.find('ir.model.fields', ({ model }) => model === 'x_short')).toBeUndefined();
});

test('the root of a list view depends on the version', async () => {
  const tree = { name: 'v', model: 'x_thing', arch: '<tree/>' };
  expect((await odoo.fails('ir.ui.view', 'create', [tree])).name).toBe('builtins.ValueError');
  const old = await openOdoo(17);
  const thing = { name: 'v', model: 'res.partner' };
  expect((await old.fails('ir.ui.view', 'create', [{ ...thing, arch: '<list/>' }])).name).toBe(
    'builtins.ValueError',
  );
  expect(await old.call('ir.ui.view', 'create', [{ ...thing, arch: '<tree/>' }])).toBeTypeOf('number');
});
