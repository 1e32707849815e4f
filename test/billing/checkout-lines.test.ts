/** What a Checkout Session sells: the plan's prices, or exactly what a salesperson has agreed. Pure. */
import { describe, expect, it } from 'vitest';
import { checkoutLines } from '../../connector/billing/checkout-lines.ts';
import type { Offer } from '../../connector/billing/offers.ts';
import type { Order } from '../../connector/billing/orders.ts';
import { loadCatalogue } from '../../connector/billing/plans.ts';

const starter = loadCatalogue('mappings/plans.json').plans[0]!;
const metered = loadCatalogue('mappings/examples/coditect.json').plans[0]!;
const NOW = new Date('2026-11-21T12:00:00Z');

const order = (change: Partial<Order> = {}): Order => ({
  id: 17,
  organisationId: 5,
  projectId: 3,
  planKey: 'starter',
  interval: 'month',
  quantity: 1,
  currency: null,
  state: 'draft',
  sessionAttempt: 0,
  offerId: null,
  createdAt: NOW,
  ...change,
});
const offer = (amounts: Offer['amounts'], currency = 'usd'): Offer => ({
  id: 1,
  planKey: 'starter',
  interval: 'month',
  amounts,
  currency,
  expiresAt: NOW,
});

/** @returns the lines, and which prices the catalogue was asked for */
async function sold(input: Partial<Parameters<typeof checkoutLines>[1]>) {
  const asked: string[] = [];
  const gateway = {
    async prices(keys: readonly string[]) {
      asked.push(...keys);
      return Object.fromEntries(keys.map((key) => [key, `price_${key}`]));
    },
  };
  const lines = await checkoutLines(gateway, {
    plan: starter,
    order: order(),
    offer: undefined,
    lookupSuffix: '',
    ...input,
  });
  return { lines, asked };
}

describe('a session sells', () => {
  it('the plan as often as it was ordered, its set-up once, and what is metered without a quantity', async () => {
    const { lines } = await sold({ order: order({ quantity: 3 }), lookupSuffix: '_eur' });
    expect(lines).toEqual([
      { priceId: 'price_starter_month_eur', quantity: 3 },
      { priceId: 'price_starter_setup_eur', quantity: 1 },
    ]);
    const { lines: counted } = await sold({ plan: metered });
    expect(counted[0]).toEqual({ priceId: 'price_coditect_starter_month', quantity: 1 });
    expect(counted.slice(1).map((line) => 'quantity' in line && line.quantity)).toEqual([null, null]);
  });

  it('the list’s prices by an offer that agreed on none', async () => {
    const { lines } = await sold({ offer: offer(null) });
    expect(lines).toEqual((await sold({})).lines);
  });

  it('what was agreed, in its currency, and asks for no price of the list', async () => {
    const { lines, asked } = await sold({ offer: offer({ setup: 90_000, recurring: 19_900 }, 'chf') });
    expect(lines).toEqual([
      expect.objectContaining({ name: 'Starter', amount: 19_900, currency: 'chf', interval: 'month' }),
      expect.objectContaining({ name: 'Starter set-up', amount: 90_000, currency: 'chf', interval: null }),
    ]);
    expect(asked).toEqual([]);
  });

  it('no set-up where none was agreed, and what is metered all the same', async () => {
    const { lines } = await sold({ plan: metered, offer: offer({ setup: 0, recurring: 100 }) });
    expect(lines).toEqual([
      expect.objectContaining({ amount: 100, planKey: metered.key, productKey: metered.key }),
      ...metered.metered.map(() => expect.objectContaining({ quantity: null })),
    ]);
  });
});
