/** Pays an open invoice at once. https://docs.stripe.com/api/invoices/pay */
import type { InvoicePayments } from '../billing/commands/pay-invoice.ts';
import type { Stripe } from './client.ts';
import { stripeCall } from './errors.ts';

export function createInvoicePayments(stripe: Stripe): InvoicePayments {
  return {
    async pay({ invoiceId, paymentMethod }, idempotencyKey) {
      const invoice = await stripeCall(() =>
        stripe.invoices.pay(
          invoiceId,
          // Nobody is there to answer the bank: who is, pays at the invoice's own page.
          { off_session: true, ...(paymentMethod !== null && { payment_method: paymentMethod }) },
          { idempotencyKey },
        ),
      );
      return { status: invoice.status! };
    },
  };
}
