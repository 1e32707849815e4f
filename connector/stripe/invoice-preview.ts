/** An invoice as it would be. https://docs.stripe.com/api/invoices/create_preview */
import type { InvoicePreview } from '../billing/commands/subscription-gateway.ts';
import type { Stripe } from './client.ts';
import { date } from './dates.ts';
import { stripeCall } from './errors.ts';

/** In the words of the commands. */
export async function previewInvoice(
  stripe: Stripe,
  params: Stripe.InvoiceCreatePreviewParams,
): Promise<InvoicePreview> {
  return invoicePreview(await upcoming(stripe, params));
}

export function invoicePreview({ invoice, lines }: Upcoming): InvoicePreview {
  return {
    currency: invoice.currency,
    lines: lines.map((line) => ({
      description: line.description ?? '',
      amount: line.amount,
      proration: isProration(line),
      from: date(line.period.start),
      to: date(line.period.end),
    })),
    subtotal: invoice.subtotal,
    taxes: (invoice.total_taxes ?? []).map(({ amount, tax_behavior }) => ({
      amount,
      inclusive: tax_behavior === 'inclusive',
    })),
    total: invoice.total,
    discount: added(invoice.total_discount_amounts),
    amountDue: invoice.amount_due,
  };
}

interface Upcoming {
  readonly invoice: Stripe.Invoice;
  readonly lines: readonly Stripe.InvoiceLineItem[];
}

/** With all its lines: the invoice itself shows the first ten, and a preview's are paged like any other's. */
export async function upcoming(stripe: Stripe, params: Stripe.InvoiceCreatePreviewParams): Promise<Upcoming> {
  const invoice = await stripeCall(() => stripe.invoices.createPreview(params));
  const lines = invoice.lines.has_more
    ? await stripeCall(() =>
        stripe.invoices.listLineItems(invoice.id, { limit: 100 }).autoPagingToArray({ limit: 1000 }),
      )
    : invoice.lines.data;
  return { invoice, lines };
}

/** Part of a period, because of a change: of the change previewed, or of an earlier one that waits as an invoice item. */
export const isProration = ({ parent }: Stripe.InvoiceLineItem): boolean =>
  (parent?.subscription_item_details ?? parent?.invoice_item_details)?.proration ?? false;

/** Of no tax and no discount Stripe says null. */
export const added = (amounts: readonly { readonly amount: number }[] | null): number =>
  (amounts ?? []).reduce((sum, { amount }) => sum + amount, 0);
