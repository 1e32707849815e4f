/** Which items a change of plan changes, adds and takes away, also of subscriptions that others have made. Pure. */
import { describe, expect, it } from 'vitest';
import type { AddOn, Catalogue } from '../../../connector/billing/catalogue.ts';
import { requireChangeable } from '../../../connector/billing/commands/errors.ts';
import { plannedChange } from '../../../connector/billing/commands/planned-change.ts';
import type { LiveItem, LiveSubscription } from '../../../connector/billing/commands/subscription-gateway.ts';
import { loadCatalogue } from '../../../connector/billing/plans.ts';
import { liveOf } from '../../support/live-subscription.ts';

const shipped = loadCatalogue('mappings/plans.json');
const team = {
  ...shipped.plans[0]!,
  key: 'team',
  usage: 'per_user' as const,
  prices: { month: 3000, year: 30_000 },
};
const monthly = { ...shipped.plans[2]!, key: 'monthly', prices: { month: 90_000 } };
const support: AddOn = {
  ...shipped.addOns[0]!,
  key: 'support',
  plans: null,
  prices: { month: 700, year: 7000 },
};
const catalogue: Catalogue = { ...shipped, plans: [...shipped.plans, team, monthly], addOns: [support] };

const AT = new Date('2026-11-01T00:00:00Z');
const item = (change: Partial<LiveItem> = {}): LiveItem => ({
  id: 'si_plan',
  priceId: 'price_agreed',
  planKey: 'starter',
  role: 'recurring',
  addOnKey: null,
  interval: 'month',
  unitAmount: 20_000,
  metered: false,
  quantity: 1,
  metadata: {},
  ...change,
});
const live = (...items: readonly LiveItem[]): LiveSubscription =>
  liveOf({ currency: shipped.currency, items, currentPeriodStart: AT, currentPeriodEnd: AT });
const prices = async (keys: readonly string[]) =>
  Object.fromEntries(keys.map((key) => [key, `price_${key}`]));
const plan = (from: LiveSubscription, wanted: Parameters<typeof plannedChange>[2]) =>
  plannedChange({ catalogue, gateway: { prices } }, from, wanted);

describe('a planned change', () => {
  it('of users alone keeps the agreed price, and users alone when nothing is said of them', async () => {
    const seats = item({ planKey: 'team', unitAmount: 2500, quantity: 4 });
    expect(await plan(live(seats), { quantity: 6 })).toMatchObject({
      change: { items: [{ id: 'si_plan', priceId: 'price_agreed', quantity: 6 }] },
      recurringAmount: 6 * 2500,
    });
    expect(await plan(live(seats), { interval: 'year' })).toMatchObject({
      to: { planKey: 'team', interval: 'year', quantity: 4 },
      recurringAmount: 4 * 30_000,
    });
  });

  it('takes an add-on along: at its own price by the same interval, at the list’s by another', async () => {
    const extra = item({
      id: 'si_extra',
      planKey: null,
      role: 'addon',
      addOnKey: 'support',
      unitAmount: 650,
    });
    const to = (interval: 'month' | 'year', of = extra) =>
      plan(live(item(), of), { planKey: 'professional', interval });
    expect(await to('month')).toMatchObject({
      change: { items: [{ id: 'si_plan', priceId: 'price_professional_month' }] },
      recurringAmount: 50_000 + 650,
    });
    expect(await to('year')).toMatchObject({
      change: { items: [{ id: 'si_plan' }, { id: 'si_extra', priceId: 'price_support_year' }] },
      recurringAmount: 500_000 + 7000,
    });
    // A price in tiers, made by hand: what it comes to is for Stripe's preview to say.
    expect(await to('month', { ...extra, unitAmount: null })).toMatchObject({ recurringAmount: 50_000 });
  });

  it('finds the plan by its price where nobody named the item’s part', async () => {
    const byHand = item({ role: null });
    expect((await plan(live(byHand), { planKey: 'professional' })).from.planKey).toBe('starter');
  });

  it.each<[string, string, LiveItem, Parameters<typeof plannedChange>[2]]>([
    ['tier_not_found', 'a plan that is not sold', item(), { planKey: 'gold' }],
    ['no_price_for_tier', 'an interval it is not sold by', item(), { planKey: 'monthly', interval: 'year' }],
    [
      'not_our_plan',
      'from a plan that is not sold any more',
      item({ planKey: 'founders' }),
      { planKey: 'starter' },
    ],
    ['not_our_plan', 'from another product', item({ planKey: null }), { planKey: 'starter' }],
    ['not_our_plan', 'from an agreed price by the week', item({ interval: 'week' }), { planKey: 'starter' }],
  ])('%s: %s', async (code, _name, of, wanted) => {
    await expect(plan(live(of), wanted)).rejects.toMatchObject({ code });
  });
});

describe('what stands in the way of a change is named with what to do first', () => {
  const at = { scheduleId: 'sched_1', priceId: 'p', planKey: null, interval: null, quantity: 1, at: AT };
  it.each<[string, Partial<LiveSubscription>, string | null]>([
    ['nothing', {}, null],
    ['a failed payment', { status: 'past_due' }, 'pay the open invoice first'],
    ['a pause', { status: 'paused' }, 'resume it first'],
    ['its end', { cancelAt: AT }, 'reactivate it first'],
    ['a scheduled change', { scheduled: at }, 'revoke it first'],
    ['a change that waits for its payment', { updatePending: true }, 'wait 23 hours'],
  ])('%s', (_name, change, advice) => {
    const check = () => requireChangeable({ ...live(), ...change }, { besideSchedule: false });
    if (advice === null) expect(check).not.toThrow();
    else
      expect(check).toThrow(
        expect.objectContaining({
          code: 'subscription_not_changeable',
          advice: expect.stringContaining(advice),
        }),
      );
  });

  it('a scheduled change may be replaced by another', () => {
    expect(() => requireChangeable({ ...live(), scheduled: at })).not.toThrow();
  });
});
