import type Stripe from 'stripe';
import { expect, test } from 'vitest';
import { DAY_MS, HOUR_MS, makePrices, makeSession, startReceiver, startStripe } from './support.ts';

const MONTH_MS = 31 * DAY_MS;
const DECLINES_LATER = '4000 0000 0000 0341';

/** A paid subscription, and a way to see which events came since. */
async function startPaid(options: Partial<Stripe.Checkout.SessionCreateParams> = {}, card?: string) {
  const started = await startStripe();
  const session = await makeSession(started.stripe, options);
  started.sandbox.payCheckout(session.id, card === undefined ? {} : { card });
  const { id } = started.sandbox.subscriptions()[0]!;
  let seen = started.sandbox.events().length;
  const news = () => {
    const types = started.sandbox
      .events()
      .slice(seen)
      .map(({ type }) => type);
    seen = started.sandbox.events().length;
    return types;
  };
  return { ...started, session, id, news };
}

test('a session expires after a day and can no longer be paid', async () => {
  const { stripe, sandbox, clock } = await startStripe();
  const session = await makeSession(stripe);
  await clock.advance(DAY_MS + 1000);
  expect(await stripe.checkout.sessions.retrieve(session.id)).toMatchObject({
    status: 'expired',
    client_secret: null,
  });
  expect(sandbox.events().at(-1)).toMatchObject({
    type: 'checkout.session.expired',
    created: session.expires_at,
  });
  expect(() => sandbox.payCheckout(session.id)).toThrow('expired');
});

test('a renewal is drafted at the end of the period, final and paid an hour later', async () => {
  const { stripe, sandbox, clock, id, news } = await startPaid();
  const before = sandbox.subscriptions()[0]!.items.data[0]!;
  await clock.advance(MONTH_MS);
  const [renewal] = (await stripe.invoices.list({ subscription: id })).data;
  // 31 days later at least an hour has passed, unless the month has 31 days.
  if (renewal!.status === 'draft') await clock.advance(2 * HOUR_MS);
  expect(news()).toEqual([
    'invoice.created',
    'customer.subscription.updated',
    'invoice.finalized',
    'payment_intent.created',
    'charge.succeeded',
    'payment_intent.succeeded',
    'invoice.paid',
    'invoice.payment_succeeded',
    'invoice_payment.paid',
  ]);
  const paid = await stripe.invoices.retrieve(renewal!.id!);
  expect(paid).toMatchObject({
    status: 'paid',
    billing_reason: 'subscription_cycle',
    amount_paid: 25_000,
    created: before.current_period_end,
    period_start: before.current_period_start,
    period_end: before.current_period_end,
  });
  expect(paid.status_transitions.finalized_at).toBe(before.current_period_end + 3600);
  const renewed = await stripe.subscriptions.retrieve(id);
  expect(renewed.items.data[0]!.current_period_start).toBe(before.current_period_end);
  const updated = sandbox.events().find(({ type }) => type === 'customer.subscription.updated')!;
  expect(updated.data.previous_attributes).toMatchObject({
    items: { data: [{ current_period_end: before.current_period_end }] },
  });
  expect(sandbox.oldShape(updated).data.previous_attributes).toMatchObject({
    current_period_end: before.current_period_end,
  });
});

test('a failed renewal is tried after 3, 5 and 7 days, then the subscription ends', async () => {
  const { stripe, sandbox, clock, id } = await startPaid();
  sandbox.replaceCard(id, DECLINES_LATER);
  await clock.advance(MONTH_MS + 2 * HOUR_MS);
  expect(await stripe.subscriptions.retrieve(id)).toMatchObject({ status: 'past_due' });
  const [open] = (await stripe.invoices.list({ subscription: id, status: 'open' })).data;
  const failedAt = open!.status_transitions.finalized_at!;
  expect(open).toMatchObject({ attempt_count: 1, next_payment_attempt: failedAt + 3 * 86_400 });
  await clock.advance(16 * DAY_MS);
  const failures = sandbox.events().filter(({ type }) => type === 'invoice.payment_failed');
  expect(failures.map(({ created }) => (created - failedAt) / 86_400)).toEqual([0, 3, 8, 15]);
  const attempts = failures.map(({ data }) => (data.object as Stripe.Invoice).next_payment_attempt);
  expect(attempts.at(-1)).toBeNull();
  expect(await stripe.subscriptions.retrieve(id)).toMatchObject({
    status: 'canceled',
    cancellation_details: { reason: 'payment_failed' },
  });
  expect((await stripe.subscriptions.list()).data).toEqual([]);
  expect((await stripe.subscriptions.list({ status: 'all' })).data).toHaveLength(1);
  expect(await stripe.invoices.retrieve(open!.id!)).toMatchObject({ status: 'open', auto_advance: false });
});

