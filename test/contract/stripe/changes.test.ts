/** What the connector expects of changes in a subscription's life: proration, schedules, pauses, trials, cancellation. */
import type Stripe from 'stripe';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Account, openAccount, payingCustomer, refusal, soon } from './account.ts';

let account: Account;
let price: (amount: number, interval: 'month' | 'year', currency?: string) => Promise<string>;
beforeAll(async () => {
  account = await openAccount();
  const product = await account.stripe.products.create({ name: account.run });
  account.tidy(() => account.stripe.products.update(product.id, { active: false }));
  price = async (unit_amount, interval, currency = 'usd') =>
    (
      await account.stripe.prices.create({
        product: product.id,
        unit_amount,
        currency,
        recurring: { interval },
      })
    ).id;
});

async function subscribe(priceId: string, params: Partial<Stripe.SubscriptionCreateParams> = {}) {
  const customer = await payingCustomer(account);
  return account.stripe.subscriptions.create({
    customer: customer.id,
    items: [{ price: priceId }],
    payment_behavior: 'error_if_incomplete',
    ...params,
  });
}

const item = (subscription: Stripe.Subscription) => subscription.items.data[0]!;
const share = (subscription: Stripe.Subscription, at: number) => {
  const { current_period_start: start, current_period_end: end } = item(subscription);
  return (end - at) / (end - start);
};
const amounts = (invoice: Stripe.Invoice) =>
  invoice.lines.data.map(({ amount }) => amount).sort((a, b) => a - b);

describe('an upgrade at once', () => {
  test.each([
    ['usd', 25_000, 50_000],
    // Zero decimals: an amount is whole yen.
    ['jpy', 2_500, 5_000],
  ])('in %s is prorated by the second and charged as previewed', async (currency, low, high) => {
    const { stripe } = account;
    const subscription = await subscribe(await price(low, 'month', currency));
    const { current_period_start: start, current_period_end: end } = item(subscription);
    const at = start + Math.floor((end - start) * 0.37);
    const details = {
      items: [{ id: item(subscription).id, price: await price(high, 'month', currency) }],
      proration_behavior: 'always_invoice' as const,
      proration_date: at,
    };
    const preview = await stripe.invoices.createPreview({
      subscription: subscription.id,
      subscription_details: details,
    });
    expect(amounts(preview)).toEqual([
      -Math.round(low * share(subscription, at)),
      Math.round(high * share(subscription, at)),
    ]);
    expect(preview.lines.data.every((line) => line.parent?.subscription_item_details?.proration)).toBe(true);
    const changed = await stripe.subscriptions.update(subscription.id, {
      ...details,
      payment_behavior: 'pending_if_incomplete',
      expand: ['latest_invoice'],
    });
    expect(changed.latest_invoice).toMatchObject({
      billing_reason: 'subscription_update',
      status: 'paid',
      currency,
      total: preview.total,
      amount_paid: preview.amount_due,
    });
    expect(item(changed).current_period_end).toBe(end);
  });

  test('from monthly to yearly credits the rest and bills a year from now; a one-time item goes with it', async () => {
    const { stripe } = account;
    const subscription = await subscribe(await price(25_000, 'month'));
    const { product } = item(subscription).price;
    const at = item(subscription).current_period_start + 86_400;
    const extra = { price_data: { currency: 'usd', product: product as string, unit_amount: 7_700 } };
    const details = {
      items: [{ id: item(subscription).id, price: await price(250_000, 'year') }],
      proration_behavior: 'always_invoice' as const,
      proration_date: at,
    };
    const preview = await stripe.invoices.createPreview({
      subscription: subscription.id,
      subscription_details: details,
      invoice_items: [extra],
    });
    expect(preview.amount_due).toBe(250_000 + 7_700 - Math.round(25_000 * share(subscription, at)));
    const changed = await stripe.subscriptions.update(subscription.id, {
      ...details,
      add_invoice_items: [extra],
      payment_behavior: 'pending_if_incomplete',
      expand: ['latest_invoice'],
    });
    expect((changed.latest_invoice as Stripe.Invoice).amount_paid).toBe(preview.amount_due);
    const { current_period_start: start, current_period_end: end } = item(changed);
    expect(Math.round((end - start) / 86_400)).toBeGreaterThanOrEqual(365);
  });

  test('proration outside the period is refused', async () => {
    const { stripe } = account;
    const subscription = await subscribe(await price(25_000, 'month'));
    const items = [{ id: item(subscription).id, quantity: 2 }];
    const proration_date = item(subscription).current_period_end + 60;
    const refused = await refusal(
      stripe.subscriptions.update(subscription.id, {
        items,
        proration_date,
        proration_behavior: 'always_invoice',
      }),
    );
    expect(refused).toMatchObject({ statusCode: 400 });
  });
});

test('a schedule holds a change for the end of the period, stands in the way of a cancellation, and lets go', async () => {
  const { stripe } = account;
  const [high, low] = [await price(50_000, 'month'), await price(25_000, 'month')];
  const subscription = await subscribe(high);
  const made = await stripe.subscriptionSchedules.create({ from_subscription: subscription.id });
  expect(made).toMatchObject({ status: 'active', end_behavior: 'release', subscription: subscription.id });
  expect(made.phases).toHaveLength(1);
  const end = item(subscription).current_period_end;
  expect(made.current_phase).toEqual({ start_date: item(subscription).current_period_start, end_date: end });
  const planned = await stripe.subscriptionSchedules.update(made.id, {
    end_behavior: 'release',
    proration_behavior: 'none',
    phases: [
      { items: [{ price: high, quantity: 1 }], start_date: made.current_phase!.start_date, end_date: end },
      {
        items: [{ price: low, quantity: 1 }],
        duration: { interval: 'month', interval_count: 1 },
        proration_behavior: 'none',
      },
    ],
  });
  expect(planned.phases.map(({ items }) => items[0]!.price)).toEqual([high, low]);
  const seen = await stripe.subscriptions.retrieve(subscription.id, { expand: ['schedule'] });
  expect(seen.schedule).toMatchObject({ id: made.id, phases: [{ end_date: end }, { start_date: end }] });
  expect(
    (await refusal(stripe.subscriptions.update(subscription.id, { cancel_at_period_end: true }))).statusCode,
  ).toBe(400);
  expect((await refusal(stripe.subscriptions.pause(subscription.id))).statusCode).toBe(400);
  expect(await stripe.subscriptionSchedules.release(made.id)).toMatchObject({
    status: 'released',
    released_subscription: subscription.id,
    subscription: null,
  });
  expect((await stripe.subscriptions.retrieve(subscription.id)).schedule).toBeNull();
});

