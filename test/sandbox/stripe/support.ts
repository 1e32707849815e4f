/** The sandbox's Stripe alone, over real HTTP, with stripe-node and a receiver of its webhooks. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import Stripe from 'stripe';
import { afterEach } from 'vitest';
import { createClock } from '../../../scripts/sandbox/clock.ts';
import { createCounts } from '../../../scripts/sandbox/counts.ts';
import { serveSystem } from '../../../scripts/sandbox/server.ts';
import { openStore } from '../../../scripts/sandbox/store.ts';
import {
  API_VERSION,
  createStripeSandbox,
  SECRET_KEY,
  WEBHOOK_SECRET,
} from '../../../scripts/sandbox/stripe/index.ts';

const stops: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

export const DAY_MS = 86_400_000;
export const HOUR_MS = 3_600_000;

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

export async function startStripe(options: { folder?: string; webhookUrl?: string } = {}) {
  const store = openStore({ folder: options.folder });
  const clock = createClock({ store: store.of('world') });
  const log = () => {};
  const served = await serveSystem({
    counts: createCounts(),
    faults: { take: () => undefined, hold: () => {} },
    delayMs: () => 0,
    log,
  });
  const sandbox = createStripeSandbox({
    store: store.of('stripe'),
    clock,
    log,
    url: () => served.url,
    webhookUrl: options.webhookUrl,
  });
  served.attach(sandbox);
  const { hostname, port } = new URL(served.url);
  const stripe = new Stripe(SECRET_KEY, {
    apiVersion: API_VERSION,
    host: hostname,
    port: Number(port),
    protocol: 'http',
    maxNetworkRetries: 0,
    telemetry: false,
  });
  let stopped = false;
  const stop = async () => {
    if (stopped) return;
    stopped = true;
    await sandbox.stop?.();
    await served.listener.stop();
    store.close();
  };
  stops.push(stop);
  return { stripe, sandbox, clock, url: served.url, stop };
}

interface Received {
  readonly body: string;
  readonly signature: string;
  readonly event: Stripe.Event;
}

/** Collects what is delivered. `answers`: statuses for the first deliveries, then 200. */
export async function startReceiver(answers: number[] = []) {
  const received: Received[] = [];
  const server = createServer(async (req, res) => {
    const chunks: Buffer[] = [];
    for await (const chunk of req) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    received.push({
      body,
      signature: String(req.headers['stripe-signature']),
      event: JSON.parse(body) as Stripe.Event,
    });
    res.writeHead(answers.shift() ?? 200).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stops.push(
    () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  );
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks/stripe`,
    received,
    types: () => received.map(({ event }) => event.type as string),
  };
}

/** A set-up fee of 1,500 and 250 a month, as the Starter plan has them. */
export async function makePrices(stripe: Stripe) {
  const product = await stripe.products.create({ name: 'Starter', metadata: { plan_key: 'starter' } });
  const setup = await stripe.prices.create({
    product: product.id,
    currency: 'usd',
    unit_amount: 150_000,
    lookup_key: 'starter_setup',
    metadata: { plan_key: 'starter', role: 'setup' },
  });
  const monthly = await stripe.prices.create({
    product: product.id,
    currency: 'usd',
    unit_amount: 25_000,
    recurring: { interval: 'month' },
    lookup_key: 'starter_month',
    metadata: { plan_key: 'starter', role: 'recurring' },
  });
  return { product, setup, monthly };
}

export async function makeSession(
  stripe: Stripe,
  options: Partial<Stripe.Checkout.SessionCreateParams> = {},
): Promise<Stripe.Checkout.Session> {
  const { setup, monthly } = await makePrices(stripe);
  const customer = await stripe.customers.create({
    name: 'Ada Ltd',
    email: 'ada@example.com',
    metadata: { organisation_id: '5' },
  });
  return stripe.checkout.sessions.create({
    mode: 'subscription',
    ui_mode: 'embedded_page',
    return_url: 'https://shop.example/orders/x?session={CHECKOUT_SESSION_ID}',
    customer: customer.id,
    line_items: [
      { price: setup.id, quantity: 1 },
      { price: monthly.id, quantity: 1 },
    ],
    client_reference_id: 'order_17',
    metadata: { order_id: '17' },
    subscription_data: { metadata: { order_id: '17' } },
    ...options,
  });
}

export { WEBHOOK_SECRET };
