import type Stripe from 'stripe';
import { beforeAll, expect, test } from 'vitest';
import { type Account, makePrices, openAccount, payingCustomer, refusal } from './account.ts';

let account: Account;
beforeAll(async () => {
  account = await openAccount();
});

async function subscribe() {
  const { stripe } = account;
  const prices = await makePrices({ ...account, run: `${account.run}_${Date.now()}` });
  const customer = await payingCustomer(account);
  const subscription = await stripe.subscriptions.create({
    customer: customer.id,
    items: [{ price: prices.monthly.id }],
    add_invoice_items: [{ price: prices.setup.id }],
    expand: ['latest_invoice.payments'],
  });
  return { ...prices, customer, subscription, invoice: subscription.latest_invoice as Stripe.Invoice };
}

test('the first invoice is paid, names its subscription in parent, and its payment finds it again', async () => {
  const { stripe } = account;
  const { subscription, invoice, customer } = await subscribe();
  expect(subscription.status).toBe('active');
  expect(subscription).not.toHaveProperty('current_period_end');
  expect(subscription.items.data[0]!.current_period_end).toBeGreaterThan(subscription.created);
  expect(invoice).toMatchObject({
    status: 'paid',
    billing_reason: 'subscription_create',
    amount_paid: 175_000,
  });
  expect(invoice.parent?.subscription_details?.subscription).toBe(subscription.id);
  expect(invoice.lines.data.map((line) => line.parent?.type).sort()).toEqual([
    'invoice_item_details',
    'subscription_item_details',
  ]);
  const intent = invoice.payments!.data[0]!.payment.payment_intent as string;
  const payments = await stripe.invoicePayments.list({
    payment: { type: 'payment_intent', payment_intent: intent },
  });
  expect(payments.data[0]!.invoice).toBe(invoice.id);
  const listed = await stripe.invoices.list({ customer: customer.id, created: { gte: invoice.created } });
  expect(listed.data.map(({ id }) => id)).toEqual([invoice.id]);
});

test('an upgrade is previewed and billed at once', async () => {
  const { stripe } = account;
  const { subscription, product } = await subscribe();
  const bigger = await stripe.prices.create({
    product: product.id,
    currency: 'usd',
    unit_amount: 50_000,
    recurring: { interval: 'month' },
  });
  const items = [{ id: subscription.items.data[0]!.id, price: bigger.id }];
  const preview = await stripe.invoices.createPreview({
    subscription: subscription.id,
    subscription_details: { items, proration_behavior: 'always_invoice' },
  });
  const changed = await stripe.subscriptions.update(subscription.id, {
    items,
    proration_behavior: 'always_invoice',
    payment_behavior: 'pending_if_incomplete',
    expand: ['latest_invoice'],
  });
  expect(changed.latest_invoice).toMatchObject({ billing_reason: 'subscription_update', status: 'paid' });
  expect(Math.abs((changed.latest_invoice as Stripe.Invoice).total - preview.total)).toBeLessThan(50);
  for (const params of [{ plan: 'x' }, { quantity: 2 }, { billing_cycle_anchor: 'now' }]) {
    expect((await refusal(stripe.subscriptions.update(subscription.id, params as never))).statusCode).toBe(
      400,
    );
  }
});

test('canceled ones are listed only when all are asked for', async () => {
  const { stripe } = account;
  const { subscription, customer } = await subscribe();
  const marked = await stripe.subscriptions.update(subscription.id, { cancel_at_period_end: true });
  expect(marked).toMatchObject({ status: 'active', cancel_at_period_end: true });
  expect(await stripe.subscriptions.cancel(subscription.id)).toMatchObject({
    status: 'canceled',
    ended_at: expect.any(Number),
  });
  expect((await stripe.subscriptions.list({ customer: customer.id })).data).toEqual([]);
  expect((await stripe.subscriptions.list({ customer: customer.id, status: 'all' })).data).toHaveLength(1);
});
