/** The Stripe under test: a real test-mode account when STRIPE_SECRET_KEY is set (`npm run test:stripe`), else the sandbox's. */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import Stripe from 'stripe';
import { afterAll, vi } from 'vitest';
import { API_VERSION, createStripe } from '../../../connector/stripe/client.ts';
import { startTestWorld } from '../../support/sandbox.ts';

const KEY = process.env.STRIPE_SECRET_KEY;
// A real test clock takes half a minute for a month, and a payment is tried again for two of them.
if (KEY) vi.setConfig({ testTimeout: 1_800_000, hookTimeout: 300_000 });

const undos: (() => Promise<unknown>)[] = [];
// Registered when the file imports this module: from within `beforeAll` it would never run.
afterAll(async () => {
  for (const undo of undos.reverse()) await undo().catch(() => undefined);
});

export interface Account {
  readonly stripe: Stripe;
  readonly real: boolean;
  /** Part of every name and key, so that a shared account's older objects do not disturb. */
  readonly run: string;
  /** Undone when the file is done, newest first; what fails is left. */
  tidy(undo: () => Promise<unknown>): void;
}

/** @throws Error for a live key: the suite makes customers, prices and payments */
export async function openAccount(): Promise<Account> {
  const key = KEY ?? '';
  const real = key !== '';
  if (real && !/^(sk|rk)_test_/.test(key)) {
    throw new Error('STRIPE_SECRET_KEY is not a test-mode key: the contract suite runs in test mode only');
  }
  const stripe = real
    ? createStripe({ secretKey: key, apiUrl: process.env.STRIPE_API_URL })
    : await startTestWorld().then(({ env }) =>
        createStripe({ secretKey: env.STRIPE_SECRET_KEY!, apiUrl: env.STRIPE_API_URL }),
      );
  return {
    stripe,
    real,
    run: `contract_${randomBytes(5).toString('hex')}`,
    tidy: (undo) => void undos.push(undo),
  };
}

/** A customer with a card that can be charged; another stand-in for a card behaves as Stripe's testing page says. */
export async function payingCustomer(
  { stripe, run, tidy }: Account,
  { card = 'pm_card_visa', clock }: { card?: string; clock?: string } = {},
): Promise<Stripe.Customer> {
  const customer = await stripe.customers.create({
    name: run,
    email: 'contract@example.com',
    payment_method: card,
    invoice_settings: { default_payment_method: card },
    metadata: { run },
    ...(clock !== undefined && { test_clock: clock }),
  });
  tidy(() => stripe.customers.del(customer.id));
  return customer;
}

/** A product with a set-up price and a monthly one, of 1,500 and 250 USD. */
export async function makePrices({ stripe, run, tidy }: Account) {
  const product = await stripe.products.create({ name: run, metadata: { plan_key: run } });
  tidy(() => stripe.products.update(product.id, { active: false }));
  const common = { product: product.id, currency: 'usd' };
  const setup = await stripe.prices.create({ ...common, unit_amount: 150_000, lookup_key: `${run}_setup` });
  const monthly = await stripe.prices.create({
    ...common,
    unit_amount: 25_000,
    recurring: { interval: 'month' },
    lookup_key: `${run}_month`,
  });
  return { product, setup, monthly };
}

/** What a call is refused with. @throws Error when it is not */
export async function refusal(call: Promise<unknown>): Promise<Stripe.errors.StripeError> {
  try {
    await call;
  } catch (thrown) {
    if (thrown instanceof Stripe.errors.StripeError) return thrown;
    throw thrown;
  }
  throw new Error('the call was not refused');
}

/** Looks until it is there. A real account's events and banks take some seconds. @throws Error after a minute and a half */
export async function soon<T>(
  account: Account,
  what: string,
  find: () => Promise<T | undefined>,
): Promise<T> {
  for (let look = 0; look < 90; look += 1) {
    const found = await find();
    if (found !== undefined) return found;
    await sleep(account.real ? 1_000 : 20);
  }
  throw new Error(`did not come: ${what}`);
}

/** The newest event of this type whose object names `about`: an id anywhere in it. */
export function eventOf(account: Account, type: string, about: string): Promise<Stripe.Event> {
  return soon(account, `${type} of ${about}`, async () => {
    const { data } = await account.stripe.events.list({ type, limit: 100 });
    return data.find((event) => JSON.stringify(event.data).includes(`"${about}"`));
  });
}

export interface Clock {
  readonly id: string;
  /** Of its present frozen time, unix seconds. */
  now(): number;
  /** Lives through everything up to then; at most two intervals of the shortest subscription ahead. */
  advance(to: number): Promise<void>;
}

/** Customers made with it live by its time (test clocks), and go with it. */
export async function startClock({ stripe, run, real, tidy }: Account): Promise<Clock> {
  const { testClocks } = stripe.testHelpers;
  let now = Math.floor(Date.now() / 1000);
  const { id } = await testClocks.create({ frozen_time: now, name: run });
  tidy(() => testClocks.del(id));
  return {
    id,
    now: () => now,
    async advance(to) {
      await testClocks.advance(id, { frozen_time: to });
      for (;;) {
        const { status } = await testClocks.retrieve(id);
        if (status === 'ready') break;
        if (status !== 'advancing') throw new Error(`the test clock is ${status}`);
        await sleep(real ? 2_000 : 5);
      }
      now = to;
    },
  };
}

export { API_VERSION };