test('a good card before the next try makes it active again', async () => {
  const { stripe, sandbox, clock, id } = await startPaid();
  sandbox.replaceCard(id, DECLINES_LATER);
  await clock.advance(MONTH_MS + 2 * HOUR_MS);
  sandbox.replaceCard(id, '4242424242424242');
  await clock.advance(4 * DAY_MS);
  expect(await stripe.subscriptions.retrieve(id)).toMatchObject({ status: 'active' });
});

test('set so, a subscription becomes unpaid after the last try and its next invoice stays a draft', async () => {
  const { stripe, sandbox, clock, id } = await startPaid();
  sandbox.settings.afterRetries = 'unpaid';
  sandbox.replaceCard(id, DECLINES_LATER);
  await clock.advance(2 * MONTH_MS + DAY_MS);
  expect(await stripe.subscriptions.retrieve(id)).toMatchObject({ status: 'unpaid' });
  expect((await stripe.invoices.list({ subscription: id })).data[0]).toMatchObject({ status: 'draft' });
});

test('a trial costs only the set-up; its end bills the first month', async () => {
  const { stripe, sandbox, clock, id, session } = await startPaid({
    subscription_data: { trial_period_days: 14 },
  });
  expect(session.amount_total).toBe(150_000);
  const trial = await stripe.subscriptions.retrieve(id, { expand: ['latest_invoice'] });
  expect(trial.status).toBe('trialing');
  expect(trial.latest_invoice).toMatchObject({ billing_reason: 'subscription_create', amount_paid: 150_000 });
  await clock.advance(14 * DAY_MS + 2 * HOUR_MS);
  expect(sandbox.events().map(({ type }) => type)).toContain('customer.subscription.trial_will_end');
  const started = await stripe.subscriptions.retrieve(id, { expand: ['latest_invoice'] });
  expect(started.status).toBe('active');
  expect(started.latest_invoice).toMatchObject({ status: 'paid', amount_paid: 25_000 });
  expect(started.items.data[0]!.current_period_start).toBe(trial.trial_end);
});

test('a free trial takes a card that fails only later, and its zero invoice is paid', async () => {
  const { stripe, sandbox, clock } = await startStripe();
  const { monthly } = await makePrices(stripe);
  const session = await stripe.checkout.sessions.create({
    mode: 'subscription',
    success_url: 'https://shop.example/ok',
    customer_email: 'new@example.com',
    line_items: [{ price: monthly.id, quantity: 2 }],
    subscription_data: { trial_period_days: 7 },
  });
  sandbox.payCheckout(session.id, { card: DECLINES_LATER });
  expect(sandbox.sessions()[0]).toMatchObject({ payment_status: 'no_payment_required' });
  expect(sandbox.invoices()[0]).toMatchObject({
    status: 'paid',
    amount_paid: 0,
    billing_reason: 'subscription_create',
  });
  await clock.advance(7 * DAY_MS + 2 * HOUR_MS);
  expect(sandbox.subscriptions()[0]).toMatchObject({ status: 'past_due' });
});

test('cancelled at the period’s end it ends then, and not before', async () => {
  const { stripe, clock, id } = await startPaid();
  const marked = await stripe.subscriptions.update(id, { cancel_at_period_end: true });
  expect(marked).toMatchObject({ status: 'active', cancel_at: marked.items.data[0]!.current_period_end });
  await clock.advance(20 * DAY_MS);
  expect((await stripe.subscriptions.retrieve(id)).status).toBe('active');
  await clock.advance(12 * DAY_MS);
  const ended = await stripe.subscriptions.retrieve(id);
  expect(ended).toMatchObject({ status: 'canceled', ended_at: marked.cancel_at });
});

test('a delayed payment leaves the first invoice open for days, then paid or failed', async () => {
  const { stripe, sandbox, clock } = await startStripe();
  const session = await makeSession(stripe);
  expect(sandbox.payCheckoutLater(session.id)).toMatchObject({
    status: 'complete',
    payment_status: 'unpaid',
  });
  expect(sandbox.invoices()[0]).toMatchObject({ status: 'open', attempted: true });
  await clock.advance(5 * DAY_MS);
  expect(sandbox.settleCheckout(session.id, 'succeeded').payment_status).toBe('paid');
  const paidAt = sandbox.invoices()[0]!.status_transitions.paid_at!;
  expect(paidAt - sandbox.invoices()[0]!.created).toBeGreaterThanOrEqual(5 * 86_400);
  expect(sandbox.events().at(-1)!.type).toBe('checkout.session.async_payment_succeeded');
});

