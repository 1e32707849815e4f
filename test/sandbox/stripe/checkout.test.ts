import Stripe from 'stripe';
import { expect, test } from 'vitest';
import { makeSession, startReceiver, startStripe, WEBHOOK_SECRET } from './support.ts';

test('nothing is subscribed before payment; afterwards subscription, invoice and signed events exist', async () => {
  const receiver = await startReceiver();
  const { stripe, sandbox } = await startStripe({ webhookUrl: receiver.url });
  const session = await makeSession(stripe);
  expect(session.client_secret).toMatch(/^cs_test_\w+_secret_\w+$/);
  expect(session).toMatchObject({ status: 'open', url: null, subscription: null, amount_total: 175_000 });
  expect((await stripe.subscriptions.list({ status: 'all' })).data).toEqual([]);

  expect(sandbox.payCheckout(session.id).status).toBe('complete');

  const paid = await stripe.checkout.sessions.retrieve(session.id, {
    expand: ['subscription', 'line_items'],
  });
  expect(paid).toMatchObject({ status: 'complete', payment_status: 'paid', client_secret: null });
  const subscription = paid.subscription as Stripe.Subscription;
  expect(subscription).toMatchObject({ status: 'active', metadata: { order_id: '17' } });
  expect(subscription.items.data).toHaveLength(1);
  expect(subscription.items.data[0]!.price.metadata.plan_key).toBe('starter');
  expect(paid.line_items!.data.map((line) => line.amount_total)).toEqual([150_000, 25_000]);

  const invoices = await stripe.invoices.list({ subscription: subscription.id, expand: ['data.payments'] });
  const invoice = invoices.data[0]!;
  expect(invoice).toMatchObject({
    status: 'paid',
    billing_reason: 'subscription_create',
    amount_paid: 175_000,
  });
  expect(invoice.parent?.subscription_details?.subscription).toBe(subscription.id);
  expect(invoice.lines.data.map((line) => line.parent?.type)).toEqual([
    'invoice_item_details',
    'subscription_item_details',
  ]);
  const intent = invoice.payments!.data[0]!.payment.payment_intent as string;
  const byIntent = await stripe.invoicePayments.list({
    payment: { type: 'payment_intent', payment_intent: intent },
  });
  expect(byIntent.data[0]!.invoice).toBe(invoice.id);

  await sandbox.deliveriesIdle();
  const types = sandbox.events().map((event) => event.type);
  expect(receiver.types().sort()).toEqual([...types].sort());
  expect(types.slice(-11)).toEqual([
    'payment_method.attached',
    'customer.subscription.created',
    'invoice.created',
    'invoice.finalized',
    'payment_intent.created',
    'charge.succeeded',
    'payment_intent.succeeded',
    'invoice.paid',
    'invoice.payment_succeeded',
    'invoice_payment.paid',
    'checkout.session.completed',
  ]);
  for (const { body, signature } of receiver.received) {
    expect(Stripe.webhooks.constructEvent(body, signature, WEBHOOK_SECRET).livemode).toBe(false);
    expect(() => Stripe.webhooks.constructEvent(body, signature, 'whsec_other')).toThrow();
  }
});
