/** Invoices, payments and means of payment in the shapes that Stripe gives, and what we make of them. */
import type Stripe from 'stripe';
import { describe, expect, it } from 'vitest';
import { dateOrNull } from '../../connector/stripe/dates.ts';
import { idOf } from '../../connector/stripe/id-of.ts';
import { invoiceFact } from '../../connector/stripe/invoice-fact.ts';
import { invoicePreview, isProration } from '../../connector/stripe/invoice-preview.ts';
import { orderNumber } from '../../connector/stripe/order-number.ts';
import { paymentFacts, paymentMethodFact, paymentStateOf } from '../../connector/stripe/payment-facts.ts';

const invoice = (change: object = {}) =>
  ({
    id: 'in_1',
    number: 'A-1',
    status: 'open',
    billing_reason: 'subscription_cycle',
    currency: 'usd',
    amount_due: 500,
    amount_paid: 0,
    total: 500,
    attempted: true,
    attempt_count: 1,
    next_payment_attempt: 1_700_000_000,
    hosted_invoice_url: 'https://pay',
    invoice_pdf: 'https://pdf',
    created: 1_600_000_000,
    status_transitions: { paid_at: null, finalized_at: 1_600_000_100 },
    collection_method: 'charge_automatically',
    pre_payment_credit_notes_amount: 30,
    post_payment_credit_notes_amount: 12,
    parent: { subscription_details: { subscription: 'sub_1' } },
    payments: { data: [] },
    ...change,
  }) as unknown as Stripe.Invoice;

describe('an invoice', () => {
  it('of a subscription, tried and to be tried again', () => {
    expect(invoiceFact(invoice())).toMatchObject({
      subscriptionProviderId: 'sub_1',
      status: 'open',
      nextPaymentAttempt: new Date('2023-11-14T22:13:20Z'),
      finalizedAt: new Date('2020-09-13T12:28:20Z'),
      paidAt: null,
      amountCredited: 42,
      chargedAutomatically: true,
      hostedInvoiceUrl: 'https://pay',
    });
  });

  it.each<[string, object, object]>([
    ['made by hand is of no subscription', { parent: null }, { subscriptionProviderId: null }],
    ['of a quote neither', { parent: { subscription_details: null } }, { subscriptionProviderId: null }],
    [
      'with its subscription expanded',
      { parent: { subscription_details: { subscription: { id: 'sub_2' } } } },
      { subscriptionProviderId: 'sub_2' },
    ],
    [
      'that is not there yet has no page',
      { status: null, hosted_invoice_url: null, invoice_pdf: undefined },
      { status: 'draft', hostedInvoiceUrl: null, invoicePdf: null },
    ],
    [
      'that is sent is charged by nobody',
      { collection_method: 'send_invoice', next_payment_attempt: null },
      { chargedAutomatically: false, nextPaymentAttempt: null },
    ],
  ])('%s', (_what, change, expected) => {
    expect(invoiceFact(invoice(change))).toMatchObject(expected);
  });
});

describe('its payments', () => {
  const payment = (change: object = {}) => ({
    id: 'inpay_1',
    status: 'paid',
    currency: 'usd',
    amount_requested: 500,
    amount_paid: 500,
    created: 1_600_000_000,
    status_transitions: { paid_at: 1_600_000_060 },
    payment: { payment_intent: 'pi_1' },
    ...change,
  });

  it.each<[string, object, object]>([
    ['one that came', {}, { paymentIntent: 'pi_1', amountPaid: 500, paidAt: new Date(1_600_000_060_000) }],
    [
      'one that did not come yet',
      { status: 'open', amount_paid: null, status_transitions: { paid_at: null } },
      { amount: 500, amountPaid: 0, paidAt: null },
    ],
    [
      'an expanded one',
      { payment: { payment_intent: { id: 'pi_2', status: 'succeeded' } } },
      { paymentIntent: 'pi_2' },
    ],
    ['one past Stripe’s intents', { payment: { charge: 'ch_1' } }, { paymentIntent: null }],
  ])('%s', (_what, change, expected) => {
    expect(paymentFacts(invoice({ payments: { data: [payment(change)] } }))).toMatchObject([expected]);
  });

  it('none were asked for', () => expect(paymentFacts(invoice({ payments: undefined }))).toEqual([]));
});

describe('why it is unpaid', () => {
  const tries = (...intents: readonly (object | string | null)[]) => ({
    payments: { data: intents.map((payment_intent) => ({ status: 'open', payment: { payment_intent } })) },
  });

  it.each<[string, object, string | null]>([
    ['it is not: it is paid', { status: 'paid' }, null],
    ['it has not been tried', { attempted: false }, null],
    ['there is no card to try', { payments: undefined }, 'failed'],
    ['all that is known of the try is its id', tries('pi_1', null), 'failed'],
    ['the bank takes its days', tries({ status: 'processing' }), 'processing'],
    ['the customer must confirm it', tries({ status: 'requires_action' }), 'action_required'],
    [
      'the bank wants the customer to confirm it',
      tries({
        status: 'requires_payment_method',
        last_payment_error: { code: 'authentication_required' },
      }),
      'action_required',
    ],
    [
      'the bank refuses',
      tries({ status: 'requires_payment_method', last_payment_error: { code: 'card_declined' } }),
      'failed',
    ],
    [
      'the newest try tells',
      tries({ status: 'requires_action' }, { status: 'requires_payment_method', last_payment_error: null }),
      'failed',
    ],
  ])('%s', (_what, change, expected) => {
    expect(paymentStateOf(invoice(change))).toBe(expected);
  });

  it('a try that is over tells nothing', () => {
    const over = { status: 'canceled', payment: { payment_intent: { status: 'processing' } } };
    expect(paymentStateOf(invoice({ payments: { data: [over] } }))).toBe('failed');
  });
});

