import { beforeAll, beforeEach, expect, test } from 'vitest';
import { loadLeavingOut } from '../../connector/crm/load-leaving-out.ts';
import { createLog } from '../../connector/log.ts';
import { createOdoo, type Odoo } from '../../connector/odoo/odoo.ts';
import { json, type Scripted, startScripted } from '../odoo/scripted.ts';

let server: Scripted;
let odoo: Odoo;
beforeAll(async () => {
  server = await startScripted();
  odoo = createOdoo({
    url: server.url,
    db: 'd',
    username: 'u',
    apiKey: 'key',
    transport: 'json2',
    log: createLog({ level: 'silent' }),
  });
});
beforeEach(() => {
  server.requests.length = 0;
});

const WANTED = [
  {
    name: 'company',
    values: { name: 'Org', vat: 'BE1', 'country_id/id': 'base.qq' },
    optional: ['vat', 'country_id/id'],
  },
  { name: 'contact', values: { name: 'Ada' } },
];
const refused = (...messages: object[]) =>
  json({ ids: false, messages: messages.map((message) => ({ type: 'error', ...message })) });
const made = (...ids: number[]) => json({ ids, messages: [] });
const sent = () =>
  server.requests.map(({ body }) => JSON.parse(body) as { fields: string[]; data: unknown[][] });

test('nothing refused: one call', async () => {
  server.answer(made(1, 2));
  expect(await loadLeavingOut(odoo, 'res.partner', WANTED)).toEqual([
    { name: 'company', id: 1, refused: {} },
    { name: 'contact', id: 2, refused: {} },
  ]);
  expect(sent()).toHaveLength(1);
});

test('a named optional field is left out at once', async () => {
  server.answer(refused({ record: 0, field: 'country_id', message: 'unknown' }), made(1, 2));
  const [company] = await loadLeavingOut(odoo, 'res.partner', WANTED);
  expect(company!.refused).toEqual({ country_id: 'unknown' });
  expect(sent()[1]!.fields).toEqual(['id', 'name', 'vat']);
});

test('no field named: the record is made without, then each is tried alone', async () => {
  const bad = refused({ record: 0, message: 'VAT wrong' });
  server.answer(
    refused({ record: 0, message: 'VAT wrong' }, { record: 0, message: 'VAT wrong' }),
    made(1, 2),
    bad,
    bad,
    bad,
    bad,
    made(1),
  );
  const [company] = await loadLeavingOut(odoo, 'res.partner', WANTED);
  expect(company!.refused).toEqual({ vat: 'VAT wrong' });
  const calls = sent();
  expect(calls[1]!.fields).toEqual(['id', 'name']);
  expect(calls.at(-1)).toMatchObject({ fields: ['.id', 'country_id/id'], data: [[1, 'base.qq']] });
});

test('no row named either: what every record can do without is left out, then tried alone', async () => {
  server.answer(refused({ message: 'no' }), made(1, 2), made(1), made(1));
  const both = await loadLeavingOut(odoo, 'res.partner', WANTED);
  expect(both.map(({ refused: left }) => left)).toEqual([{}, {}]);
  expect(sent().map(({ fields }) => fields)).toEqual([
    ['id', 'name', 'vat', 'country_id/id'],
    ['id', 'name'],
    ['.id', 'vat'],
    ['.id', 'country_id/id'],
  ]);
});

test('a conflict on a row without optional fields is repeated, with all its fields', async () => {
  server.answer(
    refused({ record: 1, message: 'could not serialize' }),
    refused({ record: 1, message: 'again' }),
    made(1, 2),
  );
  const [company] = await loadLeavingOut(odoo, 'res.partner', WANTED);
  expect(company!.refused).toEqual({});
  expect(sent().map(({ fields }) => fields.length)).toEqual([4, 4, 4]);
});

test('a refused required field, and any other failure, stop it', async () => {
  server.answer(refused({ record: 0, field: 'name', message: 'no' }));
  await expect(loadLeavingOut(odoo, 'res.partner', WANTED)).rejects.toMatchObject({
    code: 'odoo_load_refused',
  });
  server.answer(json({ name: 'odoo.exceptions.AccessError', message: 'no' }, 403));
  await expect(loadLeavingOut(odoo, 'res.partner', WANTED)).rejects.toMatchObject({ code: 'odoo_access' });
  // The record is there; a failure that is no refusal while a doubtful field is tried is not swallowed.
  server.answer(
    refused({ record: 0, message: 'x' }),
    made(1, 2),
    json({ name: 'odoo.exceptions.AccessError', message: 'no' }, 403),
  );
  await expect(loadLeavingOut(odoo, 'res.partner', WANTED)).rejects.toMatchObject({ code: 'odoo_access' });
});
