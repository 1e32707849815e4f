/** The reads behind every sync, by the connector's own adapters: what they expand and take apart is there. */
import type Stripe from 'stripe';
import { beforeAll, expect, test } from 'vitest';
import { createEventListing } from '../../../connector/stripe/event-listing.ts';
import { createMoneyReads } from '../../../connector/stripe/money-reads.ts';
import { paymentMethodOnFile } from '../../../connector/stripe/payment-method.ts';
import { createProviderReads } from '../../../connector/stripe/reads.ts';
import { createSubscriptionListing } from '../../../connector/stripe/subscription-listing.ts';
import { type Account, makePrices, openAccount, payingCustomer } from './account.ts';

let account: Account;
let prices: Awaited<ReturnType<typeof makePrices>>;
beforeAll(async () => {
  account = await openAccount();
  prices = await makePrices({ ...account, run: `${account.run}_facts` });
});

test('a customer, its subscription with what is scheduled, its invoices with their payments', async () => {
  const { stripe, run } = account;
  const customer = await payingCustomer(account);
  const subscription = await stripe.subscriptions.create({
    customer: customer.id,
    items: [{ price: prices.monthly.id }],
    default_payment_method: customer.invoice_settings.default_payment_method as string,
    metadata: { order_id: '17' },
  });
  await stripe.subscriptionSchedules.create({ from_subscription: subscription.id });
  const reads = createProviderReads(stripe);
  const visa = { kind: 'card', brand: 'visa', last4: '4242', expMonth: expect.any(Number) };
  expect(await reads.customer(customer.id)).toMatchObject({
    name: run,
    deleted: false,
    hasPaymentMethod: true,
    paymentMethod: visa,
  });
  expect(await reads.subscriptions(customer.id)).toMatchObject([
    {
      providerId: subscription.id,
      status: 'active',
      planKey: `${run}_facts`,
      billingInterval: 'month',
      recurringAmount: 25_000,
      orderId: 17,
      scheduled: null,
      paymentMethod: visa,
    },
  ]);
  const invoices = await reads.invoices(customer.id, { createdSince: new Date(customer.created * 1000) });
  expect(invoices).toMatchObject([
    {
      subscriptionProviderId: subscription.id,
      status: 'paid',
      billingReason: 'subscription_create',
      amountPaid: 25_000,
      attemptCount: 1,
      hostedInvoiceUrl: expect.stringMatching(/^https?:/),
      chargedAutomatically: true,
      payments: [{ status: 'paid', amountPaid: 25_000, paidAt: expect.any(Date) }],
    },
  ]);
  expect(await reads.orderOfSubscription(subscription.id)).toBeNull();
  const intent = invoices[0]!.payments[0]!.paymentIntent!;
  expect(await createMoneyReads(stripe).invoiceOfPayment(intent)).toBe(invoices[0]!.providerId);
  expect(await paymentMethodOnFile(stripe, customer.id)).toBe(
    customer.invoice_settings.default_payment_method,
  );
  const page = await createSubscriptionListing(stripe).page({ startingAfter: null });
  expect(page.subscriptions.map(({ providerId }) => providerId)).toContain(subscription.id);
  expect(await createSubscriptionListing(stripe).exists(subscription.id)).toBe(true);
  expect(await createSubscriptionListing(stripe).exists('sub_contract_none')).toBe(false);
});

test.each([
  ['pm_card_chargeCustomerFail', 'failed'],
  ['pm_card_authenticationRequired', 'action_required'],
])('why an open invoice is unpaid: %s is %s', async (card, state) => {
  const { stripe } = account;
  const customer = await payingCustomer(account);
  const { latest_invoice: id } = await stripe.subscriptions.create({
    customer: customer.id,
    items: [{ price: prices.monthly.id }],
    collection_method: 'send_invoice',
    days_until_due: 30,
  });
  const reads = createProviderReads(stripe);
  const draft = await stripe.invoices.retrieve(id as string);
  if (draft.status === 'draft') await stripe.invoices.finalizeInvoice(draft.id!);
  expect(await reads.invoice(id as string)).toMatchObject({ status: 'open', paymentState: null });
  const method = await stripe.paymentMethods.attach(card, { customer: customer.id });
  const paid = stripe.invoices.pay(id as string, { payment_method: method.id, off_session: true });
  await expect(paid).rejects.toMatchObject({ statusCode: 402 });
  expect(await reads.invoice(id as string)).toMatchObject({ status: 'open', paymentState: state });
});

test('a charge’s refunds and disputes are read by it, and whose it is', async () => {
  const { stripe } = account;
  const customer = await payingCustomer(account);
  const { latest_invoice: invoice } = await stripe.subscriptions.create({
    customer: customer.id,
    items: [{ price: prices.monthly.id }],
  });
  const { data } = await stripe.invoicePayments.list({ invoice: invoice as string });
  const intent = data[0]!.payment.payment_intent as string;
  const { latest_charge: charge } = await stripe.paymentIntents.retrieve(intent);
  await stripe.refunds.create({ charge: charge as string, amount: 700 });
  const reads = createMoneyReads(stripe);
  expect(await reads.refunds(charge as string)).toMatchObject([
    { charge, paymentIntent: intent, amount: 700, currency: 'usd', status: 'succeeded' },
  ]);
  expect(await reads.disputes(charge as string)).toEqual([]);
  expect(await reads.customerOf({ charge: charge as string, invoice: null })).toBe(customer.id);
  expect(await reads.customerOf({ charge: null, invoice: invoice as string })).toBe(customer.id);
});

test('a deleted customer is told from one that never was', async () => {
  const { stripe, run } = account;
  const reads = createProviderReads(stripe);
  const { id } = await stripe.customers.create({ name: run });
  await stripe.customers.del(id);
  expect(await reads.customer(id)).toMatchObject({ id, deleted: true, name: null });
  expect(await reads.subscriptions(id)).toEqual([]);
  expect(await reads.invoices(id, { createdSince: null })).toEqual([]);
  expect(await reads.customer('cus_contract_none')).toBeNull();
});

test('events of the types asked for are listed newest first, from a time on, by cursor', async () => {
  const { stripe, run } = account;
  const since = new Date(Date.now() - 60_000);
  const made = await stripe.customers.create({ name: run });
  await stripe.customers.del(made.id);
  await stripe.products.create({ name: run });
  const { page } = createEventListing(stripe);
  const wanted = { types: ['customer.created', 'customer.deleted'], createdSince: since };
  const first = await page({ ...wanted, startingAfter: null });
  const types = first.events.map((event) => (event as Stripe.Event).type);
  expect([...new Set(types)].sort()).toEqual(wanted.types);
  const times = first.events.map((event) => (event as Stripe.Event).created);
  expect(times).toEqual([...times].sort((a, b) => b - a));
  const rest = await page({ ...wanted, startingAfter: first.events[0]!.id });
  expect(rest.events.map(({ id }) => id)).not.toContain(first.events[0]!.id);
});
