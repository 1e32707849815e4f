/**
 * Refunds, disputes and credit notes at Stripe, and whose they are. A charge names neither its invoice nor, since API
 * 2025-03-31.basil, does its payment intent: invoice payments tie them (https://docs.stripe.com/api/invoice-payment/list).
 */
import type { CreditNoteFact, DisputeFact, MoneyReads, RefundFact } from '../billing/money/money-facts.ts';
import type { Stripe } from './client.ts';
import { date, dateOrNull } from './dates.ts';
import { stripeCall } from './errors.ts';
import { idOf } from './id-of.ts';

// One charge has a handful of these at most; a page holds 100, newest first (Stripe, "Pagination"). Ours are oldest first.
const ALL = { limit: 100 };

export function createMoneyReads(stripe: Stripe): MoneyReads {
  return {
    refunds: async (charge) =>
      (await stripeCall(() => stripe.refunds.list({ charge, ...ALL }))).data.map(refundFact).reverse(),
    disputes: async (charge) =>
      (await stripeCall(() => stripe.disputes.list({ charge, ...ALL }))).data.map(disputeFact).reverse(),
    creditNotes: async (invoice) =>
      (await stripeCall(() => stripe.creditNotes.list({ invoice, ...ALL }))).data.map(creditNoteFact),
    async invoiceOfPayment(paymentIntent) {
      const found = await stripeCall(() =>
        stripe.invoicePayments.list({
          payment: { type: 'payment_intent', payment_intent: paymentIntent },
          limit: 1,
        }),
      );
      return idOf(found.data[0]?.invoice);
    },
    async customerOf({ charge, invoice }) {
      if (charge !== null) return idOf((await stripeCall(() => stripe.charges.retrieve(charge))).customer);
      if (invoice === null) return null;
      return idOf((await stripeCall(() => stripe.invoices.retrieve(invoice))).customer);
    },
  };
}

function refundFact(refund: Stripe.Refund): RefundFact {
  return {
    providerId: refund.id,
    charge: idOf(refund.charge),
    paymentIntent: idOf(refund.payment_intent),
    currency: refund.currency,
    amount: refund.amount,
    status: refund.status ?? 'pending',
    reason: refund.reason,
    failureReason: refund.failure_reason ?? null,
    created: date(refund.created),
  };
}

function disputeFact(dispute: Stripe.Dispute): DisputeFact {
  return {
    providerId: dispute.id,
    charge: idOf(dispute.charge),
    paymentIntent: idOf(dispute.payment_intent),
    currency: dispute.currency,
    amount: dispute.amount,
    status: dispute.status,
    reason: dispute.reason,
    evidenceDueBy: dateOrNull(dispute.evidence_details.due_by),
    // Withdrawn is below zero there, reinstated above.
    fundsWithdrawn: dispute.balance_transactions.reduce((sum, { amount }) => sum - amount, 0),
    created: date(dispute.created),
  };
}

function creditNoteFact(note: Stripe.CreditNote): CreditNoteFact {
  return {
    providerId: note.id,
    invoiceId: idOf(note.invoice),
    number: note.number,
    status: note.status,
    currency: note.currency,
    amount: note.total,
    reason: note.reason,
    pdf: note.pdf,
    created: date(note.created),
  };
}