test('a pause is a status of its own; resumed, a new period is charged', async () => {
  const { stripe } = account;
  const subscription = await subscribe(await price(25_000, 'month'));
  const paused = await stripe.subscriptions.pause(subscription.id);
  expect(paused).toMatchObject({
    status: 'paused',
    pause_collection: null,
    status_details: { paused: { subscription: { type: 'pause_requested' } } },
  });
  const resumed = await stripe.subscriptions.resume(subscription.id, {
    billing_cycle_anchor: { type: 'now' },
    payment_behavior: 'resume_on_payment_success',
  });
  expect(resumed.status).toBe('active');
  expect((await refusal(stripe.subscriptions.resume(subscription.id))).statusCode).toBe(400);
});

test('a trial is prolonged, and ended now it is charged', async () => {
  const { stripe } = account;
  const subscription = await subscribe(await price(25_000, 'month'), { trial_period_days: 7 });
  expect(subscription.status).toBe('trialing');
  const trial_end = subscription.trial_end! + 5 * 86_400;
  const prolonged = await stripe.subscriptions.update(subscription.id, {
    trial_end,
    proration_behavior: 'none',
  });
  expect(prolonged).toMatchObject({ status: 'trialing', trial_end });
  expect(item(prolonged).current_period_end).toBe(trial_end);
  const ended = await stripe.subscriptions.update(subscription.id, {
    trial_end: 'now',
    proration_behavior: 'none',
    expand: ['latest_invoice'],
  });
  expect(ended.status).toBe('active');
  expect(ended.latest_invoice).toMatchObject({ amount_due: 25_000, status: 'paid' });
});

test('why somebody leaves is kept, taken back, and the event names what changed', async () => {
  const { stripe } = account;
  const subscription = await subscribe(await price(25_000, 'month'));
  const details = { feedback: 'too_expensive' as const, comment: 'next year' };
  const marked = await stripe.subscriptions.update(subscription.id, {
    cancel_at_period_end: true,
    cancellation_details: details,
  });
  expect(marked).toMatchObject({
    cancel_at: item(subscription).current_period_end,
    cancellation_details: { ...details, reason: 'cancellation_requested' },
  });
  const back = await stripe.subscriptions.update(subscription.id, { cancel_at_period_end: false });
  expect(back).toMatchObject({ cancel_at: null, canceled_at: null });
  const ended = await stripe.subscriptions.cancel(subscription.id, {
    cancellation_details: { feedback: 'unused' },
  });
  expect(ended).toMatchObject({
    status: 'canceled',
    cancellation_details: { feedback: 'unused', reason: 'cancellation_requested' },
  });
  const previous = await soon(account, 'both updates', async () => {
    const { data } = await stripe.events.list({ type: 'customer.subscription.updated', limit: 100 });
    const changes = data
      .filter((event) => (event.data.object as Stripe.Subscription).id === subscription.id)
      .map((event) => event.data.previous_attributes as Partial<Stripe.Subscription>)
      .filter((each) => 'cancel_at_period_end' in each);
    return changes.length < 2 ? undefined : changes;
  });
  expect(previous.map((each) => each.cancel_at_period_end).sort()).toEqual([false, true]);
});

test('one that ends now is billed what waited for its next invoice', async () => {
  const { stripe } = account;
  const subscription = await subscribe(await price(25_000, 'month'));
  const fee = await stripe.prices.create({
    currency: 'usd',
    unit_amount: 9900,
    product_data: { name: account.run },
  });
  await stripe.invoiceItems.create({
    customer: subscription.customer as string,
    subscription: subscription.id,
    pricing: { price: fee.id },
  });
  expect(
    (await stripe.subscriptions.cancel(subscription.id, { invoice_now: true, prorate: false })).status,
  ).toBe('canceled');
  const billed = await soon(account, 'the last invoice', async () => {
    const { data } = await stripe.invoices.list({ subscription: subscription.id });
    return data.length < 2 ? undefined : data;
  });
  expect(billed.map(({ total }) => total).sort((a, b) => a - b)).toEqual([9900, 25_000]);
});

test('a refused card leaves nothing of a new subscription', async () => {
  const { stripe } = account;
  const customer = await payingCustomer(account);
  await stripe.customers.update(customer.id, { invoice_settings: { default_payment_method: '' } });
  const declined = await stripe.paymentMethods.attach('pm_card_chargeCustomerFail', {
    customer: customer.id,
  });
  const refused = await refusal(
    stripe.subscriptions.create({
      customer: customer.id,
      items: [{ price: await price(25_000, 'month') }],
      default_payment_method: declined.id,
      payment_behavior: 'error_if_incomplete',
    }),
  );
  expect(refused).toMatchObject({ statusCode: 402, type: 'StripeCardError' });
  expect((await stripe.subscriptions.list({ customer: customer.id, status: 'all' })).data).toEqual([]);
});
