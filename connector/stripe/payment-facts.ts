/** Payments and payment methods of Stripe's objects, in our words. Shapes: API 2026-10-28.endive. */
import type { PaymentFact, PaymentMethodFact, PaymentState } from '../billing/facts.ts';
import type { Stripe } from './client.ts';
import { date, dateOrNull } from './dates.ts';
import { idOf } from './id-of.ts';

/** @param invoice read with `expand: ['payments']`; without it Stripe leaves them out */
export function paymentFacts(invoice: Stripe.Invoice): readonly PaymentFact[] {
  return (invoice.payments?.data ?? []).map(invoicePaymentFact);
}

function invoicePaymentFact(payment: Stripe.InvoicePayment): PaymentFact {
  return {
    providerId: payment.id,
    paymentIntent: idOf(payment.payment.payment_intent),
    status: payment.status,
    currency: payment.currency,
    amount: payment.amount_requested,
    amountPaid: payment.amount_paid ?? 0,
    created: date(payment.created),
    paidAt: dateOrNull(payment.status_transitions.paid_at),
  };
}

/**
 * Why an open invoice is unpaid, as its payment intent says: `requires_action` or a decline for want of authentication
 * is the customer's to confirm (https://docs.stripe.com/billing/subscriptions/overview#requires-action).
 * @param invoice read with `expand: ['payments.data.payment.payment_intent']`
 */
export function paymentStateOf(invoice: Stripe.Invoice): PaymentState | null {
  if (invoice.status !== 'open' || !invoice.attempted) return null;
  const intents = (invoice.payments?.data ?? [])
    .filter(({ status }) => status === 'open')
    .map(({ payment }) => payment.payment_intent)
    .filter((intent) => typeof intent === 'object' && intent !== null);
  const intent = intents.at(-1);
  if (intent === undefined) return 'failed'; // tried without a payment method to try
  if (intent.status === 'processing') return 'processing';
  const needsCustomer =
    intent.status === 'requires_action' || intent.last_payment_error?.code === 'authentication_required';
  return needsCustomer ? 'action_required' : 'failed';
}

/** @param method expanded; an id alone tells nothing to show */
export function paymentMethodFact(
  method: string | Stripe.PaymentMethod | null | undefined,
): PaymentMethodFact | null {
  if (typeof method !== 'object' || method === null) return null;
  const kept = method.card ?? method.sepa_debit ?? method.us_bank_account;
  return {
    providerId: method.id,
    kind: method.type,
    brand: method.card?.display_brand ?? method.card?.brand ?? null,
    last4: kept?.last4 ?? null,
    expMonth: method.card?.exp_month ?? null,
    expYear: method.card?.exp_year ?? null,
  };
}
