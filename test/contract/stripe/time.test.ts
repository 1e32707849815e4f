/** What time alone does to subscriptions and invoices, on a test clock: renewed, tried again, ended, expired. */
import type Stripe from 'stripe';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  type Account,
  type Clock,
  eventOf,
  makePrices,
  openAccount,
  payingCustomer,
  refusal,
  startClock,
} from './account.ts';

const HOUR = 3_600;
const DAY = 24 * HOUR;

let account: Account;
let prices: Awaited<ReturnType<typeof makePrices>>;
beforeAll(async () => {
  account = await openAccount();
  prices = await makePrices({ ...account, run: `${account.run}_time` });
});

async function subscribe(clock: Clock, params: Partial<Stripe.SubscriptionCreateParams> = {}) {
  const customer = await payingCustomer(account, { clock: clock.id });
  return account.stripe.subscriptions.create({
    customer: customer.id,
    items: [{ price: prices.monthly.id }],
    ...params,
  });
}

const read = (id: string) => account.stripe.subscriptions.retrieve(id);
const item = (subscription: Stripe.Subscription) => subscription.items.data[0]!;

async function replaceCard({ id, customer }: Stripe.Subscription, card: string) {
  const method = await account.stripe.paymentMethods.attach(card, { customer: customer as string });
  await account.stripe.subscriptions.update(id, { default_payment_method: method.id });
  return method.id;
}

async function newest(subscription: string): Promise<Stripe.Invoice> {
  const { data } = await account.stripe.invoices.list({ subscription, limit: 1 });
  return data[0]!;
}

test('a renewal rolls the period, is a draft for an hour, then paid; the old period stands under items', async () => {
  const clock = await startClock(account);
  const before = await subscribe(clock);
  const end = item(before).current_period_end;
  await clock.advance(end + 60);
  expect(await newest(before.id)).toMatchObject({ status: 'draft', billing_reason: 'subscription_cycle' });
  await clock.advance(end + 2 * HOUR);
  const invoice = await newest(before.id);
  expect(invoice).toMatchObject({ status: 'paid', amount_paid: 25_000, attempt_count: 1 });
  expect(invoice.parent?.subscription_details?.subscription).toBe(before.id);
  const renewed = await read(before.id);
  expect(item(renewed).current_period_start).toBe(end);
  const event = await eventOf(account, 'customer.subscription.updated', before.id);
  const previous = event.data.previous_attributes as { items?: { data: { current_period_end: number }[] } };
  expect(previous.items?.data[0]?.current_period_end).toBe(end);
  expect((await eventOf(account, 'invoice.paid', invoice.id!)).data.object).toMatchObject({ status: 'paid' });
});

describe('a renewal that fails', () => {
  test('is tried again at next_payment_attempt, counted, until there is none; then the account’s setting decides', async () => {
    const clock = await startClock(account);
    const subscription = await subscribe(clock);
    await replaceCard(subscription, 'pm_card_chargeCustomerFail');
    await clock.advance(item(subscription).current_period_end + 2 * HOUR);
    const first = await newest(subscription.id);
    expect(first).toMatchObject({ status: 'open', attempted: true, attempt_count: 1 });
    expect(first.next_payment_attempt).toBeGreaterThan(clock.now());
    expect((await read(subscription.id)).status).toBe('past_due');
    const failed = await eventOf(account, 'invoice.payment_failed', first.id!);
    expect(failed.data.object).toMatchObject({ id: first.id, attempt_count: 1, status: 'open' });
    let last = first;
    // Smart retries: "up to 8 times within 2 months"; the default of the sandbox is three.
    for (let tries = 2; last.next_payment_attempt !== null && tries < 12; tries += 1) {
      await clock.advance(last.next_payment_attempt + HOUR);
      const now = await account.stripe.invoices.retrieve(first.id!);
      expect(now.attempt_count).toBe(tries);
      last = now;
    }
    expect(last.next_payment_attempt).toBeNull();
    expect(['canceled', 'unpaid', 'past_due']).toContain((await read(subscription.id)).status);
  });

  test('and is paid in between, is active again', async () => {
    const clock = await startClock(account);
    const subscription = await subscribe(clock);
    await replaceCard(subscription, 'pm_card_chargeCustomerFail');
    await clock.advance(item(subscription).current_period_end + 2 * HOUR);
    const invoice = await newest(subscription.id);
    const good = await replaceCard(subscription, 'pm_card_visa');
    const paid = await account.stripe.invoices.pay(invoice.id!, { payment_method: good, off_session: true });
    expect(paid).toMatchObject({ status: 'paid', next_payment_attempt: null });
    expect((await read(subscription.id)).status).toBe('active');
  });
});

