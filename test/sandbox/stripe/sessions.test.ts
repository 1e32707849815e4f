import type Stripe from 'stripe';
import { expect, test } from 'vitest';
import { makePrices, makeSession, refusal, startStripe } from './support.ts';

const success_url = 'https://shop.example/ok';

test('impossible sessions are refused with the parameter at fault', async () => {
  const { stripe } = await startStripe();
  const { setup, monthly } = await makePrices(stripe);
  const customer = await stripe.customers.create({});
  const euro = await stripe.prices.create({ currency: 'eur', unit_amount: 1, product_data: { name: 'x' } });
  const retired = await stripe.prices.create({
    currency: 'usd',
    unit_amount: 1,
    product_data: { name: 'x' },
  });
  await stripe.prices.update(retired.id, { active: false });
  const line = { price: monthly.id, quantity: 1 };
  const base = { mode: 'subscription' as const, success_url, line_items: [line] };
  const embedded = { ui_mode: 'embedded_page', success_url: undefined, return_url: 'https://shop.example/' };
  for (const [changes, param] of [
    [{ mode: 'payment' }, 'mode'],
    [{ ui_mode: 'elements' }, 'ui_mode'],
    [{ success_url: undefined }, 'success_url'],
    [{ success_url: 'nowhere' }, 'success_url'],
    [{ return_url: 'https://shop.example/' }, 'return_url'],
    [{ ...embedded, return_url: undefined }, 'return_url'],
    [{ ...embedded, success_url }, 'success_url'],
    [{ ...embedded, cancel_url: success_url }, 'cancel_url'],
    [{ customer: customer.id, customer_email: 'a@example.com' }, 'customer'],
    [{ line_items: [{ price: setup.id, quantity: 1 }] }, 'line_items'],
    [{ line_items: [line, { price: euro.id, quantity: 1 }] }, 'line_items'],
    [{ line_items: [line, { price: retired.id, quantity: 1 }] }, 'line_items[1]'],
    [{ line_items: [{ price: monthly.id }] }, 'line_items[0][quantity]'],
    [{ line_items: [{ quantity: 1 }] }, 'line_items[0]'],
    [{ line_items: [{ price: 'price_none', quantity: 1 }] }, 'line_items[0][price]'],
    [{ expires_at: 1 }, 'expires_at'],
  ] as const) {
    const error = await refusal(stripe.checkout.sessions.create({ ...base, ...changes } as never));
    expect([error.statusCode, error.param]).toEqual([400, param]);
  }
});

test('prices may be given inline', async () => {
  const { stripe, sandbox } = await startStripe();
  const session = await stripe.checkout.sessions.create({
    mode: 'subscription',
    success_url,
    customer_email: 'a@example.com',
    line_items: [
      {
        price_data: {
          currency: 'usd',
          unit_amount: 900,
          product_data: { name: 'Support' },
          recurring: { interval: 'month', interval_count: 3 },
        },
        quantity: 2,
      },
    ],
  });
  expect(session.amount_total).toBe(1_800);
  sandbox.payCheckout(session.id);
  expect(sandbox.subscriptions()[0]!.items.data[0]!.price.recurring).toMatchObject({ interval_count: 3 });
});

test('sessions are found by customer, state and subscription', async () => {
  const { stripe, sandbox } = await startStripe();
  const paid = await makeSession(stripe);
  const customer = paid.customer as string;
  const { success_url: _, ...params } = { success_url, mode: 'subscription' as const };
  const open = await stripe.checkout.sessions.create({
    ...params,
    success_url,
    customer,
    line_items: [{ price: sandbox.prices().at(-1)!.id, quantity: 1 }],
  });
  sandbox.payCheckout(paid.id);
  const ids = async (filter: Stripe.Checkout.SessionListParams) =>
    (await stripe.checkout.sessions.list(filter)).data.map(({ id }) => id);
  expect(await ids({ customer })).toEqual([open.id, paid.id]);
  expect(await ids({ customer, status: 'open' })).toEqual([open.id]);
  expect(await ids({ subscription: sandbox.subscriptions()[0]!.id })).toEqual([paid.id]);
  expect(await ids({ customer_details: { email: 'ada@example.com' } })).toEqual([paid.id]);
  const changed = await stripe.checkout.sessions.update(open.id, { metadata: { a: '1' } });
  expect(changed.metadata).toEqual({ a: '1' });
});

