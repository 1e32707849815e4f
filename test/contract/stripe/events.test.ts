/** Every type of the event table is brought about, and its payload names whose lane it is, the invoice and the charge as the table reads them. */
import type Stripe from 'stripe';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type EventObject, eventTable } from '../../../connector/inbox/event-table.ts';
import {
  type Account,
  eventOf,
  makePrices,
  openAccount,
  payingCustomer,
  soon,
  startClock,
} from './account.ts';
import { CARD, DEBIT_THAT_ARRIVES, DEBIT_THAT_FAILS, openCheckout, payCheckout } from './checkout-pay.ts';

const DAY = 86_400;

/** Nothing in test mode brings these about: on every account they are looked for among the events that are there. */
const NOT_TO_BE_MADE = ['payment_method.automatically_updated'];

let account: Account;
let prices: Awaited<ReturnType<typeof makePrices>>;
const seen = new Set<string>();
const unproven = new Map<string, string>();
beforeAll(async () => {
  account = await openAccount();
  prices = await makePrices({ ...account, run: `${account.run}_events` });
});
afterAll(() => {
  for (const [type, why] of unproven) console.log(`not proven here: ${type} (${why})`);
});

interface Named {
  readonly customer: string;
  readonly invoice?: string | null;
  readonly charge?: string | null;
}

/** @param about an id the event's object names; left out: the invoice, then the customer */
async function expectEvent(type: string, named: Named, about?: string): Promise<void> {
  const entry = eventTable.find(type)!;
  const event = await eventOf(account, type, about ?? named.invoice ?? named.customer);
  expect(event.api_version, type).toBeTypeOf('string');
  const object = event.data.object as unknown as EventObject;
  const read = {
    customer: entry.customer(object),
    invoice: entry.invoice(object),
    charge: entry.charge?.(object) ?? null,
  };
  // Where the object names no customer, the table says that its owner is to be found.
  const customer = entry.findOwner && read.customer === null ? null : named.customer;
  expect(read, type).toEqual({ customer, invoice: named.invoice ?? null, charge: named.charge ?? null });
  seen.add(type);
}

async function subscribe(params: Partial<Stripe.SubscriptionCreateParams> = {}, clock?: string) {
  const customer = await payingCustomer(account, clock === undefined ? {} : { clock });
  const subscription = await account.stripe.subscriptions.create({
    customer: customer.id,
    items: [{ price: prices.monthly.id }],
    expand: ['latest_invoice.payments'],
    ...params,
  });
  return { customer: customer.id, subscription, invoice: subscription.latest_invoice as Stripe.Invoice };
}

async function sent(customer: string): Promise<string> {
  const made = await account.stripe.subscriptions.create({
    customer,
    items: [{ price: prices.monthly.id }],
    collection_method: 'send_invoice',
    days_until_due: 30,
  });
  const invoice = await account.stripe.invoices.retrieve(made.latest_invoice as string);
  if (invoice.status === 'draft') await account.stripe.invoices.finalizeInvoice(invoice.id!);
  return invoice.id!;
}

async function pay(invoice: string, customer: string, card: string): Promise<string> {
  const { stripe } = account;
  const method = await stripe.paymentMethods.attach(card, { customer });
  await stripe.invoices.pay(invoice, { payment_method: method.id }).catch(() => undefined);
  return method.id;
}

async function chargeOf(invoice: string): Promise<string> {
  const { data } = await account.stripe.invoicePayments.list({ invoice });
  const intent = data[0]!.payment.payment_intent as string;
  return (await account.stripe.paymentIntents.retrieve(intent)).latest_charge as string;
}

/** On an account that lacks what it takes (a payment method switched off), it is said and not hidden. */
async function ifItCan(types: readonly string[], work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (thrown) {
    if (!account.real) throw thrown;
    for (const type of types) if (!seen.has(type)) unproven.set(type, (thrown as Error).message);
  }
}

