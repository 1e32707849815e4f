import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { FACT_NAMES, subscriptionFacts } from '../../connector/crm/facts.ts';
import { html } from '../../connector/crm/html.ts';
import { externalId, slug } from '../../connector/crm/ids.ts';
import { countryXmlId, odooLanguage } from '../../connector/crm/localities.ts';
import { loadOdooMapping, type RecordMapping } from '../../connector/crm/mapping.ts';
import { fill, optionalColumns, toCell, valuesOf } from '../../connector/crm/values.ts';
import { loadWorkspaceTree, paths } from '../../connector/crm/workspace-tree.ts';

const folder = mkdtempSync(join(tmpdir(), 'crm-units-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(content: unknown): string {
  const path = join(folder, `${Math.random()}.json`);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

describe('cells', () => {
  test('as load reads them', () => {
    expect([null, true, false, 3, 'x', new Date('2026-11-01T02:03:04.567Z')].map(toCell)).toEqual([
      '',
      'True',
      'False',
      3,
      'x',
      '2026-11-01 02:03:04',
    ]);
  });

  test('countries and languages where Odoo differs', () => {
    expect(countryXmlId('GB')).toBe('base.uk');
    expect(countryXmlId('BE')).toBe('base.be');
    expect(odooLanguage('fr')).toBe('fr_FR');
    expect(odooLanguage('fr-CA')).toBe('fr_FR');
    expect(odooLanguage('en')).toBeNull();
  });

  test('text with facts in braces, an unknown one empty', () => {
    expect(fill('{a.b}: {c.d}{e.f}', { 'a.b': 'x', 'c.d': 3 })).toBe('x: 3');
  });

  test('HTML escapes what is put in, not what is written', () => {
    expect(html`<p title="${'"'}">${'<b>'} & ${"it's"}</p>`).toBe(
      '<p title="&quot;">&lt;b&gt; & it&#39;s</p>',
    );
  });

  test('names of records', () => {
    expect(slug('03 Published/Information Requirements')).toBe('03_published__information_requirements');
    expect(externalId.folder(3, 'A/B')).toBe('project_3_folder_a__b');
    expect(slug('a b')).not.toBe(slug('a/b'));
  });
});

describe('values of a record', () => {
  const mapping: RecordMapping = {
    model: 'm',
    write: 'always',
    fields: {
      name: { fact: 'organisation.name', write: 'once' },
      vat: { fact: 'organisation.vat_id', optional: true },
      partner_id: { fact: 'link.company' },
      note: { text: '{organisation.name} {order.id}' },
      user_id: { value: '' },
      active: { value: true },
    },
  };
  const facts = { 'organisation.name': 'Org', 'organisation.vat_id': null, 'link.company': 5 };

  test('facts nobody has are left out, constants stay, links go by id', () => {
    expect(valuesOf(mapping, facts)).toEqual({
      name: 'Org',
      'partner_id/.id': 5,
      user_id: '',
      active: 'True',
    });
    expect(valuesOf(mapping, { ...facts, 'order.id': 17 })).toMatchObject({ note: 'Org 17' });
  });

  test('a mirror clears what has no value, and leaves what is set once', () => {
    expect(valuesOf(mapping, facts, { only: 'always', empty: 'clear' })).toEqual({
      vat: '',
      'partner_id/.id': 5,
      user_id: '',
      active: 'True',
    });
    expect(optionalColumns(mapping)).toEqual(['vat']);
  });
});

describe('mapping files', () => {
  test('those shipped are valid, and name every fact of a subscription', () => {
    const { records } = loadOdooMapping();
    expect(records.subscription.model).toBe('x_stripe_subscription');
    const known: readonly string[] = FACT_NAMES;
    const facts = subscriptionFacts({
      providerId: 'sub_1',
      planKey: 'p',
      billingInterval: 'month',
      quantity: 1,
      currency: 'usd',
      recurringAmount: 1,
      monthlyAmount: 1,
      status: 'active',
      access: 'none',
      currentPeriodStart: null,
      currentPeriodEnd: null,
      cancelAtPeriodEnd: false,
      canceledAt: null,
      endedAt: null,
      trialEnd: null,
      version: 1,
    });
    expect(Object.keys(facts).filter((fact) => !known.includes(fact))).toEqual([]);
    expect(paths(loadWorkspaceTree().folders)).toContain('03 Published/Execution Plan');
  });

  test('every problem is named with its path', () => {
    const { records, roles, abandoned } = loadOdooMapping();
    const activity = { summary: 'Call {no.body}', note: 'x' };
    const wrong = {
      roles,
      abandoned: { ...abandoned, activity },
      records: {
        ...records,
        company: { model: 'res.partner', write: 'once', fields: { name: { fact: 'no.such_fact' } } },
      },
    };
    expect(() => loadOdooMapping(file(wrong))).toThrowError(
      /\/records\/company\/fields\/name: there is no fact "no.such_fact".*\/abandoned\/activity\/summary: there is no fact "no.body"/s,
    );
    expect(() => loadOdooMapping(file({ records: {} }))).toThrowError(/opportunity.*subscription/s);
    expect(() => loadOdooMapping(file('{'))).toThrowError(/cannot be read as JSON/);
    expect(() => loadOdooMapping(file({}))).toThrowError(
      expect.objectContaining({ code: 'mapping_invalid' }),
    );
  });

  test('a workspace whose documents have no home, or whose folders look alike', () => {
    const tree = {
      root: '{project.name}',
      folders: [{ name: 'A b' }, { name: 'a B' }],
      documents: { bep: 'A b', eir: 'X' },
    };
    expect(() => loadWorkspaceTree(file(tree))).toThrowError(
      /documents\/eir: there is no folder "X".*"a B" differs/s,
    );
  });
});
