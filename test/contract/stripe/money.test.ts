/** Refunds, disputes, credit notes and payments that a bank wants confirmed: what we ask of Stripe about them. */
import type Stripe from 'stripe';
import { beforeAll, expect, test } from 'vitest';
import { type Account, makePrices, openAccount, payingCustomer, refusal, soon } from './account.ts';

let account: Account;
let prices: Awaited<ReturnType<typeof makePrices>>;
beforeAll(async () => {
  account = await openAccount();
  prices = await makePrices({ ...account, run: `${account.run}_money` });
});

/** A first invoice, paid with the customer's card; its payment and charge. */
async function paid() {
  const { stripe } = account;
  const customer = await payingCustomer(account);
  const subscription = await stripe.subscriptions.create({
    customer: customer.id,
    items: [{ price: prices.monthly.id }],
    expand: ['latest_invoice.payments'],
  });
  const invoice = subscription.latest_invoice as Stripe.Invoice;
  const intent = invoice.payments!.data[0]!.payment.payment_intent as string;
  const { latest_charge: charge } = await stripe.paymentIntents.retrieve(intent);
  return { customer, subscription, invoice, intent, charge: charge as string };
}

/** An open invoice, to be paid by hand. */
async function open(customer: Stripe.Customer) {
  const subscription = await account.stripe.subscriptions.create({
    customer: customer.id,
    items: [{ price: prices.monthly.id }],
    collection_method: 'send_invoice',
    days_until_due: 30,
  });
  const invoice = await account.stripe.invoices.retrieve(subscription.latest_invoice as string);
  return invoice.status === 'draft' ? account.stripe.invoices.finalizeInvoice(invoice.id!) : invoice;
}

test('refunds in parts are listed by charge, newest first, and never exceed it', async () => {
  const { stripe } = account;
  const { charge, intent, customer } = await paid();
  const first = await stripe.refunds.create({ charge, amount: 1_000 });
  const second = await stripe.refunds.create({ payment_intent: intent, amount: 2_000 });
  const { data } = await stripe.refunds.list({ charge });
  expect(data.map(({ id }) => id)).toEqual(expect.arrayContaining([first.id, second.id]));
  expect(data[0]).toMatchObject({ charge, payment_intent: intent, status: 'succeeded' });
  expect(await stripe.charges.retrieve(charge)).toMatchObject({
    amount_refunded: 3_000,
    refunded: false,
    customer: customer.id,
  });
  expect(await refusal(stripe.refunds.create({ charge, amount: 999_999 }))).toMatchObject({
    statusCode: 400,
  });
});

test('a dispute names charge and payment intent, no customer, and when evidence is due', async () => {
  const { stripe } = account;
  const customer = await payingCustomer(account);
  const method = await stripe.paymentMethods.attach('pm_card_createDispute', { customer: customer.id });
  const invoice = await stripe.invoices.pay((await open(customer)).id!, { payment_method: method.id });
  expect(invoice.status).toBe('paid');
  const { data: payments } = await stripe.invoicePayments.list({ invoice: invoice.id! });
  const intent = payments[0]!.payment.payment_intent as string;
  const dispute = await soon(
    account,
    'the dispute',
    async () => (await stripe.disputes.list({ payment_intent: intent, limit: 100 })).data[0],
  );
  expect(dispute).toMatchObject({ payment_intent: intent, amount: invoice.total, reason: 'fraudulent' });
  expect(dispute).not.toHaveProperty('customer');
  expect(dispute.evidence_details.due_by).toBeGreaterThan(dispute.created);
  const found = await stripe.invoicePayments.list({
    payment: { type: 'payment_intent', payment_intent: intent },
  });
  expect(found.data[0]!.invoice).toBe(invoice.id);
  await stripe.disputes.update(dispute.id, { evidence: { uncategorized_text: 'winning_evidence' } });
  const won = await soon(account, 'the bank’s decision', async () => {
    const now = await stripe.disputes.retrieve(dispute.id);
    return now.status === 'won' ? now : undefined;
  });
  expect(won.balance_transactions.reduce((sum, { amount }) => sum + amount, 0)).toBe(0);
});

