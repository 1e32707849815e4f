/** An answer right after a change is told from what Stripe says, as far as that can be told. */
import { expect, it } from 'vitest';
import type { LiveItem } from '../../../connector/billing/commands/subscription-gateway.ts';
import { fresh } from '../../../connector/http/billing/bodies.ts';
import { liveOf } from '../../support/live-subscription.ts';

const item = (change: Partial<LiveItem> = {}): LiveItem => ({
  id: 'si_1',
  priceId: 'price_1',
  planKey: 'starter',
  role: 'recurring',
  addOnKey: null,
  interval: 'month',
  unitAmount: 25_000,
  metered: false,
  quantity: 2,
  metadata: {},
  ...change,
});

it.each([
  ['items of whole amounts', [item(), item({ role: 'addon', unitAmount: 500, quantity: 1 })], 50_500],
  ['what is billed by use', [item(), item({ role: 'metered', unitAmount: null, metered: true })], 50_000],
])('%s: the amount is their sum', (_what, items, amount) => {
  expect(fresh(liveOf({ items }))).toMatchObject({
    recurringAmount: amount,
    planKey: 'starter',
    quantity: 2,
  });
});

it('a price in tiers or fractions of a cent leaves the amount to the mirror', () => {
  expect(fresh(liveOf({ items: [item({ unitAmount: null })] }))).not.toHaveProperty('recurringAmount');
});