test('a delayed payment that fails leaves the subscription past due', async () => {
  const { stripe, sandbox } = await startStripe();
  const session = await makeSession(stripe);
  sandbox.payCheckoutLater(session.id);
  sandbox.settleCheckout(session.id, 'failed');
  expect(sandbox.subscriptions()[0]).toMatchObject({ status: 'past_due' });
  expect(sandbox.events().map(({ type }) => type)).toContain('checkout.session.async_payment_failed');
  expect(() => sandbox.settleCheckout('cs_none', 'failed')).toThrow('No such');
});

test('a sent invoice leaves a Dashboard subscription active and unpaid until somebody pays', async () => {
  const { stripe, sandbox, clock } = await startStripe();
  const { monthly, setup } = await makePrices(stripe);
  const { id } = sandbox.createDashboardSubscription({
    prices: [setup.id, monthly.id],
    collection: 'send_invoice',
  });
  await clock.advance(5 * DAY_MS);
  expect(await stripe.subscriptions.retrieve(id)).toMatchObject({ status: 'active' });
  const [open] = (await stripe.invoices.list({ subscription: id })).data;
  expect(open).toMatchObject({
    status: 'open',
    billing_reason: 'subscription_create',
    due_date: expect.any(Number),
  });
  sandbox.payInvoice(open!.id!);
  expect(await stripe.invoices.retrieve(open!.id!)).toMatchObject({ status: 'paid', amount_paid: 175_000 });
  const charged = sandbox.createDashboardSubscription({ prices: [monthly.id], name: 'Bo' });
  expect(sandbox.invoices().at(-1)).toMatchObject({ status: 'paid', customer: charged.customer });
});

test('a first payment that never comes expires the subscription after 23 hours', async () => {
  const { stripe, clock } = await startStripe();
  const { monthly } = await makePrices(stripe);
  const customer = await stripe.customers.create({});
  const made = await stripe.subscriptions.create({
    customer: customer.id,
    items: [{ price: monthly.id }],
    payment_behavior: 'default_incomplete',
    expand: ['latest_invoice.confirmation_secret'],
  });
  expect(made.status).toBe('incomplete');
  await clock.advance(24 * HOUR_MS);
  expect(await stripe.subscriptions.retrieve(made.id)).toMatchObject({ status: 'incomplete_expired' });
});

test('a month anchored on the 31st ends on the last day of a shorter one', async () => {
  const { periodEnd } = await import('../../../scripts/sandbox/stripe/periods.ts');
  const at = (text: string) => Date.parse(text) / 1000;
  const anchor = at('2026-01-31T10:00:00Z');
  const february = periodEnd({ start: anchor, interval: 'month', count: 1, anchor });
  expect(february).toBe(at('2026-02-28T10:00:00Z'));
  expect(periodEnd({ start: february, interval: 'month', count: 1, anchor })).toBe(
    at('2026-03-31T10:00:00Z'),
  );
  const leap = at('2024-02-29T00:00:00Z');
  expect(periodEnd({ start: leap, interval: 'year', count: 1, anchor: leap })).toBe(
    at('2025-02-28T00:00:00Z'),
  );
  expect(periodEnd({ start: 0, interval: 'week', count: 2, anchor: 0 })).toBe(14 * 86_400);
  expect(periodEnd({ start: 0, interval: 'day', count: 3, anchor: 0 })).toBe(3 * 86_400);
});

test('long jumps are lived through month by month, and each month is delivered', async () => {
  const receiver = await startReceiver();
  const { stripe, sandbox, clock } = await startStripe({ webhookUrl: receiver.url });
  const session = await makeSession(stripe);
  sandbox.payCheckout(session.id);
  await clock.advance(100 * DAY_MS);
  expect(sandbox.invoices().filter(({ status }) => status === 'paid')).toHaveLength(4);
  await sandbox.deliveriesIdle();
  expect(receiver.types().filter((type) => type === 'invoice.paid')).toHaveLength(4);
});

test('paused collection voids a renewal or keeps it a draft', async () => {
  const { stripe, clock, id } = await startPaid();
  await stripe.subscriptions.update(id, { pause_collection: { behavior: 'void' } });
  await clock.advance(MONTH_MS + 2 * HOUR_MS);
  expect((await stripe.invoices.list({ subscription: id })).data[0]).toMatchObject({ status: 'void' });
  await stripe.subscriptions.update(id, { pause_collection: { behavior: 'keep_as_draft' } });
  await clock.advance(MONTH_MS + 2 * HOUR_MS);
  expect((await stripe.invoices.list({ subscription: id })).data[0]).toMatchObject({ status: 'draft' });
  await stripe.subscriptions.update(id, { pause_collection: '' });
  await clock.advance(MONTH_MS + 2 * HOUR_MS);
  expect((await stripe.invoices.list({ subscription: id })).data[0]).toMatchObject({ status: 'paid' });
});
