/** Whose things are at Stripe: customers with little, invoices made by hand, money without a subscription. */
import { describe, expect, it } from 'vitest';
import { deleteCustomer } from '../../connector/stripe/delete-customer.ts';
import { createInvoicePayments } from '../../connector/stripe/invoice-payments.ts';
import { createMoneyReads } from '../../connector/stripe/money-reads.ts';
import { createProviderReads } from '../../connector/stripe/reads.ts';
import { openShop } from './shop.ts';

const { world, stripe, price, customer, subscribed } = await openShop();
const reads = createProviderReads(stripe);
const money = createMoneyReads(stripe);

describe('a customer', () => {
  it('made without a name, an address or a card', async () => {
    const { id } = await stripe.customers.create({});
    expect(await reads.customer(id)).toEqual({
      id,
      name: null,
      email: null,
      deleted: false,
      hasPaymentMethod: false,
      paymentMethod: null,
    });
  });

  it('whose reading Stripe refuses is not taken for a deleted one', async () => {
    const { id } = await customer();
    const operation = 'GET /v1/customers/:id';
    world.faults.add({ system: 'stripe', operation, times: 1, kind: 'expired_token' });
    await expect(reads.customer(id)).rejects.toMatchObject({
      kind: 'permanent',
      code: 'stripe_authentication',
    });
    world.faults.add({ system: 'stripe', operation, times: 3, kind: 'server_error' });
    const before = world.counts.of('stripe', operation);
    await expect(reads.customer(id)).rejects.toMatchObject({ kind: 'retryable' });
    // What may pass is asked for in the one way only, by the client's own repeats.
    expect(world.counts.of('stripe', operation)).toBe(before + 3);
  });
});

describe('an invoice', () => {
  it('that is not there is none', async () => {
    expect(await reads.invoice('in_none')).toBeNull();
  });

  it('is paid at once with the card that is chosen, or with the customer’s own', async () => {
    const { id: own } = await customer();
    const { id: bare } = await stripe.customers.create({});
    const method = await stripe.paymentMethods.attach('pm_card_visa', { customer: bare });
    const payments = createInvoicePayments(stripe);
    for (const [customerId, paymentMethod] of [
      [own, null],
      [bare, method.id],
    ] as const) {
      const { latest_invoice } = await stripe.subscriptions.create({
        customer: customerId,
        items: [{ price: (await price()).id }],
        collection_method: 'send_invoice',
        days_until_due: 30,
      });
      const invoiceId = latest_invoice as string;
      const invoice = await stripe.invoices.retrieve(invoiceId);
      if (invoice.status === 'draft') await stripe.invoices.finalizeInvoice(invoiceId);
      expect(await payments.pay({ invoiceId, paymentMethod }, `pay_${invoiceId}`)).toEqual({
        status: 'paid',
      });
    }
  });
});

describe('the order of a subscription', () => {
  async function sold(names: { metadata?: Record<string, string>; client_reference_id?: string }) {
    const { id: customerId } = await customer();
    const session = await stripe.checkout.sessions.create({
      mode: 'subscription',
      customer: customerId,
      line_items: [{ price: (await price()).id, quantity: 1 }],
      success_url: 'https://connect.example/done',
      ...names,
    });
    world.systems.stripe.payCheckout(session.id);
    return (await stripe.checkout.sessions.retrieve(session.id)).subscription as string;
  }

  it.each<[string, Parameters<typeof sold>[0], number | null]>([
    ['its session names', { metadata: { order_id: '17' }, client_reference_id: 'order_18' }, 17],
    ['the reference names', { client_reference_id: 'order_18' }, 18],
    ['another shop names', { client_reference_id: 'cart-18' }, null],
    ['nobody names', {}, null],
  ])('is the one that %s', async (_who, names, order) => {
    expect(await reads.orderOfSubscription(await sold(names))).toBe(order);
  });

  it('is none of one made without a session', async () => {
    expect(await reads.orderOfSubscription((await subscribed(await price())).id)).toBeNull();
  });
});

describe('money', () => {
  async function charged() {
    const { customer: owner, latest_invoice } = await subscribed(await price());
    const { data } = await stripe.invoicePayments.list({ invoice: latest_invoice as string });
    const intent = await stripe.paymentIntents.retrieve(data[0]!.payment.payment_intent as string);
    return {
      owner,
      invoice: latest_invoice as string,
      charge: intent.latest_charge as string,
      intent: intent.id,
    };
  }

  it('that nothing names is nobody’s, and of no invoice', async () => {
    expect(await money.customerOf({ charge: null, invoice: null })).toBeNull();
    expect(await money.invoiceOfPayment('pi_none')).toBeNull();
  });

  it('given back in parts is told oldest first, and what failed says why', async () => {
    const { charge, intent } = await charged();
    const first = await stripe.refunds.create({ charge, amount: 300 });
    const second = await stripe.refunds.create({ charge, amount: 200, reason: 'duplicate' });
    world.systems.stripe.failRefund(second.id);
    expect(await money.refunds(charge)).toMatchObject([
      {
        providerId: first.id,
        charge,
        paymentIntent: intent,
        amount: 300,
        status: 'succeeded',
        failureReason: null,
      },
      {
        providerId: second.id,
        amount: 200,
        status: 'failed',
        reason: 'duplicate',
        failureReason: expect.any(String),
      },
    ]);
  });

  it('disputed is withdrawn, and back when the dispute is won', async () => {
    const { charge, intent } = await charged();
    const { id } = world.systems.stripe.openDispute(charge);
    expect(await money.disputes(charge)).toMatchObject([
      {
        providerId: id,
        charge,
        paymentIntent: intent,
        status: 'needs_response',
        fundsWithdrawn: 1000,
        evidenceDueBy: expect.any(Date),
      },
    ]);
    world.systems.stripe.closeDispute(id, 'won');
    expect(await money.disputes(charge)).toMatchObject([{ status: 'won', fundsWithdrawn: 0 }]);
  });

  it('credited is told by its invoice', async () => {
    const { invoice } = await charged();
    const { id, number } = await stripe.creditNotes.create({ invoice, amount: 400, refund_amount: 400 });
    expect(await money.creditNotes(invoice)).toMatchObject([
      { providerId: id, invoiceId: invoice, number, status: 'issued', amount: 400, currency: 'usd' },
    ]);
  });
});

describe('deleting a customer', () => {
  it('is refused while a subscription lives, done when it is over, and done already the second time', async () => {
    const { id, customer: owner } = await subscribed(await price());
    await expect(deleteCustomer(stripe, owner as string)).rejects.toMatchObject({
      kind: 'conflict',
      code: 'subscription_alive',
      message: expect.stringContaining(id),
    });
    expect(await reads.customer(owner as string)).toMatchObject({ deleted: false });
    await stripe.subscriptions.cancel(id);
    await deleteCustomer(stripe, owner as string);
    expect(await reads.customer(owner as string)).toMatchObject({ deleted: true, hasPaymentMethod: false });
    await expect(deleteCustomer(stripe, owner as string)).resolves.toBeUndefined();
  });
});
