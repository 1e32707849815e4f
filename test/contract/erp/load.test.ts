import { beforeAll, describe, expect, test } from 'vitest';
import { loadProblems } from '../../../connector/odoo/load.ts';
import { type Erp, openErp, unique } from './erp.ts';

let erp: Erp;
beforeAll(async () => {
  erp = await openErp();
});

const xmlId = (what: string): string => `stripe_connector.${unique(what).replaceAll('-', '_')}`;

async function load(
  fields: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): Promise<number[]> {
  const ids = await erp.admin.load('res.partner', fields, rows);
  erp.tidy('res.partner', ids);
  return ids;
}

async function problemsOf(promise: Promise<unknown>) {
  return promise.then(
    () => [],
    (thrown: unknown) => loadProblems(thrown),
  );
}

describe('load', () => {
  test('creates by external id, then updates the same record', async () => {
    const id = xmlId('upsert');
    const [first] = await load(['id', 'name', 'is_company'], [[id, 'First', 'True']]);
    const [second] = await load(['id', 'name'], [[id, 'Second']]);
    expect(second).toBe(first);
    const [row] = await erp.admin.call<{ name: string; is_company: boolean }[]>('res.partner', 'read', {
      ids: [first!],
      fields: ['name', 'is_company'],
    });
    expect(row).toMatchObject({ name: 'Second', is_company: true });
  });

  test('a company and its contacts in one load, country by external id', async () => {
    const company = xmlId('company');
    const contact = xmlId('contact');
    const ids = await load(
      ['id', 'name', 'is_company', 'parent_id/id', 'country_id/id'],
      [
        [company, 'Harbour', 'True', '', 'base.uk'],
        [contact, 'Ada', '', company, ''],
      ],
    );
    const rows = await erp.admin.call<{ parent_id: [number, string] | false }[]>('res.partner', 'read', {
      ids,
      fields: ['parent_id', 'country_id'],
    });
    expect(rows[0]?.parent_id).toBe(false);
    expect(rows[1]?.parent_id).toEqual([ids[0], expect.any(String)]);
  });

  test('one bad row refuses all, and is named with its field', async () => {
    const [good, bad] = [xmlId('good'), xmlId('bad')];
    const problems = await problemsOf(
      erp.admin.load(
        'res.partner',
        ['id', 'name', 'type'],
        [
          [good, 'Good', 'contact'],
          [bad, 'Bad', 'zzz'],
        ],
      ),
    );
    expect(problems).toEqual([expect.objectContaining({ row: 1, field: 'type' })]);
    expect(await erp.admin.xmlidToRes('stripe_connector', good.split('.')[1]!)).toBeNull();
  });

  test('an unknown relation is named without its suffix', async () => {
    const unknownCountry = erp.admin.load(
      'res.partner',
      ['id', 'name', 'country_id/id'],
      [[xmlId('c'), 'C', 'base.qq']],
    );
    expect(await problemsOf(unknownCountry)).toEqual([
      expect.objectContaining({ row: 0, field: 'country_id' }),
    ]);
    const unknownId = erp.admin.load(
      'res.partner',
      ['id', 'name', 'parent_id/.id'],
      [[xmlId('d'), 'D', 999_999_999]],
    );
    expect(await problemsOf(unknownId)).toEqual([expect.objectContaining({ row: 0, field: 'parent_id' })]);
  });

  test('a constraint is refused without naming a field', async () => {
    const problems = await problemsOf(
      erp.admin.load('res.partner', ['id', 'name'], [[xmlId('noname'), '']], { attempts: 1 }),
    );
    expect(problems[0]).toMatchObject({ field: null });
  });

  test('an unknown column is an error of its own', async () => {
    const thrown = await erp.admin
      .load('res.partner', ['id', 'nope_field'], [[xmlId('x'), 'x']])
      .catch((error: unknown) => error);
    expect(thrown).toMatchObject({ kind: 'permanent', code: 'odoo_bad_call' });
  });

  test('writes by database id, and says when that record is gone', async () => {
    const [id] = await load(['id', 'name'], [[xmlId('bydbid'), 'Before']]);
    expect(await erp.admin.load('res.partner', ['.id', 'name'], [[id!, 'After']])).toEqual([id]);
    const gone = erp.admin.load('res.partner', ['.id', 'name'], [[999_999_999, 'x']], { attempts: 1 });
    expect(await problemsOf(gone)).toEqual([expect.objectContaining({ row: 0, field: '.id' })]);
  });

  test('a deleted record’s external id is free again', async () => {
    const id = xmlId('deleted');
    const [first] = await load(['id', 'name'], [[id, 'x']]);
    await erp.admin.call('res.partner', 'unlink', { ids: [first!] });
    expect(await erp.admin.xmlidToRes('stripe_connector', id.split('.')[1]!)).toBeNull();
    const [second] = await load(['id', 'name'], [[id, 'x']]);
    expect(second).not.toBe(first);
  });

  test('five at once make one record, and all succeed', async () => {
    const id = xmlId('race');
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => erp.admin.load('res.partner', ['id', 'name'], [[id, 'Race']])),
    );
    expect(new Set(answers.flat()).size).toBe(1);
    erp.tidy('res.partner', answers[0]!);
  });

  test('five hundred rows in one load', async () => {
    const rows = Array.from({ length: 500 }, (_, index) => [xmlId(`many_${index}`), `Person ${index}`]);
    expect(new Set(await load(['id', 'name'], rows)).size).toBe(500);
  });
});
