/** An invoice as it would be, in the words of the commands. https://docs.stripe.com/api/invoices/create_preview */
import type { InvoicePreview } from '../billing/commands/subscription-gateway.ts';
import type { Stripe } from './client.ts';
import { stripeCall } from './errors.ts';

export async function previewInvoice(
  stripe: Stripe,
  params: Stripe.InvoiceCreatePreviewParams,
): Promise<InvoicePreview> {
  const invoice = await stripeCall(() => stripe.invoices.createPreview(params));
  const lines = invoice.lines.has_more
    ? await stripeCall(() =>
        stripe.invoices.listLineItems(invoice.id, { limit: 100 }).autoPagingToArray({ limit: 1000 }),
      )
    : invoice.lines.data;
  return {
    currency: invoice.currency,
    lines: lines.map((line) => ({
      description: line.description ?? '',
      amount: line.amount,
      proration:
        line.parent?.subscription_item_details?.proration ??
        line.parent?.invoice_item_details?.proration ??
        false,
      from: new Date(line.period.start * 1000),
      to: new Date(line.period.end * 1000),
    })),
    subtotal: invoice.subtotal,
    taxes: (invoice.total_taxes ?? []).map(({ amount, tax_behavior }) => ({
      amount,
      inclusive: tax_behavior === 'inclusive',
    })),
    total: invoice.total,
    discount: (invoice.total_discount_amounts ?? []).reduce((sum, { amount }) => sum + amount, 0),
    amountDue: invoice.amount_due,
  };
}