test('a trial says three days before that it ends, and then is charged', async () => {
  const clock = await startClock(account);
  const subscription = await subscribe(clock, { trial_period_days: 10 });
  expect(subscription.status).toBe('trialing');
  expect(await newest(subscription.id)).toMatchObject({
    status: 'paid',
    total: 0,
    billing_reason: 'subscription_create',
  });
  await clock.advance(subscription.trial_end! - 3 * DAY + HOUR);
  const told = await eventOf(account, 'customer.subscription.trial_will_end', subscription.id);
  expect(told.data.object).toMatchObject({ id: subscription.id, status: 'trialing' });
  await clock.advance(subscription.trial_end! + 2 * HOUR);
  expect((await read(subscription.id)).status).toBe('active');
  expect(await newest(subscription.id)).toMatchObject({ status: 'paid', amount_paid: 25_000 });
});

test('cancelled at the end of the period it ends there, with the last word of who left', async () => {
  const clock = await startClock(account);
  const subscription = await subscribe(clock);
  await account.stripe.subscriptions.update(subscription.id, { cancel_at_period_end: true });
  await clock.advance(item(subscription).current_period_end + HOUR);
  expect(await read(subscription.id)).toMatchObject({ status: 'canceled', ended_at: expect.any(Number) });
  const ended = await eventOf(account, 'customer.subscription.deleted', subscription.id);
  expect(ended.data.object).toMatchObject({ status: 'canceled' });
  expect((await account.stripe.invoices.list({ subscription: subscription.id })).data).toHaveLength(1);
});

test('a first payment that does not come within 23 hours leaves it incomplete_expired', async () => {
  const clock = await startClock(account);
  const subscription = await subscribe(clock, { payment_behavior: 'default_incomplete' });
  expect(subscription.status).toBe('incomplete');
  await clock.advance(clock.now() + DAY);
  expect((await read(subscription.id)).status).toBe('incomplete_expired');
});

test('a change that waits for its payment is dropped after 23 hours, its invoice void', async () => {
  const clock = await startClock(account);
  const subscription = await subscribe(clock);
  await replaceCard(subscription, 'pm_card_chargeCustomerFail');
  const changed = await account.stripe.subscriptions.update(subscription.id, {
    items: [{ id: item(subscription).id, quantity: 3 }],
    proration_behavior: 'always_invoice',
    payment_behavior: 'pending_if_incomplete',
  });
  expect(changed.pending_update).toMatchObject({ expires_at: expect.any(Number) });
  expect(item(changed).quantity).toBe(1);
  await clock.advance(clock.now() + DAY);
  expect(await read(subscription.id)).toMatchObject({ pending_update: null, status: 'active' });
  expect((await newest(subscription.id)).status).toBe('void');
  await eventOf(account, 'customer.subscription.pending_update_expired', subscription.id);
});

test('a scheduled change comes with the period, and the schedule lets go after its last phase', async () => {
  const { stripe } = account;
  const clock = await startClock(account);
  const subscription = await subscribe(clock, { items: [{ price: prices.monthly.id, quantity: 2 }] });
  const end = item(subscription).current_period_end;
  const made = await stripe.subscriptionSchedules.create({ from_subscription: subscription.id });
  await stripe.subscriptionSchedules.update(made.id, {
    end_behavior: 'release',
    proration_behavior: 'none',
    phases: [
      {
        items: [{ price: prices.monthly.id, quantity: 2 }],
        start_date: made.current_phase!.start_date,
        end_date: end,
      },
      {
        items: [{ price: prices.monthly.id, quantity: 1 }],
        duration: { interval: 'month', interval_count: 1 },
        proration_behavior: 'none',
      },
    ],
  });
  await clock.advance(end + 2 * HOUR);
  expect(item(await read(subscription.id)).quantity).toBe(1);
  expect(await newest(subscription.id)).toMatchObject({ status: 'paid', total: 25_000 });
  await clock.advance(item(await read(subscription.id)).current_period_end + 2 * HOUR);
  expect((await stripe.subscriptionSchedules.retrieve(made.id)).status).toBe('released');
  expect((await read(subscription.id)).schedule).toBeNull();
  await eventOf(account, 'subscription_schedule.released', made.id);
});

test('a clock goes forward only, and not further than two periods', async () => {
  const { testClocks } = account.stripe.testHelpers;
  const clock = await startClock(account);
  await subscribe(clock);
  for (const frozen_time of [clock.now() - DAY, clock.now() + 100 * DAY])
    expect((await refusal(testClocks.advance(clock.id, { frozen_time }))).statusCode).toBe(400);
});