test('a card that always asks its bank leaves the invoice open with requires_action, and pay says so', async () => {
  const { stripe } = account;
  const customer = await payingCustomer(account);
  const invoice = await open(customer);
  const method = await stripe.paymentMethods.attach('pm_card_authenticationRequired', {
    customer: customer.id,
  });
  const refused = await refusal(
    stripe.invoices.pay(invoice.id!, { payment_method: method.id, off_session: true }),
  );
  expect(refused.statusCode).toBe(402);
  expect(['invoice_payment_intent_requires_action', 'authentication_required']).toContain(refused.code);
  const asked = await stripe.invoices.retrieve(invoice.id!, {
    expand: ['payments.data.payment.payment_intent'],
  });
  expect(asked).toMatchObject({ status: 'open', attempted: true, hosted_invoice_url: expect.any(String) });
  const intent = asked.payments!.data[0]!.payment.payment_intent as Stripe.PaymentIntent;
  const asks =
    intent.status === 'requires_action' || intent.last_payment_error?.code === 'authentication_required';
  expect(asks).toBe(true);
});

test('a declined payment can be made with another card; paid twice is refused by name', async () => {
  const { stripe } = account;
  const customer = await payingCustomer(account);
  const invoice = await open(customer);
  const bad = await stripe.paymentMethods.attach('pm_card_chargeCustomerFail', { customer: customer.id });
  expect(await refusal(stripe.invoices.pay(invoice.id!, { payment_method: bad.id }))).toMatchObject({
    statusCode: 402,
    code: 'card_declined',
  });
  const good = await stripe.paymentMethods.attach('pm_card_visa', { customer: customer.id });
  expect(await stripe.invoices.pay(invoice.id!, { payment_method: good.id })).toMatchObject({
    status: 'paid',
  });
  expect((await refusal(stripe.invoices.pay(invoice.id!))).statusCode).toBe(400);
});

test('credit notes lower an open invoice; it is written off, then void', async () => {
  const { stripe } = account;
  const invoice = await open(await payingCustomer(account));
  const note = await stripe.creditNotes.create({ invoice: invoice.id!, amount: 500 });
  expect(note).toMatchObject({ status: 'issued', total: 500, invoice: invoice.id });
  expect((await stripe.creditNotes.list({ invoice: invoice.id! })).data.map(({ id }) => id)).toEqual([
    note.id,
  ]);
  expect(await stripe.invoices.retrieve(invoice.id!)).toMatchObject({
    pre_payment_credit_notes_amount: 500,
    amount_due: invoice.amount_due - 500,
  });
  expect(await stripe.invoices.markUncollectible(invoice.id!)).toMatchObject({ status: 'uncollectible' });
  expect(await stripe.invoices.voidInvoice(invoice.id!)).toMatchObject({ status: 'void' });
});

test('invoices list their payments, subscriptions and customers their cards, in the same read', async () => {
  const { stripe } = account;
  const { customer, invoice, intent } = await paid();
  const { data } = await stripe.invoices.list({ customer: customer.id, expand: ['data.payments'] });
  expect(data[0]).toMatchObject({
    id: invoice.id,
    payments: { data: [{ status: 'paid', payment: { payment_intent: intent } }] },
  });
  const again = await stripe.customers.retrieve(customer.id, {
    expand: ['invoice_settings.default_payment_method'],
  });
  expect((again as Stripe.Customer).invoice_settings.default_payment_method).toMatchObject({
    card: { last4: '4242', exp_year: expect.any(Number) },
  });
  const { data: subscriptions } = await stripe.subscriptions.list({
    customer: customer.id,
    status: 'all',
    expand: ['data.default_payment_method'],
  });
  expect(subscriptions).toHaveLength(1);
});
