/** Credit notes over an amount. https://docs.stripe.com/api/credit_notes and /invoicing/integration/programmatic-credit-notes */
import type Stripe from 'stripe';
import type { Core } from './core.ts';
import { invalid, missing } from './errors.ts';
import { newId } from './ids.ts';
import { inRange, newestFirst, page, wholeList } from './list.ts';
import { invoiceOf } from './lookup.ts';
import { mergeMetadata } from './metadata.ts';
import { integer, map, PAGING, range, required, text } from './params.ts';
import type { CreditNote, Invoice, Plain } from './plain.ts';
import { createRefund } from './refunds.ts';
import { route } from './route.ts';
import { change, update } from './update.ts';

type Create = Plain<Stripe.CreditNoteCreateParams>;
type List = Plain<Stripe.CreditNoteListParams>;

export const creditNoteRoutes = [
  route<Create>(
    'POST',
    '/v1/credit_notes',
    {
      invoice: required(text),
      amount: integer,
      credit_amount: integer,
      out_of_band_amount: integer,
      refund_amount: integer,
      memo: text,
      metadata: map,
      reason: text,
    },
    ({ core, params }) => createCreditNote(core, params),
  ),
  route('GET', '/v1/credit_notes/:id', {}, ({ core, id }) => noteOf(core, id)),
  route<Plain<Stripe.CreditNoteUpdateParams>>(
    'POST',
    '/v1/credit_notes/:id',
    { memo: text, metadata: map },
    ({ core, id, params }) => {
      const note = noteOf(core, id);
      return update(core, core.tables.creditNotes, 'credit_note.updated', note, {
        ...(params.memo !== undefined && { memo: params.memo }),
        ...(params.metadata !== undefined && { metadata: mergeMetadata(note.metadata, params.metadata) }),
      });
    },
  ),
  route<List>(
    'GET',
    '/v1/credit_notes',
    { ...PAGING, created: range, customer: text, invoice: text },
    ({ core, params, path }) =>
      page(
        newestFirst(core.tables.creditNotes.all()).filter(
          (one) =>
            (params.invoice === undefined || one.invoice === params.invoice) &&
            (params.customer === undefined || one.customer === params.customer) &&
            inRange(one.created, params.created),
        ),
        params,
        path,
      ),
  ),
  route('POST', '/v1/credit_notes/:id/void', {}, ({ core, id }) => {
    const note = noteOf(core, id);
    // "You can only void a credit note when its associated invoice is open."
    const invoice = invoiceOf(core, note.invoice);
    if (note.status === 'void' || invoice.status !== 'open')
      throw invalid('This credit note cannot be voided.');
    change(core.tables.invoices, invoice, credited(invoice, -note.amount));
    const voided = change(core.tables.creditNotes, note, { status: 'void', voided_at: core.now() });
    core.emit('credit_note.voided', voided);
    return voided;
  }),
];

/** Of an open invoice it lowers what is due; of a paid one it is given back, as refund or balance. */
function createCreditNote(core: Core, params: Create): CreditNote {
  const invoice = invoiceOf(core, params.invoice);
  if (invoice.status !== 'open' && invoice.status !== 'paid')
    throw invalid('You can only create a credit note for an open or paid invoice.', { param: 'invoice' });
  const amount = params.amount ?? (params.refund_amount ?? 0) + (params.credit_amount ?? 0);
  const most =
    invoice.total - invoice.pre_payment_credit_notes_amount - invoice.post_payment_credit_notes_amount;
  if (amount < 1 || amount > most) throw invalid(`The credit note amount must be 1 to ${most}.`);
  const paid = invoice.status === 'paid';
  const refund = paid && params.refund_amount ? refundOf(core, invoice, params.refund_amount) : undefined;
  const before = core.tables.creditNotes.all().filter((one) => one.invoice === invoice.id).length;
  const id = newId('cn');
  const note: CreditNote = {
    id,
    object: 'credit_note',
    amount,
    amount_shipping: 0,
    created: core.now(),
    currency: invoice.currency,
    customer: invoice.customer ?? '',
    customer_account: null,
    customer_balance_transaction: null,
    discount_amount: 0,
    discount_amounts: [],
    effective_at: core.now(),
    invoice: invoice.id,
    lines: wholeList([], `/v1/credit_notes/${id}/lines`),
    livemode: false,
    memo: params.memo ?? null,
    metadata: mergeMetadata(null, params.metadata),
    number: `${invoice.number}-CN-${String(before + 1).padStart(2, '0')}`,
    out_of_band_amount: params.out_of_band_amount ?? null,
    pdf: `${core.url()}/credit_notes/${id}/pdf`,
    post_payment_amount: paid ? amount : 0,
    pre_payment_amount: paid ? 0 : amount,
    pretax_credit_amounts: [],
    reason: (params.reason ?? null) as CreditNote['reason'],
    refunds: refund
      ? [{ amount_refunded: refund.amount, payment_record_refund: null, refund: refund.id, type: 'refund' }]
      : [],
    shipping_cost: null,
    status: 'issued',
    subtotal: amount,
    subtotal_excluding_tax: amount,
    total: amount,
    total_excluding_tax: amount,
    total_taxes: [],
    type: paid ? 'post_payment' : 'pre_payment',
    voided_at: null,
  };
  core.tables.creditNotes.put(id, note);
  core.emit('credit_note.created', note);
  update(core, core.tables.invoices, 'invoice.updated', invoice, credited(invoice, amount));
  return note;
}

function credited(invoice: Invoice, amount: number): Partial<Invoice> {
  if (invoice.status === 'paid') {
    return { post_payment_credit_notes_amount: invoice.post_payment_credit_notes_amount + amount };
  }
  return {
    pre_payment_credit_notes_amount: invoice.pre_payment_credit_notes_amount + amount,
    amount_due: invoice.amount_due - amount,
    amount_remaining: invoice.amount_remaining - amount,
  };
}

function refundOf(core: Core, invoice: Invoice, amount: number) {
  const payment = core.tables.invoicePayments
    .all()
    .find((one) => one.invoice === invoice.id && one.status === 'paid');
  const intent = payment?.payment.payment_intent;
  return intent ? createRefund(core, { payment_intent: intent, amount }) : undefined;
}

function noteOf(core: Core, id: string): CreditNote {
  const note = core.tables.creditNotes.get(id);
  if (!note) throw missing('credit note', id);
  return note;
}
