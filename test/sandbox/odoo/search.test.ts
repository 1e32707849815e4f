import { beforeAll, expect, test } from 'vitest';
import { type Client, openOdoo } from './client.ts';

let odoo: Client;
let ids: Record<string, number>;

beforeAll(async () => {
  odoo = await openOdoo();
  const country = (code: string) => Number(odoo.odoo.byXmlid(`base.${code}`)?.id);
  const partner = async (values: object) => odoo.call<number>('res.partner', 'create', [values]);
  const alpha = await partner({
    name: 'Alpha',
    is_company: true,
    country_id: country('fr'),
    ref: 'A_1',
    color: 3,
  });
  const beta = await partner({
    name: 'beta',
    is_company: true,
    country_id: country('de'),
    ref: 'AB1',
    color: 7,
  });
  ids = {
    alpha,
    beta,
    child: await partner({ name: 'Child', parent_id: alpha, email: 'Child@Example.com' }),
    hidden: await partner({ name: 'Hidden', active: false, ref: 'H' }),
  };
});

const search = async (domain: unknown[], kwargs: object = {}) => {
  const own = Object.values(ids);
  const found = await odoo.call<number[]>('res.partner', 'search', [[['id', 'in', own], ...domain]], kwargs);
  return found.map((id) => Object.keys(ids).find((name) => ids[name] === id));
};

test.each<[string, unknown[], string[]]>([
  ['=', [['name', '=', 'Alpha']], ['alpha']],
  ['!= counts empties', [['email', '!=', 'Child@Example.com']], ['alpha', 'beta']],
  ['= false', [['parent_id', '=', false]], ['alpha', 'beta']],
  ['in', [['name', 'in', ['Alpha', 'beta']]], ['alpha', 'beta']],
  ['not in', [['name', 'not in', ['Alpha', 'beta']]], ['child']],
  ['like is exact about case', [['name', 'like', 'Bet']], []],
  ['ilike is not', [['name', 'ilike', 'BET']], ['beta']],
  ['=ilike', [['email', '=ilike', 'child@example.com']], ['child']],
  ['_ matches one letter', [['ref', '=like', 'A_1']], ['alpha', 'beta']],
  ['\\_ is itself', [['ref', '=like', 'A\\_1']], ['alpha']],
  ['>', [['color', '>', 3]], ['beta']],
  ['<=', [['color', '<=', 3]], ['alpha', 'child']],
  ['dotted', [['country_id.code', '=', 'FR']], ['alpha', 'child']],
  ['dotted through a list', [['child_ids.name', '=', 'Child']], ['alpha']],
  ['name of a relation', [['parent_id', 'ilike', 'alph']], ['child']],
  ['or', ['|', ['name', '=', 'Alpha'], ['name', '=', 'beta']], ['alpha', 'beta']],
  ['not', ['!', ['is_company', '=', true]], ['child']],
  ['archived when asked for', [['active', '=', false]], ['hidden']],
])('%s', async (_, domain, expected) => {
  expect((await search(domain)).sort()).toEqual(expected.sort());
});

test('child_of, active_test, order, limit, offset, count', async () => {
  expect((await search([['id', 'child_of', [ids.alpha]]])).sort()).toEqual(['alpha', 'child']);
  expect(await search([], { context: { active_test: false } })).toHaveLength(4);
  expect(await search([], { order: 'color desc, id' })).toEqual(['beta', 'alpha', 'child']);
  expect(await search([], { order: 'id', offset: 1, limit: 1 })).toEqual(['beta']);
  expect(await odoo.call('res.partner', 'search_count', [[['id', 'in', [ids.alpha, ids.child]]]])).toBe(2);
});

test('reads: relations as pairs, empties as false, archived children left out', async () => {
  const [child] = await odoo.call<object[]>('res.partner', 'read', [
    [ids.child],
    ['parent_id', 'phone', 'display_name'],
  ]);
  expect(child).toEqual({
    id: ids.child,
    parent_id: [ids.alpha, 'Alpha'],
    phone: false,
    display_name: 'Alpha, Child',
  });
  await odoo.call('res.partner', 'write', [[ids.child], { active: false }]);
  const children = (context: object) =>
    odoo.call<{ child_ids: number[] }[]>('res.partner', 'read', [[ids.alpha], ['child_ids']], { context });
  expect((await children({}))[0]?.child_ids).toEqual([]);
  expect((await children({ active_test: false }))[0]?.child_ids).toEqual([ids.child]);
  await odoo.call('res.partner', 'write', [[ids.child], { active: true }]);
});

test('names and fields are told', async () => {
  expect(await odoo.call('res.partner', 'name_search', ['beta'])).toEqual([[ids.beta, 'beta']]);
  const fields = await odoo.call('res.partner', 'fields_get', [['name', 'country_id', 'nope']], {
    attributes: ['type', 'relation'],
  });
  expect(fields).toEqual({
    name: { type: 'char' },
    country_id: { type: 'many2one', relation: 'res.country' },
  });
});

test('every ISO country and the usual currencies', () => {
  expect(odoo.odoo.byXmlid('base.us')).toMatchObject({ code: 'US' });
  expect(odoo.odoo.byXmlid('base.uk')).toMatchObject({ code: 'GB' });
  expect(odoo.odoo.count('res.country')).toBe(250);
  expect(odoo.odoo.byXmlid('base.JPY')).toMatchObject({ name: 'JPY', rounding: 1 });
});
