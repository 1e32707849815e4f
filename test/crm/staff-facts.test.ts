import { describe, expect, test } from 'vitest';
import { monthlyRevenue } from '../../connector/crm/monthly-revenue.ts';
import { staffState } from '../../connector/crm/staff-state.ts';

describe('monthly recurring revenue', () => {
  const of = (change: Partial<Parameters<typeof monthlyRevenue>[0]>) =>
    monthlyRevenue({
      status: 'active',
      monthlyAmount: 25000,
      currency: 'usd',
      ...change,
    });

  test('is in the currency as people write it', () => {
    expect(of({})).toBe(250);
    expect(of({ monthlyAmount: 20833 })).toBe(208.33);
    expect(of({ monthlyAmount: 8333, currency: 'jpy' })).toBe(8333);
  });

  test('what is not billed brings nothing; what is billed and unpaid is owed', () => {
    for (const status of ['trialing', 'paused', 'canceled', 'incomplete', 'incomplete_expired', 'new_word'])
      expect(of({ status }), status).toBe(0);
    for (const status of ['past_due', 'unpaid']) expect(of({ status }), status).toBe(250);
  });
});

describe('the one word staff see', () => {
  test.each([
    ['trialing', 'provisioned', 'trial'],
    ['active', 'provisioned', 'active'],
    ['active', 'provisioning', 'starting'],
    ['trialing', 'provisioning', 'starting'],
    ['past_due', 'provisioning', 'past_due'],
    ['canceled', 'provisioning', 'ended'],
    ['active', 'none', 'active'],
    ['past_due', 'provisioned', 'past_due'],
    ['unpaid', 'suspended', 'suspended'],
    ['paused', 'provisioned', 'suspended'],
    ['canceled', 'suspended', 'ended'],
    ['incomplete_expired', 'none', 'ended'],
    ['incomplete', 'none', 'starting'],
    ['a_word_of_tomorrow', 'provisioned', 'starting'],
  ] as const)('%s and %s: %s', (status, access, state) => {
    expect(staffState({ status, access })).toBe(state);
  });
});
