import Stripe from 'stripe';
import { expect, test } from 'vitest';
import { DAY_MS, HOUR_MS, makePrices, makeSession, refusal, startStripe } from './support.ts';

async function startPaid() {
  const started = await startStripe();
  const session = await makeSession(started.stripe);
  started.sandbox.payCheckout(session.id);
  const subscription = started.sandbox.subscriptions()[0]!;
  const bigger = await started.stripe.prices.create({
    currency: 'usd',
    unit_amount: 50_000,
    recurring: { interval: 'month' },
    product_data: { name: 'Professional' },
  });
  const yearly = await started.stripe.prices.create({
    currency: 'usd',
    unit_amount: 250_000,
    recurring: { interval: 'year' },
    product_data: { name: 'Starter, yearly' },
  });
  return { ...started, id: subscription.id, item: subscription.items.data[0]!.id, bigger, yearly };
}

test('an upgrade in mid-period is previewed and billed at once, credit and charge', async () => {
  const { stripe, sandbox, clock, id, item, bigger } = await startPaid();
  const { current_period_start: start, current_period_end: end } = sandbox.subscriptions()[0]!.items.data[0]!;
  await clock.advance(((end - start) / 2) * 1000 - (Date.now() - start * 1000));
  const details = { items: [{ id: item, price: bigger.id }], proration_behavior: 'always_invoice' as const };
  const preview = await stripe.invoices.createPreview({ subscription: id, subscription_details: details });
  expect(preview.id).toMatch(/^upcoming_in/);
  const invoicesBefore = sandbox.invoices().length;
  const changed = await stripe.subscriptions.update(id, { ...details, expand: ['latest_invoice'] });
  const invoice = changed.latest_invoice as Stripe.Invoice;
  expect(sandbox.invoices()).toHaveLength(invoicesBefore + 1);
  expect(invoice).toMatchObject({ status: 'paid', billing_reason: 'subscription_update' });
  expect(Math.abs(invoice.total - 12_500)).toBeLessThan(20);
  expect(Math.abs(preview.total - invoice.total)).toBeLessThan(20);
  expect(invoice.lines.data.map((line) => line.parent?.subscription_item_details?.proration)).toEqual([
    true,
    true,
  ]);
  expect(changed.items.data).toHaveLength(1);
  expect(changed.items.data[0]).toMatchObject({ id: item, price: { id: bigger.id } });
});

test('prorations wait for the next invoice unless told otherwise', async () => {
  const { stripe, sandbox, clock, id, item, bigger } = await startPaid();
  await stripe.subscriptions.update(id, { items: [{ id: item, price: bigger.id }] });
  expect(sandbox.invoices()).toHaveLength(1);
  const upcoming = await stripe.invoices.createPreview({ subscription: id });
  expect(upcoming.lines.data).toHaveLength(3);
  await clock.advance(31 * DAY_MS + 2 * HOUR_MS);
  expect(sandbox.invoices().at(-1)!.lines.data).toHaveLength(3);
});

test('without the item’s id an item is added', async () => {
  const { stripe, id, bigger } = await startPaid();
  const changed = await stripe.subscriptions.update(id, {
    items: [{ price: bigger.id }],
    proration_behavior: 'none',
  });
  expect(changed.items.data).toHaveLength(2);
  const removed = await stripe.subscriptions.update(id, {
    items: [{ id: changed.items.data[1]!.id, deleted: true }],
    proration_behavior: 'none',
  });
  expect(removed.items.data).toHaveLength(1);
  expect(await refusal(stripe.subscriptions.update(id, { items: [{ id: 'si_none' }] }))).toMatchObject({
    code: 'resource_missing',
  });
});

test('another interval starts a new period, billed whole', async () => {
  const { stripe, sandbox, id, item, yearly } = await startPaid();
  await stripe.subscriptions.update(id, { items: [{ id: item, price: yearly.id }] });
  const invoice = sandbox.invoices().at(-1)!;
  expect(invoice.lines.data.map(({ amount }) => amount)).toContain(250_000);
  expect(invoice.status).toBe('paid');
});

