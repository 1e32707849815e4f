import { describe, expect, it } from 'vitest';
import type { SubscriptionFact } from '../../connector/billing/facts.ts';
import { type KnownLife, lifeChanges } from '../../connector/billing/life-changes.ts';
import { trialEnding } from '../../connector/billing/trial-ending.ts';
import { at, subscriptionFact as fact } from '../support/subscription-fact.ts';

const known = (change: Partial<KnownLife> = {}): KnownLife => ({
  ...fact(),
  grantedPlanKey: 'starter',
  ...change,
});
const pack = {
  providerId: 'si_2',
  priceId: 'price_2',
  role: 'addon',
  addOnKey: 'email_5',
  quantity: 2,
  unitAmount: 1000,
  domain: null,
};
const down = { planKey: 'free', interval: 'month', quantity: 1, at: at(31).toISOString() };

describe('what has happened', () => {
  it.each<[string, Partial<KnownLife>, Partial<SubscriptionFact>, string[]]>([
    ['nothing', {}, {}, []],
    ['another plan', {}, { planKey: 'professional' }, ['plan_changed']],
    ['another plan, unpaid', {}, { planKey: 'professional', status: 'past_due' }, []],
    [
      'its money came',
      { planKey: 'professional', status: 'past_due' },
      { planKey: 'professional' },
      ['plan_changed'],
    ],
    ['past due alone', {}, { status: 'past_due' }, []],
    ['back to the old plan before it was paid', { planKey: 'professional', status: 'past_due' }, {}, []],
    ['yearly', {}, { billingInterval: 'year' }, ['interval_changed']],
    ['more users', {}, { quantity: 3 }, ['quantity_changed']],
    ['a downgrade is scheduled', {}, { scheduled: down }, ['change_scheduled']],
    ['the same one is seen again', { scheduled: { ...down } }, { scheduled: down }, []],
    ['it is revoked', { scheduled: down }, {}, ['change_revoked']],
    ['it has come', { scheduled: down }, { planKey: 'free' }, ['plan_changed']],
    ['set to end', {}, { cancelAtPeriodEnd: true, cancelAt: at(31) }, ['cancel_scheduled']],
    ['not any more', { cancelAt: at(31) }, {}, ['cancel_revoked']],
    ['paused', {}, { status: 'paused' }, ['paused']],
    ['collection paused in the Dashboard', {}, { collectionPaused: true }, ['paused']],
    ['resumed', { status: 'paused' }, {}, ['resumed']],
    ['an add-on is bought', { items: [] }, { items: [pack] }, ['addons_changed']],
    [
      'it follows the plan to another price',
      { items: [pack] },
      { items: [{ ...pack, providerId: 'si_9', priceId: 'price_9' }] },
      [],
    ],
    ['what is no add-on', { items: [] }, { items: [{ ...pack, addOnKey: null }] }, []],
    ['add-ons of a row that was never read', { items: null as never }, { items: [pack] }, []],
    ['ended, whatever else', { cancelAt: at(31) }, { endedAt: at(31), status: 'canceled', quantity: 4 }, []],
    ['not one of ours', {}, { planKey: null, quantity: 4 }, []],
  ])('%s', (_, before, after, kinds) => {
    expect(lifeChanges(known(before), fact(after)).map(({ kind }) => kind)).toEqual(kinds);
  });

  it('says which add-ons came and went, and whose domain they are for', () => {
    const domain = {
      ...pack,
      providerId: 'si_3',
      addOnKey: 'custom_domain',
      quantity: 1,
      domain: 'a.example',
    };
    const [change] = lifeChanges(known({ items: [pack, domain] }), {
      ...fact(),
      items: [{ ...pack, quantity: 1 }, domain, { ...domain, providerId: 'si_4', domain: 'b.example' }],
    });
    expect(change).toEqual({
      kind: 'addons_changed',
      data: {
        added: [{ addOnKey: 'custom_domain', domain: 'b.example', quantity: 1 }],
        removed: [{ addOnKey: 'email_5', domain: null, quantity: 1 }],
      },
    });
  });

  it('says from what to what', () => {
    expect(lifeChanges(known(), fact({ planKey: 'professional' }))).toEqual([
      { kind: 'plan_changed', data: { from: 'starter', to: 'professional' } },
    ]);
  });
});

describe('a trial that ends', () => {
  const trial = (change: Partial<SubscriptionFact> = {}) =>
    fact({ status: 'trialing', trialEnd: at(10), ...change });
  const about = `trial_${at(10).getTime() / 1000}`;
  it.each<[string, SubscriptionFact, Date, string | null]>([
    ['in four days', trial(), at(6), null],
    ['in three', trial(), at(7), about],
    ['today', trial(), new Date(at(10).getTime() - 1), about],
    ['is over', trial(), at(10), null],
    ['set to end with it', trial({ cancelAt: at(10) }), at(9), null],
    ['paid already', fact({ trialEnd: at(10) }), at(9), null],
    ['of no plan of ours', trial({ planKey: null }), at(9), null],
  ])('%s', (_, subscription, now, wanted) => {
    expect(trialEnding(subscription, now)).toBe(wanted);
  });
});
