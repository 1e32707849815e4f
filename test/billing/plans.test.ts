import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findPlan, loadCatalogue } from '../../connector/billing/plans.ts';
import type { ConnectorError } from '../../connector/errors.ts';

const EXAMPLES = 'mappings/examples';
const folder = mkdtempSync(join(tmpdir(), 'plans-'));

function problemsOf(content: unknown): string[] {
  const file = join(folder, `${Math.random()}.json`);
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  try {
    loadCatalogue(file);
  } catch (error) {
    const { code, details, message } = error as ConnectorError;
    expect(code).toBe('mapping_invalid');
    expect(message).toContain(file);
    return details!.problems as string[];
  }
  return [];
}

const plan = (changes: object = {}) => ({
  key: 'basic',
  name: 'Basic',
  description: 'For a start',
  setupAmount: 0,
  prices: { month: 100 },
  features: [],
  limits: { projects: null, users: null, storageGb: null },
  provisioning: { documents: [], storageLifecycleDays: 30 },
  ...changes,
});
const catalogue = (...plans: object[]) => ({ name: 'Offer', currency: 'eur', plans });

describe('our catalogue', () => {
  it('is priced as agreed, a year at ten months’ price', () => {
    const { plans, currency } = loadCatalogue('mappings/plans.json');
    expect(currency).toBe('usd');
    expect(
      plans.map(({ key, setupAmount, prices }) => [key, setupAmount, prices.month, prices.year]),
    ).toEqual([
      ['starter', 150_000, 25_000, 250_000],
      ['professional', 300_000, 50_000, 500_000],
      ['enterprise', 600_000, 100_000, 1_000_000],
    ]);
  });

  it('finds a plan by key', () => {
    const ours = loadCatalogue('mappings/plans.json');
    expect(findPlan(ours, 'starter')?.name).toBe('Starter');
    expect(findPlan(ours, 'nothing')).toBeUndefined();
  });
});

describe('the further catalogues', () => {
  const load = (name: string) => loadCatalogue(join(EXAMPLES, `${name}.json`));

  it('are four', () => {
    expect(readdirSync(EXAMPLES).sort()).toEqual([
      'attunelogic.json',
      'blackroad.json',
      'coditect.json',
      'orion.json',
    ]);
  });

  it('CODITECT: two plans, yearly too, metered requests and storage', () => {
    const { plans } = load('coditect');
    expect(plans.map(({ prices }) => prices)).toEqual([
      { month: 1900, year: 19_000 },
      { month: 4900, year: 49_000 },
    ]);
    expect(plans[0]!.metered.map(({ unitAmount, unit }) => [unitAmount, unit])).toEqual([
      ['1', 'request'],
      ['5', 'MB'],
    ]);
  });

  it('Orion: three priced plans, a custom one, five add-ons', () => {
    const { plans, addOns, currency } = load('orion');
    expect(currency).toBe('eur');
    expect(plans.map(({ prices, custom }) => prices.month ?? custom)).toEqual([4900, 9900, 19_900, true]);
    expect(addOns.map(({ prices }) => prices)).toEqual([
      { year: 1500 },
      { year: 4900 },
      { month: 500 },
      { month: 900 },
      { month: 1900 },
    ]);
  });

  it('AttuneLogic: one founding monthly price', () => {
    const { plans } = load('attunelogic');
    expect(plans.map(({ prices }) => Object.keys(prices))).toEqual([['month']]);
  });

  it('BlackRoad: per user, and a custom one', () => {
    const { plans } = load('blackroad');
    expect(plans.map(({ usage, prices }) => [usage, prices.month])).toEqual([
      ['per_user', 100],
      ['per_user', 500],
      ['per_user', undefined],
    ]);
  });
});

describe('a catalogue that is wrong', () => {
  it('is refused with every problem at once, each with its path', () => {
    const problems = problemsOf({
      ...catalogue(plan({ setupAmount: -1 }), plan({ key: 'Big Plan', prices: {} })),
      currency: 'EURO',
      colour: 'red',
    });
    expect(problems).toHaveLength(new Set(problems).size);
    for (const path of ['/currency', '/plans/0/setupAmount', '/plans/1/key', '/plans/1/prices', '"colour"'])
      expect(problems.join('\n')).toContain(path);
  });

  it('may not use a key twice, nor a meter for two events', () => {
    const meter = { key: 'calls', name: 'Calls', unit: 'call', unitAmount: '0.5', eventName: 'calls' };
    const problems = problemsOf(
      catalogue(plan({ metered: [meter] }), plan({ metered: [{ ...meter, eventName: 'other_calls' }] })),
    );
    expect(problems.join('\n')).toMatch(/"basic" is already used by \/plans\/0\/key/);
    expect(problems.join('\n')).toMatch(/two event names/);
  });

  it('needs an address for a custom plan, which has no price', () => {
    expect(problemsOf(catalogue(plan({ custom: true, prices: {} }))).join()).toContain('/contactUrl');
    expect(problemsOf(catalogue(plan({ custom: true })))).not.toEqual([]);
  });

  it('may not be broken JSON or a missing file', () => {
    expect(problemsOf('{')[0]).toMatch(/JSON/);
    expect(() => loadCatalogue(join(folder, 'none.json'))).toThrow(/cannot be read/);
    expect(() => loadCatalogue(new URL('file:///none.json'))).toThrow(/cannot be read/);
  });
});
