/** Tries to collect an open invoice: payment intent, charge, invoice payment. https://docs.stripe.com/api/invoice-payment */
import type { Core } from './core.ts';
import { openDispute } from './disputes.ts';
import { nextAttempt } from './dunning.ts';
import { newId } from './ids.ts';
import { subscriptionOfInvoice } from './invoice-build.ts';
import { createCharge, createIntent } from './payments.ts';
import type { Charge, Invoice, InvoicePayment, PaymentIntent } from './plain.ts';
import { change } from './update.ts';

export interface Collected {
  readonly outcome: 'paid' | 'processing' | 'declined';
  /** Declined only until the bank has heard from its customer (3D Secure). */
  readonly asksCustomer?: true;
  readonly invoice: Invoice;
  /** null: there was nothing to collect, or no payment method. */
  readonly intent: PaymentIntent | null;
}

/**
 * @param options.paymentMethod left out: the invoice's, the subscription's or the customer's default, in that order
 * @param options.byHand a person or the API asked: "any payment attempt counts as the first attempt, and subsequently
 *   only automatic retries increment the attempt count" (invoice.attempt_count), so the schedule stays
 * @param options.customerPresent at Stripe's own page, where the bank's question is answered at once
 */
export function collectInvoice(
  core: Core,
  invoice: Invoice,
  options: { paymentMethod?: string | undefined; byHand?: boolean; customerPresent?: boolean } = {},
): Collected {
  if (invoice.amount_due === 0) return { outcome: 'paid', invoice: markPaid(core, invoice), intent: null };
  const methodId = options.paymentMethod ?? defaultMethod(core, invoice);
  const bank = methodId ? core.tables.banks.get(methodId) : undefined;
  const method = methodId ? core.tables.paymentMethods.get(methodId) : undefined;
  const intent = createIntent(core, invoice, method);
  const payment = paymentFor(core, invoice, intent);
  const attempted = change(core.tables.invoices, invoice, {
    attempted: true,
    attempt_count: options.byHand ? Math.max(1, invoice.attempt_count) : invoice.attempt_count + 1,
  });
  if (bank?.onCharge === 'settle_later') {
    const processing = change(core.tables.paymentIntents, intent, { status: 'processing' });
    core.emit('payment_intent.processing', processing);
    return { outcome: 'processing', invoice: attempted, intent: processing };
  }
  const asks = bank?.onCharge === 'needs_customer';
  if (asks && !options.customerPresent) {
    return {
      outcome: 'declined',
      asksCustomer: true,
      ...askCustomer({ core, invoice: attempted, intent, byHand: options.byHand ?? false }),
    };
  }
  if (bank?.onCharge === 'succeed' || bank?.onCharge === 'dispute' || asks) {
    const charge = createCharge(core, intent, null);
    const settled = settle(core, intent, charge);
    const paid = markPaid(core, attempted, payment);
    if (bank?.onCharge === 'dispute') openDispute(core, charge, 'fraudulent');
    return { outcome: 'paid', invoice: paid, intent: settled };
  }
  const code = bank === undefined ? null : bank.onCharge === 'decline' ? 'generic_decline' : bank.onCharge;
  return {
    outcome: 'declined',
    ...fail({ core, invoice: attempted, intent, code, byHand: options.byHand ?? false }),
  };
}

/** The money of a delayed payment method arrived, or did not. */
export function settleProcessing(core: Core, invoice: Invoice, arrived: boolean): Collected {
  const payment = core.tables.invoicePayments
    .all()
    .find((one) => one.invoice === invoice.id && one.status === 'open')!;
  const intent = core.tables.paymentIntents.get(payment.payment.payment_intent!)!;
  if (!arrived)
    return {
      outcome: 'declined',
      ...fail({ core, invoice, intent, code: 'generic_decline', byHand: false }),
    };
  const settled = settle(core, intent, createCharge(core, intent, null));
  return { outcome: 'paid', invoice: markPaid(core, invoice, payment), intent: settled };
}

