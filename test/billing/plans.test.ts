import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Plan } from '../../connector/billing/catalogue.ts';
import { inCurrency } from '../../connector/billing/in-currency.ts';
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

describe('a catalogue in another of its currencies', () => {
  const meter = { key: 'calls', name: 'Calls', unit: 'call', unitAmount: '0.5', eventName: 'calls' };
  const file = join(folder, 'currencies.json');
  const usd = { setupAmount: 500, prices: { month: 110 }, metered: { calls: '0.6' } };
  const extra = { key: 'extra', name: 'Extra', description: 'More.', prices: { month: 30 } };
  writeFileSync(
    file,
    JSON.stringify({
      ...catalogue(plan({ setupAmount: 400, metered: [meter], currencies: { usd } })),
      addOns: [
        { ...extra, currencies: { usd: { prices: { month: 33 } } } },
        { ...extra, key: 'euro_only' },
      ],
    }),
  );
  const own = loadCatalogue(file);
  const shown = (currency: string) => {
    const { plans, addOns, lookupSuffix } = inCurrency(own, currency);
    const [{ prices, setupAmount, metered }] = plans as [Plan];
    return {
      plan: [prices.month, setupAmount, ...metered.map(({ unitAmount }) => unitAmount)],
      addOns: addOns.map((addOn) => addOn.prices.month),
      lookupSuffix,
    };
  };

  it.each([
    ['eur', { plan: [100, 400, '0.5'], addOns: [30, 30], lookupSuffix: '' }],
    ['usd', { plan: [110, 500, '0.6'], addOns: [33, undefined], lookupSuffix: '_usd' }],
    // An offer may be in it; the catalogue has no price then.
    ['chf', { plan: [undefined, 0], addOns: [undefined, undefined], lookupSuffix: '_chf' }],
  ])('%s', (currency, wanted) => {
    expect(shown(currency)).toEqual(wanted);
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

  it('sells nothing that has no price, grants nothing by what is sold once, and names plans there are', () => {
    const addOn = { key: 'extra', name: 'Extra', description: 'More.', prices: {} };
    const problems = (changes: object) =>
      problemsOf({ ...catalogue(plan()), addOns: [{ ...addOn, ...changes }] }).join('\n');
    expect(problems({ oneTimeAmount: 100, plans: ['basic'] })).toBe('');
    expect(problems({})).toContain('/addOns/0: neither a price per interval nor a oneTimeAmount');
    expect(problems({ oneTimeAmount: 100, featureKeys: ['sso'] })).toContain(
      '/addOns/0/featureKeys: what is sold once',
    );
    expect(problems({ oneTimeAmount: 100, plans: ['gold'] })).toContain(
      '/addOns/0/plans: there is no plan "gold"',
    );
  });

  it('has each plan in each currency, with every interval and meter, and its own currency once', () => {
    const meter = { key: 'calls', name: 'Calls', unit: 'call', unitAmount: '0.5', eventName: 'calls' };
    const inUsd = (there: object) =>
      problemsOf(catalogue(plan({ metered: [meter], currencies: { usd: there } }))).join('\n');
    expect(inUsd({ prices: { month: 110 }, metered: { calls: '0.6' } })).toBe('');
    expect(inUsd({ prices: { month: 110 } })).toContain(
      '/plans/0/currencies/usd/metered: meter "calls" has no price',
    );
    expect(inUsd({ prices: { year: 900 }, metered: { calls: '0.6' } })).toContain('the same intervals');
    const eur = { prices: { month: 100 } };
    expect(problemsOf(catalogue(plan({ currencies: { eur } }))).join()).toContain(
      "/plans/0/currencies/eur: is the catalogue's own currency",
    );
    const usd = { prices: { month: 110 } };
    const half = catalogue(plan({ currencies: { usd } }), plan({ key: 'big' }));
    expect(problemsOf(half).join()).toContain('/plans/1/currencies/usd: another plan is sold in it');
  });

  it('has no amount of three decimals that Stripe would round', () => {
    const addOn = (changes: object) => ({
      key: 'extra',
      name: 'Extra',
      description: 'More.',
      prices: {},
      ...changes,
    });
    const rounded = (currency: string, plans: object[], addOns: object[] = []) =>
      problemsOf({ name: 'Offer', currency, plans, addOns }).map((each) => each.split(':')[0]);
    const good = plan({ setupAmount: 1230, prices: { month: 1500 } });
    // Sold by the interval alone, and not at all in the other currency: nothing to round.
    const elsewhere = addOn({ prices: { month: 105 } });
    expect(rounded('kwd', [good], [addOn({ oneTimeAmount: 9990 })])).toEqual([]);
    expect(rounded('kwd', [{ ...good, setupAmount: 1234 }], [addOn({ oneTimeAmount: 9999 })])).toEqual([
      'basic',
      'extra',
    ]);
    const also = (kwd: object) => plan({ prices: { month: 105 }, currencies: { kwd } });
    expect(rounded('eur', [also({ prices: { month: 1500 } })], [elsewhere])).toEqual([]);
    expect(
      rounded(
        'eur',
        [also({ prices: { month: 1505 } })],
        [addOn({ prices: { month: 105 }, currencies: { kwd: { prices: { month: 77 } } } })],
      ),
    ).toEqual(['basic', 'extra']);
  });

  it('may not be broken JSON or a missing file', () => {
    expect(problemsOf('{')[0]).toMatch(/JSON/);
    expect(() => loadCatalogue(join(folder, 'none.json'))).toThrow(/cannot be read/);
    expect(() => loadCatalogue(new URL('file:///none.json'))).toThrow(/cannot be read/);
  });
});
