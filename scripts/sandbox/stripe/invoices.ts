/** Invoices. https://docs.stripe.com/api/invoices */
import type Stripe from 'stripe';
import { collectInvoice, markPaid } from './collect.ts';
import type { Core } from './core.ts';
import { subscriptionRecovered } from './dunning.ts';
import { cardDeclined, invalid, StripeFault } from './errors.ts';
import { EXTRA_ITEMS } from './extra-items.ts';
import { finalizeInvoice, subscriptionOfInvoice, voidInvoice } from './invoice-build.ts';
import { preview, previewedLines } from './invoice-preview.ts';
import { inRange, newestFirst, type Paging, page } from './list.ts';
import { invoiceOf } from './lookup.ts';
import { mergeMetadata } from './metadata.ts';
import { any, flag, integer, list, map, object, oneOf, PAGING, range, text } from './params.ts';
import type { Invoice, Plain } from './plain.ts';
import { route } from './route.ts';
import { finishResume } from './subscription-pause.ts';
import { applyPendingUpdate } from './subscription-update.ts';
import { change, update } from './update.ts';

type List = Plain<Stripe.InvoiceListParams>;
type Pay = Plain<Stripe.InvoicePayParams>;
type Update = Plain<Stripe.InvoiceUpdateParams>;
type Preview = Plain<Stripe.InvoiceCreatePreviewParams>;

const STATUS = oneOf('draft', 'open', 'paid', 'uncollectible', 'void');
const ITEM = object({
  id: text,
  price: text,
  quantity: integer,
  deleted: flag,
  clear_usage: flag,
  metadata: map,
});

export const invoiceRoutes = [
  route<Preview>(
    'POST',
    '/v1/invoices/create_preview',
    {
      customer: text,
      currency: text,
      customer_details: any,
      discounts: any,
      invoice_items: EXTRA_ITEMS,
      preview_mode: text,
      subscription: text,
      schedule: text,
      // The former subscription_items, subscription_proration_behavior … are refused since 2025-03-31.basil.
      subscription_details: object({
        items: list(ITEM),
        proration_behavior: oneOf('always_invoice', 'create_prorations', 'none'),
        proration_date: integer,
        billing_cycle_anchor: any,
        billing_mode: any,
        cancel_at_period_end: flag,
        cancel_now: flag,
        trial_end: text,
      }),
    },
    ({ core, params }) => preview(core, params),
  ),
  route('GET', '/v1/invoices/:id', {}, ({ core, id }) => invoiceOf(core, id)),
  route<Update>(
    'POST',
    '/v1/invoices/:id',
    {
      metadata: map,
      description: text,
      auto_advance: flag,
      default_payment_method: text,
      days_until_due: integer,
    },
    ({ core, id, params }) => {
      const invoice = invoiceOf(core, id);
      return update(core, core.tables.invoices, 'invoice.updated', invoice, {
        ...(params.metadata !== undefined && { metadata: mergeMetadata(invoice.metadata, params.metadata) }),
        ...(params.description !== undefined && { description: params.description || null }),
        ...(params.auto_advance !== undefined && { auto_advance: params.auto_advance }),
        ...(params.default_payment_method !== undefined && {
          default_payment_method: params.default_payment_method || null,
        }),
      });
    },
  ),
  route<Pay>(
    'POST',
    '/v1/invoices/:id/pay',
    { forgive: flag, off_session: flag, paid_out_of_band: flag, payment_method: text },
    ({ core, id, params }) => payInvoice(core, invoiceOf(core, id), params),
  ),
  route('POST', '/v1/invoices/:id/finalize', { auto_advance: flag }, ({ core, id }) => {
    const invoice = invoiceOf(core, id);
    if (invoice.status !== 'draft')
      throw invalid('This invoice is already finalized.', { code: 'invoice_not_editable' });
    return finalizeInvoice(core, invoice);
  }),
  route('POST', '/v1/invoices/:id/void', {}, ({ core, id }) => {
    const invoice = invoiceOf(core, id);
    if (invoice.status !== 'open' && invoice.status !== 'uncollectible') {
      throw invalid('You can only pass in open invoices. This invoice isn’t open.');
    }
    return voidInvoice(core, invoice);
  }),
  route('POST', '/v1/invoices/:id/mark_uncollectible', {}, ({ core, id }) => {
    const invoice = invoiceOf(core, id);
    if (invoice.status !== 'open')
      throw invalid('You can only pass in open invoices. This invoice isn’t open.');
    const marked = change(core.tables.invoices, invoice, {
      status: 'uncollectible',
      status_transitions: { ...invoice.status_transitions, marked_uncollectible_at: core.now() },
    });
    core.emit('invoice.marked_uncollectible', marked);
    return marked;
  }),
  route<Paging>('GET', '/v1/invoices/:id/lines', PAGING, ({ core, id, params, path }) =>
    page(previewedLines(core, id) ?? invoiceOf(core, id).lines.data, params, path),
  ),
  route<List>(
    'GET',
    '/v1/invoices',
    {
      ...PAGING,
      collection_method: text,
      created: range,
      customer: text,
      due_date: range,
      status: STATUS,
      subscription: text,
    },
    ({ core, params, path }) =>
      page(newestFirst(core.tables.invoices.all()).filter(matches(params)), params, path),
  ),
];

function matches(params: List): (invoice: Invoice) => boolean {
  return (invoice) =>
    (params.customer === undefined || invoice.customer === params.customer) &&
    (params.status === undefined || invoice.status === params.status) &&
    (params.subscription === undefined ||
      invoice.parent?.subscription_details?.subscription === params.subscription) &&
    (params.collection_method === undefined || invoice.collection_method === params.collection_method) &&
    (params.due_date === undefined || inRange(invoice.due_date ?? 0, params.due_date)) &&
    inRange(invoice.created, params.created);
}

/** https://docs.stripe.com/error-codes#invoice-payment-intent-requires-action */
function requiresAction(): StripeFault {
  return new StripeFault(402, {
    type: 'card_error',
    code: 'invoice_payment_intent_requires_action',
    message:
      'This payment requires additional user action before it can be completed successfully. Payment can be completed using the PaymentIntent associated with the invoice.',
  });
}

/** By hand: by the API, the hosted invoice page or a person at the Dashboard. @throws StripeFault 402 */
export function payInvoice(core: Core, invoice: Invoice, params: Pay, customerPresent = false): Invoice {
  if (invoice.status === 'paid') throw invalid('Invoice is already paid', { code: 'invoice_already_paid' });
  if (invoice.status === 'void') throw invalid('Voided invoices cannot be paid.');
  const open = invoice.status === 'draft' ? finalizeInvoice(core, invoice) : invoice;
  if (params.paid_out_of_band) markPaid(core, open);
  else {
    const collected = collectInvoice(core, open, {
      paymentMethod: params.payment_method,
      byHand: true,
      customerPresent,
    });
    if (collected.asksCustomer) throw requiresAction();
    if (collected.outcome === 'declined') throw cardDeclined('generic_decline', collected.intent);
  }
  const subscription = subscriptionOfInvoice(core, invoice);
  if (subscription) subscriptionRecovered(core, subscription);
  applyPendingUpdate(core, invoice);
  finishResume(core, invoice);
  return invoiceOf(core, invoice.id);
}