test('checkout: paid, left open, paid by a debit that arrives or fails', async () => {
  const { stripe } = account;
  await ifItCan(['checkout.session.completed'], async () => {
    const { customer, session } = await openCheckout(account);
    await payCheckout(account, session, CARD);
    const done = await stripe.checkout.sessions.retrieve(session.id);
    expect(done).toMatchObject({ status: 'complete', payment_status: 'paid', customer: customer.id });
    const named = { customer: customer.id, invoice: done.invoice as string };
    await expectEvent('checkout.session.completed', named);
    const { data } = await stripe.checkout.sessions.list({ subscription: done.subscription as string });
    expect(data.map(({ id, client_reference_id: ref }) => [id, ref])).toEqual([[session.id, 'order_1']]);
    expect(await stripe.subscriptions.retrieve(done.subscription as string)).toMatchObject({
      status: 'active',
      metadata: { order_id: '1' },
      default_payment_method: expect.stringMatching(/^pm_/),
    });
  });
  const left = await openCheckout(account);
  await stripe.checkout.sessions.expire(left.session.id);
  await expectEvent('checkout.session.expired', { customer: left.customer.id });
  for (const [debit, type] of [
    [DEBIT_THAT_ARRIVES, 'checkout.session.async_payment_succeeded'],
    [DEBIT_THAT_FAILS, 'checkout.session.async_payment_failed'],
  ] as const) {
    await ifItCan([type], async () => {
      const { customer, session } = await openCheckout(account, { debit: true });
      await payCheckout(account, session, debit);
      const { invoice } = await stripe.checkout.sessions.retrieve(session.id);
      await expectEvent(type, { customer: customer.id, invoice: invoice as string });
    });
  }
});

test('a first payment: customer, card, subscription, invoice, payment', async () => {
  const { customer, subscription, invoice } = await subscribe();
  const named = { customer, invoice: invoice.id! };
  await expectEvent('customer.created', { customer });
  await expectEvent('payment_method.attached', { customer });
  await expectEvent('customer.subscription.created', named, subscription.id);
  await expectEvent('invoice.paid', named);
  await expectEvent('invoice.payment_succeeded', named);
  await expectEvent('invoice_payment.paid', named);
});

test('a customer changes, its card too, and is deleted', async () => {
  const { stripe } = account;
  const { id, invoice_settings } = await payingCustomer(account);
  await stripe.customers.update(id, { name: 'Other' });
  await expectEvent('customer.updated', { customer: id });
  const method = invoice_settings.default_payment_method as string;
  await stripe.paymentMethods.update(method, { card: { exp_month: 11, exp_year: 2033 } });
  await expectEvent('payment_method.updated', { customer: id }, method);
  await stripe.paymentMethods.detach(method);
  await expectEvent('payment_method.detached', { customer: id }, method);
  const without = (await stripe.customers.retrieve(id)) as Stripe.Customer;
  expect(without.invoice_settings.default_payment_method).toBeNull();
  await stripe.customers.del(id);
  await expectEvent('customer.deleted', { customer: id });
});

test('a payment fails, and one waits for the bank', async () => {
  const { id } = await payingCustomer(account);
  const declined = await sent(id);
  await pay(declined, id, 'pm_card_chargeCustomerFail');
  await expectEvent('invoice.payment_failed', { customer: id, invoice: declined });
  const asked = await sent(id);
  await pay(asked, id, 'pm_card_authenticationRequired');
  await expectEvent('invoice.payment_action_required', { customer: id, invoice: asked });
});

test('credited, written off, void', async () => {
  const { stripe } = account;
  const { id: customer } = await payingCustomer(account);
  const invoice = await sent(customer);
  const named = { customer, invoice };
  const note = await stripe.creditNotes.create({ invoice, amount: 500 });
  await expectEvent('credit_note.created', named, note.id);
  await stripe.creditNotes.update(note.id, { memo: 'goodwill' });
  await expectEvent('credit_note.updated', named, note.id);
  await stripe.creditNotes.voidCreditNote(note.id);
  await expectEvent('credit_note.voided', named, note.id);
  await stripe.invoices.markUncollectible(invoice);
  await expectEvent('invoice.marked_uncollectible', named);
  await stripe.invoices.voidInvoice(invoice);
  await expectEvent('invoice.voided', named);
});

test('refunds: made, changed, sent back by the bank', async () => {
  const { stripe } = account;
  const { id: customer } = await payingCustomer(account);
  const invoice = await sent(customer);
  await pay(invoice, customer, 'pm_card_refundFail');
  const charge = await chargeOf(invoice);
  const refund = await stripe.refunds.create({ charge, amount: 1_000 });
  await expectEvent('refund.created', { customer, charge }, refund.id);
  await expectEvent('charge.refunded', { customer, charge }, charge);
  await expectEvent('refund.failed', { customer, charge }, refund.id);
  await expectEvent('refund.updated', { customer, charge }, refund.id);
  expect((await stripe.refunds.list({ charge, limit: 100 })).data[0]).toMatchObject({
    status: 'failed',
    failure_reason: expect.any(String),
  });
});

