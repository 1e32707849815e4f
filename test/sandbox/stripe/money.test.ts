import type Stripe from 'stripe';
import { expect, test } from 'vitest';
import { DAY_MS, HOUR_MS, makeSession, startStripe } from './support.ts';

async function startPaid(card?: string) {
  const started = await startStripe();
  const session = await makeSession(started.stripe);
  started.sandbox.payCheckout(session.id, card === undefined ? {} : { card, authenticated: true });
  const { id } = started.sandbox.subscriptions()[0]!;
  const charge = started.sandbox.charges()[0]!;
  const since = (count: number) =>
    started.sandbox
      .events()
      .slice(count)
      .map(({ type }) => type);
  return { ...started, id, charge, since };
}

test('a card that always asks its bank pays at checkout, and at no renewal until its customer confirms', async () => {
  const { stripe, sandbox, clock, id, since } = await startPaid('4000002760003184');
  const before = sandbox.events().length;
  await clock.advance(31 * DAY_MS + 2 * HOUR_MS);
  expect(since(before).slice(-5)).toEqual([
    'payment_intent.created',
    'payment_intent.requires_action',
    'invoice.payment_action_required',
    'invoice.payment_failed',
    'customer.subscription.updated',
  ]);
  const [open] = (await stripe.invoices.list({ subscription: id, status: 'open' })).data;
  expect(open).toMatchObject({ attempt_count: 1, next_payment_attempt: expect.any(Number) });
  expect(await stripe.subscriptions.retrieve(id)).toMatchObject({ status: 'past_due' });
  await clock.advance(4 * DAY_MS);
  expect(await stripe.invoices.retrieve(open!.id!)).toMatchObject({ attempt_count: 2, status: 'open' });
  sandbox.payInvoice(open!.id!, { card: '4000002760003184' });
  expect(await stripe.subscriptions.retrieve(id)).toMatchObject({ status: 'active' });
});

test('one that was set up at checkout renews by itself', async () => {
  const { stripe, clock, id } = await startPaid('4000002500003155');
  await clock.advance(31 * DAY_MS + 2 * HOUR_MS);
  expect(await stripe.subscriptions.retrieve(id)).toMatchObject({ status: 'active' });
});

test('a refund in part says so with what was refunded before; one sent back is failed', async () => {
  const { stripe, sandbox, charge } = await startPaid();
  await stripe.refunds.create({ charge: charge.id, amount: 1_000 });
  const second = await stripe.refunds.create({ charge: charge.id, amount: 500 });
  const told = sandbox.events().filter(({ type }) => type === 'charge.refunded');
  expect(told.map(({ data }) => (data.object as Stripe.Charge).amount_refunded)).toEqual([1_000, 1_500]);
  expect(told.map(({ data }) => data.previous_attributes)).toEqual([
    { amount_refunded: 0 },
    { amount_refunded: 1_000 },
  ]);
  const before = sandbox.events().length;
  sandbox.failRefund(second.id);
  expect(
    sandbox
      .events()
      .slice(before)
      .map(({ type }) => type),
  ).toEqual(['refund.updated', 'refund.failed', 'charge.updated']);
  expect(await stripe.charges.retrieve(charge.id)).toMatchObject({ amount_refunded: 1_000 });
});

test('a dispute takes the money at once and gives it back when it is won', async () => {
  const { stripe, sandbox, charge, since } = await startPaid('4000000000000259');
  const [dispute] = (await stripe.disputes.list({ charge: charge.id })).data;
  expect(dispute).toMatchObject({
    status: 'needs_response',
    balance_transactions: [{ amount: -charge.amount }],
  });
  expect(await stripe.charges.retrieve(charge.id)).toMatchObject({ disputed: true });
  const before = sandbox.events().length;
  await stripe.disputes.update(dispute!.id, { evidence: { uncategorized_text: 'winning_evidence' } });
  expect(since(before)).toEqual([
    'charge.dispute.updated',
    'charge.dispute.updated',
    'charge.dispute.funds_reinstated',
    'charge.dispute.closed',
  ]);
  expect(await stripe.disputes.retrieve(dispute!.id)).toMatchObject({ status: 'won' });
});
