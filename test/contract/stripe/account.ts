/** The Stripe under test: a real test-mode account when STRIPE_SECRET_KEY is set (`npm run test:stripe`), else the sandbox's. */
import { randomBytes } from 'node:crypto';
import Stripe from 'stripe';
import { afterAll } from 'vitest';
import { API_VERSION, createStripe } from '../../../connector/stripe/client.ts';
import { startTestWorld } from '../../support/sandbox.ts';

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
  const key = process.env.STRIPE_SECRET_KEY;
  const real = key !== undefined && key !== '';
  if (real && !/^(sk|rk)_test_/.test(key)) {
    throw new Error('STRIPE_SECRET_KEY is not a test-mode key: the contract suite runs in test mode only');
  }
  const undos: (() => Promise<unknown>)[] = [];
  const stripe = real
    ? createStripe({ secretKey: key })
    : await startTestWorld().then(({ env }) =>
        createStripe({ secretKey: env.STRIPE_SECRET_KEY!, apiUrl: env.STRIPE_API_URL }),
      );
  afterAll(async () => {
    for (const undo of undos.reverse()) await undo().catch(() => undefined);
  });
  return {
    stripe,
    real,
    run: `contract_${randomBytes(5).toString('hex')}`,
    tidy: (undo) => void undos.push(undo),
  };
}

/** A customer with a card that can be charged. */
export async function payingCustomer({ stripe, run, tidy }: Account): Promise<Stripe.Customer> {
  const customer = await stripe.customers.create({
    name: run,
    email: 'contract@example.com',
    payment_method: 'pm_card_visa',
    invoice_settings: { default_payment_method: 'pm_card_visa' },
    metadata: { run },
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

export { API_VERSION };