test('a dispute from its first day to the bank’s decision', async () => {
  const { stripe } = account;
  const { id: customer } = await payingCustomer(account);
  const invoice = await sent(customer);
  await pay(invoice, customer, 'pm_card_createDispute');
  const charge = await chargeOf(invoice);
  const dispute = await soon(
    account,
    'the dispute',
    async () => (await stripe.disputes.list({ charge, limit: 100 })).data[0],
  );
  await expectEvent('charge.dispute.created', { customer, charge }, dispute.id);
  await expectEvent('charge.dispute.funds_withdrawn', { customer, charge }, dispute.id);
  await stripe.disputes.update(dispute.id, { evidence: { uncategorized_text: 'winning_evidence' } });
  for (const what of ['updated', 'closed', 'funds_reinstated'])
    await expectEvent(`charge.dispute.${what}`, { customer, charge }, dispute.id);
});

test('a subscription changes, rests, ends, and with it what was scheduled', async () => {
  const { stripe } = account;
  const { customer, subscription } = await subscribe();
  const { id } = subscription;
  const latest = async () => (await stripe.subscriptions.retrieve(id)).latest_invoice as string;
  await stripe.subscriptions.update(id, { metadata: { a: '1' } });
  await expectEvent('customer.subscription.updated', { customer, invoice: await latest() }, id);
  await stripe.subscriptions.pause(id);
  await expectEvent('customer.subscription.paused', { customer, invoice: await latest() }, id);
  await stripe.subscriptions.resume(id, { billing_cycle_anchor: { type: 'now' } });
  await expectEvent('customer.subscription.resumed', { customer, invoice: await latest() }, id);
  const schedule = await stripe.subscriptionSchedules.create({ from_subscription: id });
  await stripe.subscriptionSchedules.update(schedule.id, { end_behavior: 'cancel' });
  await expectEvent('subscription_schedule.updated', { customer }, schedule.id);
  await stripe.subscriptionSchedules.release(schedule.id);
  await expectEvent('subscription_schedule.released', { customer }, schedule.id);
  const again = await stripe.subscriptionSchedules.create({ from_subscription: id });
  await stripe.subscriptions.cancel(id);
  await expectEvent('subscription_schedule.canceled', { customer }, again.id);
  await expectEvent('customer.subscription.deleted', { customer, invoice: await latest() }, id);
});

test('a change that waits for its payment comes when it is paid, or never; a trial ends soon', async () => {
  const { stripe } = account;
  const clock = await startClock(account);
  const { customer, subscription } = await subscribe({}, clock.id);
  const { id } = subscription;
  const bad = await stripe.paymentMethods.attach('pm_card_chargeCustomerFail', { customer });
  await stripe.subscriptions.update(id, { default_payment_method: bad.id });
  const wait = async (quantity: number) => {
    const changed = await stripe.subscriptions.update(id, {
      items: [{ id: subscription.items.data[0]!.id, quantity }],
      proration_behavior: 'always_invoice',
      payment_behavior: 'pending_if_incomplete',
    });
    return changed.latest_invoice as string;
  };
  const invoice = await wait(2);
  await pay(invoice, customer, 'pm_card_visa');
  await expectEvent('customer.subscription.pending_update_applied', { customer, invoice }, id);
  const never = await wait(3);
  await clock.advance(clock.now() + DAY);
  await expectEvent('customer.subscription.pending_update_expired', { customer, invoice: never }, id);

  const trial = await subscribe({ trial_period_days: 10 }, clock.id);
  await clock.advance(trial.subscription.trial_end! - 2 * DAY);
  await expectEvent(
    'customer.subscription.trial_will_end',
    { customer: trial.customer, invoice: trial.invoice.id! },
    trial.subscription.id,
  );
});

test('no type of the event table is left out', async () => {
  for (const type of NOT_TO_BE_MADE) {
    const [event] = (await account.stripe.events.list({ type, limit: 1 })).data;
    if (event === undefined) unproven.set(type, 'test mode has no way to bring it about');
    else {
      const read = eventTable.find(type)!.customer(event.data.object as unknown as EventObject);
      expect(read, type).toMatch(/^cus_/);
    }
    seen.add(type);
  }
  for (const type of unproven.keys()) seen.add(type);
  expect([...seen].sort()).toEqual(eventTable.types());
});