test('pending_if_incomplete changes nothing until the payment succeeds', async () => {
  const { stripe, sandbox, id, item, bigger } = await startPaid();
  sandbox.replaceCard(id, '4000 0000 0000 0341');
  const update = {
    items: [{ id: item, price: bigger.id, quantity: 2 }],
    proration_behavior: 'always_invoice' as const,
  };
  const waiting = await stripe.subscriptions.update(id, {
    ...update,
    payment_behavior: 'pending_if_incomplete',
  });
  expect(waiting.items.data[0]!.price.id).not.toBe(bigger.id);
  expect(waiting.pending_update?.subscription_items?.[0]?.price.id).toBe(bigger.id);
  sandbox.payInvoice(waiting.latest_invoice as string);
  const applied = await stripe.subscriptions.retrieve(id);
  expect(applied).toMatchObject({
    pending_update: null,
    items: { data: [{ price: { id: bigger.id }, quantity: 2 }] },
  });
});

test('a pending update lapses after 23 hours', async () => {
  const { stripe, sandbox, clock, id, item, bigger } = await startPaid();
  sandbox.replaceCard(id, '4000 0000 0000 0341');
  await stripe.subscriptions.update(id, {
    items: [{ id: item, price: bigger.id }],
    proration_behavior: 'always_invoice',
    payment_behavior: 'pending_if_incomplete',
  });
  await clock.advance(24 * HOUR_MS);
  expect(await stripe.subscriptions.retrieve(id)).toMatchObject({ pending_update: null, status: 'active' });
  expect(sandbox.events().map(({ type }) => type)).toContain('customer.subscription.pending_update_expired');
});

test('error_if_incomplete answers 402 and leaves everything as it was', async () => {
  const { stripe, sandbox, id, item, bigger } = await startPaid();
  sandbox.replaceCard(id, '4000 0000 0000 0341');
  const error = await refusal(
    stripe.subscriptions.update(id, {
      items: [{ id: item, price: bigger.id }],
      proration_behavior: 'always_invoice',
      payment_behavior: 'error_if_incomplete',
    }),
  );
  expect(error).toBeInstanceOf(Stripe.errors.StripeCardError);
  expect(await stripe.subscriptions.retrieve(id)).toMatchObject({
    status: 'active',
    items: { data: [{ id: item }] },
  });
  expect(sandbox.invoices().at(-1)!.status).toBe('void');
});

test('old parameter names are refused', async () => {
  const { stripe, id } = await startPaid();
  for (const [params, param] of [
    [{ coupon: 'x' }, 'coupon'],
    [{ plan: 'x' }, 'plan'],
    [{ quantity: 2 }, 'quantity'],
    [{ prorate: true }, 'prorate'],
    [{ billing_cycle_anchor: 'now' }, 'billing_cycle_anchor'],
  ] as const) {
    expect(await refusal(stripe.subscriptions.update(id, params as never))).toMatchObject({
      statusCode: 400,
      param,
    });
  }
});

test('cancelling now is final; undoing a marked one works', async () => {
  const { stripe, sandbox, id } = await startPaid();
  await stripe.subscriptions.update(id, {
    cancel_at: 'min_period_end',
    description: 'x',
    metadata: { a: '1' },
  });
  const undone = await stripe.subscriptions.update(id, { cancel_at: '' });
  expect(undone).toMatchObject({ cancel_at: null, description: 'x', metadata: { a: '1', order_id: '17' } });
  const paused = await stripe.subscriptions.update(id, { pause_collection: { behavior: 'void' } });
  expect(paused).toMatchObject({ status: 'active', pause_collection: { behavior: 'void' } });
  expect(await refusal(stripe.subscriptions.resume(id))).toMatchObject({ statusCode: 400 });
  const ended = await stripe.subscriptions.cancel(id, { invoice_now: true });
  expect(ended).toMatchObject({ status: 'canceled', ended_at: expect.any(Number) });
  expect(sandbox.events().at(-1)!.type).toBe('customer.subscription.deleted');
  expect(await refusal(stripe.subscriptions.cancel(id))).toMatchObject({ code: 'resource_missing' });
  expect(await refusal(stripe.subscriptions.update(id, { description: 'y' }))).toMatchObject({
    statusCode: 400,
  });
});

