import { describe, expect, it } from 'vitest';
import type { Catalogue, ChangePolicy } from '../../connector/billing/catalogue.ts';
import { overLimits } from '../../connector/billing/over-limits.ts';
import { classifyChange, type PlanState } from '../../connector/billing/plan-change.ts';
import { loadCatalogue } from '../../connector/billing/plans.ts';

const shipped = loadCatalogue('mappings/plans.json');
const free = { ...shipped.plans[0]!, key: 'free', setupAmount: 0, prices: { month: 0 } };
const perUser = {
  ...shipped.plans[0]!,
  key: 'team',
  usage: 'per_user' as const,
  prices: { month: 3000, year: 30_000 },
};
// As dear as the starter plan, and after it in the file; sold by the year alone; "talk to us".
const twin = { ...shipped.plans[0]!, key: 'twin' };
const yearly = { ...shipped.plans[0]!, key: 'yearly', prices: { year: 400_000 } };
const bespoke = { ...shipped.plans[0]!, key: 'bespoke', prices: {}, custom: true };
const catalogue: Catalogue = {
  ...shipped,
  plans: [free, perUser, bespoke, yearly, ...shipped.plans, twin],
};

const state = (text: string): PlanState => {
  const [planKey, interval, quantity = '1'] = text.split(' ');
  return { planKey: planKey!, interval: interval as 'month', quantity: Number(quantity) };
};
const classify = (from: string, to: string, policy: Partial<ChangePolicy> = {}, trialing = false) =>
  classifyChange(
    { ...catalogue, changes: { ...catalogue.changes, ...policy } },
    { from: state(from), to: state(to), trialing },
  );

describe('what kind of change it is, and when it comes', () => {
  it.each([
    ['starter month', 'starter month', [], 'now'],
    ['starter month', 'professional month', ['upgrade'], 'now'],
    ['starter year', 'enterprise year', ['upgrade'], 'now'],
    ['professional month', 'starter month', ['downgrade'], 'period_end'],
    ['starter month', 'free month', ['downgrade'], 'period_end'],
    ['free month', 'starter month', ['upgrade'], 'now'],
    ['starter month', 'starter year', ['longer'], 'now'],
    ['starter year', 'starter month', ['shorter'], 'period_end'],
    ['starter month', 'professional year', ['upgrade', 'longer'], 'now'],
    // Up a tier, out of a paid year: the year is used up first.
    ['starter year', 'professional month', ['upgrade', 'shorter'], 'period_end'],
    ['professional month', 'starter year', ['downgrade', 'longer'], 'period_end'],
    ['team month 3', 'team month 5', ['more'], 'now'],
    ['team month 5', 'team month 3', ['fewer'], 'period_end'],
    ['team month 5', 'team year 6', ['longer', 'more'], 'now'],
    ['team month 5', 'professional month 1', ['upgrade'], 'now'],
    ['starter month', 'twin month', ['upgrade'], 'now'],
    ['twin month', 'starter month', ['downgrade'], 'period_end'],
    ['starter year', 'yearly year', ['upgrade'], 'now'],
    ['professional year', 'yearly year', ['downgrade'], 'period_end'],
    ['enterprise year', 'bespoke year', ['upgrade'], 'now'],
    ['bespoke month', 'enterprise month', ['downgrade'], 'period_end'],
  ])('%s → %s', (from, to, parts, when) => {
    expect(classify(from, to)).toEqual({ parts, when, setupDue: 0 });
  });

  it('in a trial everything is at once', () => {
    expect(classify('professional month', 'starter month', {}, true)?.when).toBe('now');
  });

  it('follows the policy', () => {
    expect(classify('professional month', 'starter month', { downgrade: 'now' })?.when).toBe('now');
    expect(classify('starter month', 'professional month', { upgrade: 'period_end' })?.when).toBe(
      'period_end',
    );
    const setup = { setup: 'difference' } as const;
    expect(classify('starter month', 'professional month', setup)?.setupDue).toBe(150_000);
    expect(classify('professional month', 'starter month', setup)?.setupDue).toBe(0);
    expect(classify('starter month', 'starter year', setup)?.setupDue).toBe(0);
  });

  it('knows nothing of foreign plans', () => {
    expect(classify('gold month', 'starter month')).toBeUndefined();
    expect(classify('starter month', 'gold month')).toBeUndefined();
  });
});

it('lists what is over the new limits, and only that', () => {
  const [plan] = shipped.plans;
  expect(overLimits(plan!, { projects: 1, users: 10, storageGb: 100 })).toEqual([]);
  expect(overLimits(plan!, { projects: 3, users: 11, storageGb: null })).toEqual([
    { what: 'projects', limit: 1, used: 3 },
    { what: 'users', limit: 10, used: 11 },
  ]);
  const { enterprise } = Object.fromEntries(shipped.plans.map((each) => [each.key, each]));
  expect(overLimits(enterprise!, { projects: 900, users: 900, storageGb: 2001 })).toEqual([
    { what: 'storageGb', limit: 2000, used: 2001 },
  ]);
});
