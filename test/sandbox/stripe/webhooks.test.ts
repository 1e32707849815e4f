import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Stripe from 'stripe';
import { expect, test } from 'vitest';
import { makeSession, startReceiver, startStripe } from './support.ts';

test('the signing secret is shown by create alone; the version cannot be changed', async () => {
  const { stripe } = await startStripe();
  const made = await stripe.webhookEndpoints.create({
    url: 'https://shop.example/webhooks/stripe',
    enabled_events: ['invoice.paid'],
    api_version: '2026-10-28.endive',
  });
  expect(made.secret).toMatch(/^whsec_/);
  expect((await stripe.webhookEndpoints.retrieve(made.id)).secret).toBeUndefined();
  expect((await stripe.webhookEndpoints.list()).data[0]).not.toHaveProperty('secret');
  const changed = await stripe.webhookEndpoints.update(made.id, {
    enabled_events: ['invoice.paid', 'customer.created'],
  });
  expect(changed).toMatchObject({ enabled_events: ['invoice.paid', 'customer.created'] });
  expect(changed.secret).toBeUndefined();
  await expect(
    stripe.webhookEndpoints.update(made.id, { api_version: '2024-06-20' } as never),
  ).rejects.toMatchObject({ code: 'parameter_unknown' });
  await stripe.webhookEndpoints.del(made.id);
  await expect(stripe.webhookEndpoints.retrieve(made.id)).rejects.toMatchObject({ statusCode: 404 });
});

test('each endpoint gets what it enabled, in its own shape, signed with its own secret', async () => {
  const old = await startReceiver();
  const fresh = await startReceiver();
  const { stripe, sandbox } = await startStripe();
  const enabled_events = ['invoice.paid', 'customer.subscription.created', 'charge.succeeded'] as const;
  const oldEndpoint = await stripe.webhookEndpoints.create({
    url: old.url,
    enabled_events: [...enabled_events],
    api_version: '2024-06-20',
  });
  await stripe.webhookEndpoints.create({ url: fresh.url, enabled_events: [...enabled_events] });
  const session = await makeSession(stripe);
  sandbox.payCheckout(session.id);
  await sandbox.deliveriesIdle();

  expect(old.types().sort()).toEqual([...enabled_events].sort());
  const subscriptionId = sandbox.subscriptions()[0]!.id;
  const objectOf = (receiver: typeof old, type: string) =>
    receiver.received.find(({ event }) => event.type === type)!.event.data.object as unknown as Record<
      string,
      unknown
    >;
  const oldInvoice = objectOf(old, 'invoice.paid');
  expect(oldInvoice).toMatchObject({
    subscription: subscriptionId,
    paid: true,
    charge: expect.stringMatching(/^ch_/),
  });
  expect(oldInvoice.payment_intent).toMatch(/^pi_/);
  expect(oldInvoice).not.toHaveProperty('parent');
  expect((oldInvoice.lines as { data: object[] }).data).toMatchObject([
    { type: 'invoiceitem', price: { metadata: { plan_key: 'starter' } } },
    { type: 'subscription', proration: false },
  ]);
  const newInvoice = objectOf(fresh, 'invoice.paid');
  expect(newInvoice).not.toHaveProperty('subscription');
  expect(newInvoice).not.toHaveProperty('paid');
  const oldSubscription = objectOf(old, 'customer.subscription.created');
  expect(oldSubscription).toMatchObject({ current_period_end: expect.any(Number), quantity: 1 });
  expect(objectOf(fresh, 'customer.subscription.created')).not.toHaveProperty('current_period_end');
  expect(objectOf(old, 'charge.succeeded')).toMatchObject({ invoice: oldInvoice.id });
  expect(objectOf(fresh, 'charge.succeeded')).not.toHaveProperty('invoice');
  const { body, signature, event } = old.received[0]!;
  expect(event.api_version).toBe('2024-06-20');
  expect(Stripe.webhooks.constructEvent(body, signature, oldEndpoint.secret!).id).toBe(event.id);
});

test('two secrets sign while one is being replaced', async () => {
  const receiver = await startReceiver();
  const { stripe, sandbox } = await startStripe();
  sandbox.setWebhook(receiver.url, 'whsec_new,whsec_old');
  await stripe.customers.create({});
  await sandbox.deliveriesIdle();
  const { body, signature } = receiver.received[0]!;
  for (const secret of ['whsec_new', 'whsec_old']) Stripe.webhooks.constructEvent(body, signature, secret);
});

test('an answer other than 2xx is tried again until it is one', async () => {
  const receiver = await startReceiver([500, 302]);
  const { stripe, sandbox } = await startStripe({ webhookUrl: receiver.url });
  await stripe.customers.create({});
  await sandbox.deliveriesIdle();
  expect(receiver.types()).toEqual(['customer.created', 'customer.created', 'customer.created']);
  expect(new Set(receiver.received.map(({ event }) => event.id)).size).toBe(1);
  expect(sandbox.deliveries()).toMatchObject([{ attempts: 3, status: 'delivered', lastAnswer: '200' }]);
});

test('held deliveries go out in any order, dropped, doubled, and again', async () => {
  const receiver = await startReceiver();
  const { stripe, sandbox } = await startStripe({ webhookUrl: receiver.url });
  sandbox.holdDeliveries();
  for (const name of ['a', 'b', 'c']) await stripe.customers.create({ name });
  expect(sandbox.heldDeliveries()).toHaveLength(3);
  expect(receiver.received).toEqual([]);
  const [, second, third] = sandbox.heldDeliveries();
  await sandbox.releaseDeliveries({ order: [2, 0], drop: [second!.id], duplicate: [third!.id] });
  const names = receiver.received.map(({ event }) => (event.data.object as Stripe.Customer).name);
  expect(names).toEqual(['c', 'c', 'a']);
  sandbox.redeliver(second!.id);
  await sandbox.deliveriesIdle();
  expect(receiver.received.at(-1)!.event.id).toBe(second!.id);
});

test('what was undelivered when the process died is delivered by the next one', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'stripe-sandbox-'));
  const receiver = await startReceiver();
  const first = await startStripe({ folder, webhookUrl: receiver.url });
  first.sandbox.holdDeliveries();
  const session = await makeSession(first.stripe);
  await first.stop();
  const second = await startStripe({ folder });
  await second.sandbox.deliveriesIdle();
  expect(receiver.types()).toContain('customer.created');
  expect(second.sandbox.payCheckout(session.id).status).toBe('complete');
});

test('events are listed by type and time, at most twenty types', async () => {
  const { stripe, clock } = await startStripe();
  await stripe.customers.create({});
  await stripe.products.create({ name: 'x' });
  const created = await stripe.events.list({ types: ['customer.created'] });
  expect(created.data).toHaveLength(1);
  expect((await stripe.events.list({ type: 'product.*' })).data).toHaveLength(1);
  expect((await stripe.events.retrieve(created.data[0]!.id)).type).toBe('customer.created');
  const later = Math.floor(Date.now() / 1000) + 60;
  expect((await stripe.events.list({ created: { gte: later } })).data).toEqual([]);
  const many = Array.from({ length: 21 }, () => 'customer.created');
  await expect(stripe.events.list({ types: many })).rejects.toMatchObject({
    statusCode: 400,
    param: 'types',
  });
  await clock.advance(31 * 86_400_000);
  expect((await stripe.events.list()).data.map(({ type }) => type)).toEqual([]);
});