describe('a means of payment', () => {
  const method = (change: object) => ({ id: 'pm_1', type: 'card', ...change }) as Stripe.PaymentMethod;
  const card = { brand: 'visa', display_brand: null, last4: '4242', exp_month: 5, exp_year: 2030 };

  it.each<[string, object, object]>([
    [
      'a card',
      { card },
      { kind: 'card', brand: 'visa', last4: '4242', expMonth: 5, expYear: 2030, providerId: 'pm_1' },
    ],
    ['a card of two brands', { card: { ...card, display_brand: 'bancontact' } }, { brand: 'bancontact' }],
    [
      'a debit',
      { type: 'sepa_debit', sepa_debit: { last4: '3000' } },
      { kind: 'sepa_debit', brand: null, last4: '3000', expMonth: null, expYear: null },
    ],
    [
      'an account in the US',
      { type: 'us_bank_account', us_bank_account: { last4: '6789' } },
      { last4: '6789' },
    ],
    ['one without a number to show', { type: 'link', link: {} }, { kind: 'link', brand: null, last4: null }],
  ])('%s', (_what, change, expected) => {
    expect(paymentMethodFact(method(change))).toMatchObject(expected);
  });

  it.each([['pm_1'], [null], [undefined]])('of which only %s is known shows nothing', (given) =>
    expect(paymentMethodFact(given)).toBeNull(),
  );
});

describe('an invoice as it would be', () => {
  const lines = (...given: object[]) =>
    given.map((change) => ({
      amount: 100,
      description: null,
      parent: null,
      period: { start: 0, end: 60 },
      ...change,
    }));
  const preview = (change: object, ...given: object[]) =>
    invoicePreview({
      invoice: invoice({ subtotal: 500, total_taxes: null, total_discount_amounts: null, ...change }),
      lines: lines(...given) as unknown as Stripe.InvoiceLineItem[],
    });

  it('without taxes, discounts or words', () => {
    expect(preview({}, {})).toEqual({
      currency: 'usd',
      lines: [{ description: '', amount: 100, proration: false, from: new Date(0), to: new Date(60_000) }],
      subtotal: 500,
      taxes: [],
      total: 500,
      discount: 0,
      amountDue: 500,
    });
  });

  it('with taxes, in its prices and on top of them, and with two discounts', () => {
    const change = {
      total_taxes: [
        { amount: 21, tax_behavior: 'exclusive' },
        { amount: 6, tax_behavior: 'inclusive' },
      ],
      total_discount_amounts: [{ amount: 30 }, { amount: 12 }],
    };
    expect(preview(change)).toMatchObject({
      taxes: [
        { amount: 21, inclusive: false },
        { amount: 6, inclusive: true },
      ],
      discount: 42,
    });
  });
});

describe('a line is of a change', () => {
  const details = (proration: boolean) => ({ proration });
  it.each<[string, object | null, boolean]>([
    ['in the middle of a period', { subscription_item_details: details(true) }, true],
    [
      'that waits since as an invoice item',
      { subscription_item_details: null, invoice_item_details: details(true) },
      true,
    ],
    ['or not: a period', { subscription_item_details: details(false) }, false],
    ['or not: a set-up', { subscription_item_details: null, invoice_item_details: details(false) }, false],
    ['or not: made by hand', null, false],
  ])('%s', (_what, parent, expected) => {
    expect(isProration({ parent } as Stripe.InvoiceLineItem)).toBe(expected);
  });
});

describe('references, times and numbers', () => {
  it.each<[Parameters<typeof idOf>[0], string | null]>([
    ['cus_1', 'cus_1'],
    [{ id: 'cus_1' }, 'cus_1'],
    [null, null],
    [undefined, null],
  ])('the id of %j', (reference, id) => expect(idOf(reference)).toBe(id));

  it.each([
    [null, null],
    [undefined, null],
    [0, new Date(0)],
  ])('the time of %s', (unix, at) => expect(dateOrNull(unix)).toEqual(at));

  it.each([
    ['17', 17],
    ['017', null],
    ['0', null],
    ['-1', null],
    ['17 ', null],
    ['1e3', null],
    ['9'.repeat(16), null],
    ['', null],
    [null, null],
    [undefined, null],
  ])('the order %j', (text, order) => expect(orderNumber(text)).toBe(order));
});
