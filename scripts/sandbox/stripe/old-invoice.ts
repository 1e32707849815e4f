/** Invoices before 2025-03-31.basil: subscription, payment and tax at the top. https://docs.stripe.com/changelog/basil */

import type { Invoice, InvoiceLine } from './plain.ts';
import type { Json, Rendering } from './rendering.ts';

export function oldInvoice({ inner, original, links }: Rendering): Json {
  const invoice = original as unknown as Invoice;
  const details = invoice.parent?.subscription_details;
  const intent = links.intentOfInvoice(invoice.id);
  const { parent: _, total_taxes: __, payments: ___, confirmation_secret: ____, ...rest } = inner;
  return {
    ...rest,
    charge: intent?.latest_charge ?? null,
    discount: null,
    paid: invoice.status === 'paid',
    paid_out_of_band: invoice.status === 'paid' && invoice.amount_due > 0 && intent === undefined,
    payment_intent: intent?.id ?? null,
    quote: null,
    subscription: details?.subscription ?? null,
    subscription_details: { metadata: details?.metadata ?? null },
    tax: null,
    total_tax_amounts: [],
  };
}

export function oldLine({ inner, original, links }: Rendering): Json {
  const { parent, pricing, amount } = original as unknown as InvoiceLine;
  const item = parent?.subscription_item_details;
  const extra = parent?.invoice_item_details;
  const { parent: _, pricing: __, taxes: ___, quantity_decimal: ____, ...rest } = inner;
  return {
    ...rest,
    amount_excluding_tax: amount,
    invoice_item: extra?.invoice_item ?? item?.invoice_item ?? undefined,
    plan: null,
    price: links.price(pricing?.price_details?.price ?? '') ?? null,
    proration: item?.proration ?? extra?.proration ?? false,
    subscription_item: item?.subscription_item,
    tax_amounts: [],
    tax_rates: [],
    type: extra ? 'invoiceitem' : 'subscription',
    unit_amount_excluding_tax: pricing?.unit_amount_decimal ?? null,
  };
}
