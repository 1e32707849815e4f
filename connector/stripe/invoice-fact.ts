/** An invoice of Stripe's in the words of the sync. Shapes: API 2026-10-28.endive. */
import type { InvoiceFact } from '../billing/facts.ts';
import type { Stripe } from './client.ts';
import { date, dateOrNull } from './dates.ts';
import { idOf } from './id-of.ts';
import { paymentFacts } from './payment-facts.ts';

/** @param invoice read with `expand: ['payments']` */
export function invoiceFact(invoice: Stripe.Invoice): InvoiceFact {
  return {
    providerId: invoice.id,
    subscriptionProviderId: idOf(invoice.parent?.subscription_details?.subscription),
    number: invoice.number,
    status: invoice.status ?? 'draft',
    billingReason: invoice.billing_reason,
    currency: invoice.currency,
    amountDue: invoice.amount_due,
    amountPaid: invoice.amount_paid,
    total: invoice.total,
    attemptCount: invoice.attempt_count,
    nextPaymentAttempt: dateOrNull(invoice.next_payment_attempt),
    hostedInvoiceUrl: invoice.hosted_invoice_url ?? null,
    invoicePdf: invoice.invoice_pdf ?? null,
    created: date(invoice.created),
    paidAt: dateOrNull(invoice.status_transitions.paid_at),
    finalizedAt: dateOrNull(invoice.status_transitions.finalized_at),
    chargedAutomatically: invoice.collection_method === 'charge_automatically',
    amountCredited: invoice.pre_payment_credit_notes_amount + invoice.post_payment_credit_notes_amount,
    payments: paymentFacts(invoice),
    paymentState: null,
  };
}