test('a subscription made by the API is paid at once with the customer’s card', async () => {
  const { stripe, sandbox, bigger } = await startPaid();
  const customer = sandbox.customers()[0]!.id;
  expect(
    await refusal(stripe.subscriptions.create({ customer, items: [{ price: bigger.id }] })),
  ).toMatchObject({ statusCode: 400 });
  const [method] = (await stripe.customers.listPaymentMethods(customer)).data;
  const made = await stripe.subscriptions.create({
    customer,
    items: [{ price: bigger.id }],
    default_payment_method: method!.id,
  });
  expect(made.status).toBe('active');
  const mine = await stripe.subscriptions.list({ customer, price: bigger.id });
  expect(mine.data.map(({ id }) => id)).toEqual([made.id]);
});

test('refunds add up on their charge and stop at its amount', async () => {
  const { stripe, sandbox } = await startPaid();
  const [charge] = (await stripe.charges.list()).data;
  await stripe.refunds.create({ charge: charge!.id, amount: 5_000 });
  const event = sandbox.events().find(({ type }) => type === 'charge.refunded')!;
  expect(event.data).toMatchObject({
    object: { refunded: false, amount_refunded: 5_000 },
    previous_attributes: { amount_refunded: 0 },
  });
  expect(await refusal(stripe.refunds.create({ charge: charge!.id, amount: 999_999 }))).toMatchObject({
    param: 'amount',
  });
  await stripe.refunds.create({ payment_intent: charge!.payment_intent as string });
  const refunded = await stripe.charges.retrieve(charge!.id, { expand: ['refunds'] });
  expect(refunded).toMatchObject({ refunded: true, amount_refunded: 175_000 });
  expect(refunded.refunds?.data).toHaveLength(2);
  expect(await refusal(stripe.refunds.create({ charge: charge!.id }))).toMatchObject({
    code: 'charge_already_refunded',
  });
  expect((await stripe.refunds.list({ charge: charge!.id })).data).toHaveLength(2);
});

test('invoices are voided, written off or paid elsewhere', async () => {
  const { stripe, sandbox } = await startStripe();
  const { monthly } = await makePrices(stripe);
  const make = () =>
    sandbox.createDashboardSubscription({ prices: [monthly.id], collection: 'send_invoice' });
  const [first, second, third] = [make(), make(), make()].map((one) => one.latest_invoice!);
  expect((await stripe.invoices.voidInvoice(first!)).status).toBe('void');
  expect((await stripe.invoices.markUncollectible(second!)).status).toBe('uncollectible');
  expect(await stripe.invoices.pay(third!, { paid_out_of_band: true })).toMatchObject({ status: 'paid' });
  expect(await refusal(stripe.invoices.pay(third!))).toMatchObject({ code: 'invoice_already_paid' });
  expect(await refusal(stripe.invoices.voidInvoice(third!))).toMatchObject({ statusCode: 400 });
  expect((await stripe.invoices.list({ status: 'void' })).data.map(({ id }) => id)).toEqual([first]);
  expect(await stripe.invoices.update(second!, { metadata: { a: '1' } })).toMatchObject({
    metadata: { a: '1' },
  });
  expect(await refusal(stripe.invoices.finalizeInvoice(third!))).toMatchObject({
    code: 'invoice_not_editable',
  });
});

test('an invoice shows ten lines and pages the rest', async () => {
  const { stripe, sandbox } = await startStripe();
  const { product, monthly } = await makePrices(stripe);
  const prices = [monthly.id];
  for (let n = 0; n < 11; n += 1) {
    const price = await stripe.prices.create({ product: product.id, currency: 'usd', unit_amount: 100 + n });
    prices.push(price.id);
  }
  const { latest_invoice } = sandbox.createDashboardSubscription({ prices });
  const invoice = await stripe.invoices.retrieve(latest_invoice!);
  expect(invoice.lines).toMatchObject({ has_more: true });
  expect(invoice.lines.data).toHaveLength(10);
  const all: string[] = [];
  for await (const line of stripe.invoices.listLineItems(latest_invoice!, { limit: 5 })) all.push(line.id);
  expect(all).toHaveLength(12);
});