/** Open → paid, by a payment or (nothing due, paid elsewhere) without one. */
export function markPaid(core: Core, invoice: Invoice, payment?: InvoicePayment): Invoice {
  const paid = change(core.tables.invoices, invoice, {
    status: 'paid',
    amount_paid: payment ? invoice.amount_due : 0,
    amount_remaining: 0,
    attempted: true,
    auto_advance: false,
    next_payment_attempt: null,
    status_transitions: { ...invoice.status_transitions, paid_at: core.now() },
  });
  core.emit('invoice.paid', paid);
  core.emit('invoice.payment_succeeded', paid);
  if (payment) {
    const done = change(core.tables.invoicePayments, payment, {
      status: 'paid',
      amount_paid: paid.amount_paid,
      status_transitions: { canceled_at: null, paid_at: core.now() },
    });
    core.emit('invoice_payment.paid', done);
  }
  return paid;
}

function settle(core: Core, intent: PaymentIntent, charge: Charge): PaymentIntent {
  const succeeded = change(core.tables.paymentIntents, intent, {
    status: 'succeeded',
    amount_received: intent.amount,
    latest_charge: charge.id,
    last_payment_error: null,
  });
  core.emit('charge.succeeded', charge);
  core.emit('payment_intent.succeeded', succeeded);
  return succeeded;
}

function fail(input: {
  core: Core;
  invoice: Invoice;
  intent: PaymentIntent;
  /** null: there was no payment method to charge. */
  code: string | null;
  byHand: boolean;
}): { invoice: Invoice; intent: PaymentIntent } {
  const { core, invoice, intent, code, byHand } = input;
  const charge = code === null ? null : createCharge(core, intent, code);
  const failed = change(core.tables.paymentIntents, intent, {
    status: 'requires_payment_method',
    latest_charge: charge?.id ?? null,
    last_payment_error: charge
      ? {
          type: 'card_error',
          code: 'card_declined',
          decline_code: code ?? 'generic_decline',
          charge: charge.id,
          message: charge.failure_message ?? 'Your card was declined.',
        }
      : null,
  });
  if (charge) core.emit('charge.failed', charge);
  core.emit('payment_intent.payment_failed', failed);
  const waiting = change(core.tables.invoices, invoice, {
    next_payment_attempt: byHand ? invoice.next_payment_attempt : nextAttempt(core, invoice),
  });
  core.emit('invoice.payment_failed', waiting);
  return { invoice: waiting, intent: failed };
}

/**
 * The bank wants to hear from its customer. "If the payment requires authentication … the PaymentIntent's status is
 * requires_action"; `invoice.payment_failed` comes with it.
 * https://docs.stripe.com/billing/subscriptions/overview#requires-action
 */
function askCustomer(input: { core: Core; invoice: Invoice; intent: PaymentIntent; byHand: boolean }): {
  invoice: Invoice;
  intent: PaymentIntent;
} {
  const { core, invoice, intent, byHand } = input;
  const asking = change(core.tables.paymentIntents, intent, {
    status: 'requires_action',
    next_action: {
      type: 'use_stripe_sdk',
      use_stripe_sdk: {},
    },
  });
  core.emit('payment_intent.requires_action', asking);
  const waiting = change(core.tables.invoices, invoice, {
    next_payment_attempt: byHand ? invoice.next_payment_attempt : nextAttempt(core, invoice),
  });
  core.emit('invoice.payment_action_required', waiting);
  core.emit('invoice.payment_failed', waiting);
  return { invoice: waiting, intent: asking };
}

/** One open invoice payment per invoice; a new try reuses it. */
function paymentFor(core: Core, invoice: Invoice, intent: PaymentIntent): InvoicePayment {
  const open = core.tables.invoicePayments
    .all()
    .find((one) => one.invoice === invoice.id && one.status === 'open');
  const payment: InvoicePayment = {
    id: open?.id ?? newId('inpay'),
    object: 'invoice_payment',
    amount_paid: null,
    amount_requested: invoice.amount_due,
    created: open?.created ?? core.now(),
    currency: invoice.currency,
    invoice: invoice.id,
    is_default: true,
    livemode: false,
    payment: { type: 'payment_intent', payment_intent: intent.id },
    status: 'open',
    status_transitions: { canceled_at: null, paid_at: null },
  };
  core.tables.invoicePayments.put(payment.id, payment);
  return payment;
}

function defaultMethod(core: Core, invoice: Invoice): string | null {
  return (
    invoice.default_payment_method ??
    subscriptionOfInvoice(core, invoice)?.default_payment_method ??
    core.tables.customers.get(invoice.customer ?? '')?.invoice_settings.default_payment_method ??
    null
  );
}