test('a paid session cannot be paid again', async () => {
  const { stripe, sandbox } = await startStripe();
  const session = await makeSession(stripe);
  sandbox.payCheckout(session.id);
  expect(() => sandbox.payCheckout(session.id)).toThrow('complete');
  expect(sandbox.subscriptions()).toHaveLength(1);
});

test('a declined card leaves the session open for another', async () => {
  const { stripe, sandbox } = await startStripe();
  const session = await makeSession(stripe);
  for (const card of ['4000000000009995', '4000000000000341', '1111']) {
    expect(() => sandbox.payCheckout(session.id, { card })).toThrow('card');
  }
  expect(sandbox.payCheckout(session.id, { card: '4000002500003155' })).toEqual({
    status: 'requires_action',
  });
  expect(sandbox.subscriptions()).toEqual([]);
  expect(sandbox.payCheckout(session.id, { card: '4000002500003155', authenticated: true }).status).toBe(
    'complete',
  );
});

test('payment methods attach by stand-in, detach, and decline on order', async () => {
  const { stripe } = await startStripe();
  const customer = await stripe.customers.create({
    payment_method: 'pm_card_visa',
    invoice_settings: { default_payment_method: 'pm_card_visa' },
    address: { country: 'DE', city: 'Ulm' },
  });
  const method = customer.invoice_settings.default_payment_method as string;
  expect(method).not.toBe('pm_card_visa');
  expect(await stripe.paymentMethods.retrieve(method)).toMatchObject({
    customer: customer.id,
    card: { last4: '4242' },
  });
  await stripe.paymentMethods.detach(method);
  expect((await stripe.paymentMethods.list({ customer: customer.id })).data).toEqual([]);
  expect((await stripe.paymentMethods.attach(method, { customer: customer.id })).customer).toBe(customer.id);
  const declined = await refusal(
    stripe.paymentMethods.attach('pm_card_chargeDeclined', { customer: customer.id }),
  );
  expect(declined).toMatchObject({ statusCode: 402, code: 'card_declined' });
  expect(await refusal(stripe.paymentMethods.attach('pm_none', { customer: customer.id }))).toMatchObject({
    code: 'resource_missing',
  });
  const moved = await stripe.customers.update(customer.id, { address: { country: 'FR' }, phone: '' });
  expect(moved).toMatchObject({ address: { country: 'FR', city: null }, phone: null });
});

test('payments can be read one by one', async () => {
  const { stripe, sandbox } = await startStripe();
  const session = await makeSession(stripe);
  sandbox.payCheckout(session.id);
  const customer = session.customer as string;
  const [intent] = (await stripe.paymentIntents.list({ customer })).data;
  expect(await stripe.paymentIntents.retrieve(intent!.id)).toMatchObject({
    status: 'succeeded',
    amount: 175_000,
  });
  const [charge] = (await stripe.charges.list({ payment_intent: intent!.id })).data;
  expect(await stripe.charges.retrieve(charge!.id, { expand: ['customer'] })).toMatchObject({
    paid: true,
    customer: { id: customer },
  });
  const [payment] = (
    await stripe.invoicePayments.list({ invoice: sandbox.invoices()[0]!.id, status: 'paid' })
  ).data;
  expect((await stripe.invoicePayments.retrieve(payment!.id)).amount_paid).toBe(175_000);
  const refund = await stripe.refunds.create({ charge: charge!.id, amount: 1, metadata: { why: 'x' } });
  const changed = await stripe.refunds.update(refund.id, { metadata: { why: 'y' } });
  expect(await stripe.refunds.retrieve(refund.id)).toMatchObject({ metadata: changed.metadata });
  expect(sandbox.cancelSubscription(sandbox.subscriptions()[0]!.id).status).toBe('canceled');
});
