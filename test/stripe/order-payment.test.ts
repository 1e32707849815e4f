/** What the return page says of an order's payment: by our mirror, and where that knows nothing yet by Stripe. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createOrderPayment } from '../../connector/stripe/order-payment.ts';
import { createTurns } from '../../connector/stripe/turns.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { seedSale } from '../support/seed.ts';
import { openShop } from './shop.ts';

const { world, stripe, price, customer } = await openShop();
let db: TestDatabase;
beforeAll(async () => {
  db = await openTestDatabase();
});
afterAll(() => db.close());

/** An order; nothing of what it sold has been heard of yet. */
async function order(): Promise<number> {
  const { orderId, subscriptionId } = await seedSale(db);
  await db.query('delete from invoices where subscription_id = $1', [subscriptionId]);
  await db.query('delete from subscriptions where id = $1', [subscriptionId]);
  return orderId;
}

async function session(orderId: number) {
  const { id: customerId } = await customer();
  const { id, expires_at } = await stripe.checkout.sessions.create({
    mode: 'subscription',
    customer: customerId,
    line_items: [{ price: (await price()).id, quantity: 1 }],
    success_url: 'https://connect.example/done',
  });
  await db.query(
    "insert into checkout_sessions (provider_id, order_id, ui, status, expires_at) values ($1, $2, 'redirect', 'open', $3)",
    [id, orderId, new Date(expires_at * 1000)],
  );
  return { id, customerId };
}

function watch(over: readonly string[] = []) {
  const clock = { now: Date.now() };
  const synced: string[] = [];
  const payment = createOrderPayment({
    db,
    stripe,
    now: () => new Date(clock.now),
    isOver: async (id) => over.includes(id),
    syncNow: async (customerId) => void synced.push(customerId),
  });
  const pass = (ms: number) => {
    clock.now += ms;
  };
  return { payment, synced, pass };
}

describe('of an order we know no subscription of', () => {
  it('there is none before a session was made, nor while nobody has paid it', async () => {
    const { payment, synced } = watch();
    const orderId = await order();
    expect(await payment(orderId)).toEqual({ state: 'none', payUrl: null });
    await session(orderId);
    expect(await payment(orderId)).toEqual({ state: 'none', payUrl: expect.stringContaining('/c/pay/') });
    expect(synced).toEqual([]);
  });

  it('it is confirmed at Stripe: its customer is read, once a minute while the page is open', async () => {
    const { payment, synced, pass } = watch();
    const orderId = await order();
    const { id, customerId } = await session(orderId);
    world.systems.stripe.payCheckout(id);
    expect(await payment(orderId)).toEqual({ state: 'confirming' });
    pass(59_000);
    expect(await payment(orderId)).toEqual({ state: 'confirming' });
    expect(synced).toEqual([customerId]);
    pass(2_000);
    await payment(orderId);
    expect(synced).toEqual([customerId, customerId]);
  });

  it('a debit is on its way, until what it bought is over', async () => {
    const orderId = await order();
    const { id } = await session(orderId);
    const { subscription } = world.systems.stripe.payCheckoutLater(id);
    expect(await watch().payment(orderId)).toEqual({ state: 'on_its_way' });
    const later = watch([subscription as string]);
    expect(await later.payment(orderId)).toEqual({ state: 'none', payUrl: null });
    expect(later.synced).toEqual([]);
  });
});

describe('of an order whose subscription we know', () => {
  it.each<[string, string, object]>([
    ['active', 'paid', { state: 'confirming' }],
    ['active', 'open', { state: 'on_its_way' }],
    ['trialing', 'paid', { state: 'confirming' }],
    ['past_due', 'open', { state: 'failed', payUrl: 'https://pay.example' }],
    ['incomplete', 'open', { state: 'failed', payUrl: 'https://pay.example' }],
    ['paused', 'open', { state: 'failed', payUrl: 'https://pay.example' }],
    ['past_due', 'paid', { state: 'confirming' }],
  ])('%s with its first invoice %s, Stripe is not asked', async (status, invoice, expected) => {
    const { orderId, subscriptionId } = await seedSale(db, { status });
    await db.query(
      "update invoices set status = $1, hosted_invoice_url = 'https://pay.example' where subscription_id = $2",
      [invoice, subscriptionId],
    );
    const { payment, synced } = watch();
    expect(await payment(orderId)).toEqual(expected);
    expect(synced).toEqual([]);
  });

  it('without an invoice yet its money is on its way', async () => {
    const { orderId, subscriptionId } = await seedSale(db);
    await db.query('delete from invoices where subscription_id = $1', [subscriptionId]);
    expect(await watch().payment(orderId)).toEqual({ state: 'on_its_way' });
  });

  it('which is over counts no more', async () => {
    const { orderId } = await seedSale(db, { status: 'canceled' });
    expect(await watch().payment(orderId)).toEqual({ state: 'none', payUrl: null });
  });
});

it('turns come again after their time, each key its own; beyond a number the oldest is forgotten', () => {
  const isDue = createTurns({ everyMs: 1000, remembered: 2 });
  const at = (key: string, ms: number) => isDue(key, new Date(ms));
  expect([at('a', 0), at('a', 999), at('b', 999), at('a', 1000), at('a', 1999)]).toEqual([
    true,
    false,
    true,
    true,
    false,
  ]);
  // The third key pushes out b, whose turn was before that of a.
  expect([at('c', 1999), at('b', 1999), at('a', 1999)]).toEqual([true, true, true]);
});
