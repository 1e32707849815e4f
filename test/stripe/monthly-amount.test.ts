/** Monthly revenue of every way there is to price a subscription. */
import type Stripe from 'stripe';
import { describe, expect, it } from 'vitest';
import { monthlyAmount } from '../../connector/stripe/monthly-amount.ts';

interface Item {
  amount: number | null;
  decimal?: string;
  interval?: 'day' | 'week' | 'month' | 'year' | 'fortnight';
  count?: number;
  /** null: Stripe names none. */
  quantity?: number | null;
  metered?: boolean;
}
interface Coupon {
  percent_off?: number;
  amount_off?: number;
  duration: 'once' | 'repeating' | 'forever';
}

function of(items: readonly Item[], coupons: readonly (Coupon | string)[] = []): number {
  return monthlyAmount({
    currency: 'usd',
    items: {
      data: items.map(
        ({ amount, decimal, interval = 'month', count = 1, quantity = 1, metered = false }) => ({
          quantity: metered ? undefined : (quantity ?? undefined),
          price: {
            unit_amount: amount,
            unit_amount_decimal: decimal ?? (amount === null ? null : String(amount)),
            recurring: { interval, interval_count: count, usage_type: metered ? 'metered' : 'licensed' },
          },
        }),
      ),
    },
    discounts: coupons.map((coupon) =>
      typeof coupon === 'string'
        ? coupon
        : { source: { type: 'coupon', coupon: { percent_off: null, amount_off: null, ...coupon } } },
    ),
  } as unknown as Stripe.Subscription);
}

describe('what a subscription brings a month', () => {
  it.each<[string, readonly Item[], number]>([
    ['a month', [{ amount: 25_000 }], 25_000],
    ['a year counts a twelfth', [{ amount: 250_000, interval: 'year' }], 20_833],
    ['a quarter a third', [{ amount: 90_000, count: 3 }], 30_000],
    ['two years', [{ amount: 480_000, interval: 'year', count: 2 }], 20_000],
    ['a week', [{ amount: 1_200, interval: 'week' }], 5_200],
    ['by the seat', [{ amount: 500, quantity: 7 }], 3_500],
    ['a fraction of a cent', [{ amount: null, decimal: '0.5', quantity: 1_001 }], 501],
    [
      'with add-ons of their own interval',
      [{ amount: 25_000 }, { amount: 15_000, interval: 'year' }],
      26_250,
    ],
    ['what is metered is not known', [{ amount: 25_000 }, { amount: 1, metered: true }], 25_000],
    ['tiers are not known', [{ amount: null }], 0],
    ['nothing', [], 0],
    ['one without a quantity is one', [{ amount: 500, quantity: null }], 500],
    ['an interval that came later is taken for a month', [{ amount: 500, interval: 'fortnight' }], 500],
  ])('%s', (_what, items, expected) => {
    expect(of(items)).toBe(expected);
  });

  it.each<[string, readonly (Coupon | string)[], number]>([
    ['a share for ever', [{ percent_off: 20, duration: 'forever' }], 20_000],
    ['an amount of each invoice', [{ amount_off: 5_000, duration: 'repeating' }], 20_000],
    [
      'both, one after the other',
      [
        { percent_off: 20, duration: 'forever' },
        { amount_off: 5_000, duration: 'forever' },
      ],
      15_000,
    ],
    ['one invoice only changes nothing', [{ percent_off: 100, duration: 'once' }], 25_000],
    ['more than all of it leaves nothing', [{ amount_off: 90_000, duration: 'forever' }], 0],
    ['one of which only the id is known', ['di_1'], 25_000],
  ])('less %s', (_what, coupons, expected) => {
    expect(of([{ amount: 25_000 }], coupons)).toBe(expected);
  });

  it('an amount off a yearly invoice counts a twelfth too', () => {
    expect(of([{ amount: 120_000, interval: 'year' }], [{ amount_off: 12_000, duration: 'forever' }])).toBe(
      9_000,
    );
  });
});
