/** Drafts and finalises invoices. https://docs.stripe.com/api/invoices/object and /invoicing/integration/workflow-transitions */
import { ACCOUNT_ID, type Core } from './core.ts';
import { discountLines, useUp } from './discounts.ts';
import { newId, randomText } from './ids.ts';
import { wholeList } from './list.ts';
import { customerOf } from './lookup.ts';
import { DAY, HOUR } from './periods.ts';
import type { Invoice, InvoiceLine, Subscription } from './plain.ts';
import { taxIdsOf } from './tax-ids.ts';
import { change, update } from './update.ts';

export interface Draft {
  readonly id?: string;
  readonly subscription: Subscription;
  readonly reason: 'subscription_create' | 'subscription_cycle' | 'subscription_update';
  readonly lines: readonly InvoiceLine[];
}

/** Stores a draft and announces it; renewals stay a draft for an hour. */
export function draftInvoice(core: Core, draft: Draft): Invoice {
  const invoice = buildInvoice(core, draft);
  core.tables.invoices.put(invoice.id, invoice);
  useUp(core, invoice.total_discount_amounts ?? [], invoice.id);
  core.emit('invoice.created', invoice);
  return invoice;
}

/** The invoice as it would be, stored nowhere (a preview uses it as it is). */
export function buildInvoice(core: Core, draft: Draft): Invoice {
  const { subscription, reason } = draft;
  const customer = customerOf(core, subscription.customer ?? '');
  const id = draft.id ?? newId('in');
  const now = core.now();
  const discounted = discountLines(core, subscription, draft.lines);
  const lines = discounted.lines.map((line) => ({ ...line, invoice: id }));
  const subtotal = lines.reduce((sum, line) => sum + line.amount, 0);
  const total = subtotal - discounted.totals.reduce((sum, { amount }) => sum + amount, 0);
  // A credit balance is negative: it lowers what is due, and takes up what an invoice comes out below zero.
  // https://docs.stripe.com/billing/customer/balance
  const due = Math.max(0, total + customer.balance);
  const waits = reason === 'subscription_cycle' && subscription.status !== 'unpaid';
  return {
    id,
    object: 'invoice',
    account_country: 'US',
    account_name: 'Sandbox',
    account_tax_ids: null,
    amount_due: due,
    amount_overpaid: 0,
    amount_paid: 0,
    amount_remaining: due,
    amount_shipping: 0,
    application: null,
    attempt_count: 0,
    attempted: false,
    // "unpaid: subsequent invoices are generated and remain in draft" (smart retries, manage failed payments)
    auto_advance: subscription.status !== 'unpaid',
    automatic_tax: { disabled_reason: null, enabled: false, liability: null, provider: null, status: null },
    automatically_finalizes_at: waits ? now + HOUR : null,
    billing_reason: reason,
    collection_method: subscription.collection_method,
    created: now,
    currency: subscription.currency,
    custom_fields: null,
    customer: customer.id,
    customer_account: null,
    customer_address: customer.address ?? null,
    customer_email: customer.email,
    customer_name: customer.name ?? null,
    customer_phone: customer.phone ?? null,
    customer_shipping: null,
    customer_tax_exempt: customer.tax_exempt ?? null,
    customer_tax_ids: taxIdsOf(core, customer.id).map(({ type, value }) => ({ type, value })),
    default_payment_method: null,
    default_source: null,
    default_tax_rates: [],
    description: subscription.description,
    discounts: discounted.totals.map(({ discount }) => discount),
    due_date: null,
    effective_at: null,
    ending_balance: null,
    footer: null,
    from_invoice: null,
    issuer: { type: 'self' },
    last_finalization_error: null,
    latest_revision: null,
    lines: wholeList(lines, `/v1/invoices/${id}/lines`),
    livemode: false,
    metadata: {},
    next_payment_attempt: waits ? now + HOUR : null,
    number: null,
    on_behalf_of: null,
    parent: {
      quote_details: null,
      subscription_details: { metadata: subscription.metadata, subscription: subscription.id },
      type: 'subscription_details',
    },
    payment_settings: { default_mandate: null, payment_method_options: null, payment_method_types: null },
    // The period looked back on: for the first invoice a moment, for a renewal the period just over.
    period_end: now,
    period_start: reason === 'subscription_cycle' ? lastPeriodStart(core, subscription) : now,
    post_payment_credit_notes_amount: 0,
    pre_payment_credit_notes_amount: 0,
    receipt_number: null,
    rendering: null,
    shipping_cost: null,
    shipping_details: null,
    starting_balance: customer.balance,
    statement_descriptor: null,
    status: 'draft',
    status_transitions: { finalized_at: null, marked_uncollectible_at: null, paid_at: null, voided_at: null },
    subtotal,
    subtotal_excluding_tax: subtotal,
    test_clock: subscription.test_clock,
    total,
    total_discount_amounts: [...discounted.totals],
    total_excluding_tax: total,
    total_pretax_credit_amounts: [],
    total_taxes: [],
    webhooks_delivered_at: null,
  };
}

function lastPeriodStart(core: Core, subscription: Subscription): number {
  const last = subscription.latest_invoice
    ? core.tables.invoices.get(subscription.latest_invoice)
    : undefined;
  return last?.lines.data.find((line) => line.parent?.subscription_item_details)?.period.start ?? core.now();
}

/** Draft → open, with its number and address. */
export function finalizeInvoice(core: Core, invoice: Invoice): Invoice {
  const customer = customerOf(core, invoice.customer ?? '');
  const sequence = customer.next_invoice_sequence ?? 1;
  const balance = Math.min(0, invoice.total + customer.balance);
  const due = Math.max(0, invoice.total + customer.balance);
  change(core.tables.customers, customer, { next_invoice_sequence: sequence + 1, balance });
  const subscription = subscriptionOfInvoice(core, invoice);
  const sends = invoice.collection_method === 'send_invoice';
  const secret = `${invoice.id}_secret_${randomText(12)}`;
  const open = change(core.tables.invoices, invoice, {
    status: 'open',
    number: `${customer.invoice_prefix}-${String(sequence).padStart(4, '0')}`,
    automatically_finalizes_at: null,
    effective_at: core.now(),
    due_date: sends ? core.now() + (subscription?.days_until_due ?? 30) * DAY : null,
    starting_balance: customer.balance,
    ending_balance: balance,
    amount_due: due,
    amount_remaining: due,
    hosted_invoice_url: `${core.url()}/i/${ACCOUNT_ID}/${invoice.id}?s=${secret.slice(-12)}`,
    invoice_pdf: `${core.url()}/i/${ACCOUNT_ID}/${invoice.id}/pdf?s=${secret.slice(-12)}`,
    status_transitions: { ...invoice.status_transitions, finalized_at: core.now() },
  });
  core.emit('invoice.finalized', open);
  if (sends) core.emit('invoice.sent', open);
  return open;
}

export function voidInvoice(core: Core, invoice: Invoice): Invoice {
  // What it took of the balance goes back.
  const customer = customerOf(core, invoice.customer ?? '');
  const used = (invoice.ending_balance ?? invoice.starting_balance) - invoice.starting_balance;
  change(core.tables.customers, customer, { balance: customer.balance - used });
  const voided = update(core, core.tables.invoices, 'invoice.updated', invoice, {
    status: 'void',
    auto_advance: false,
    next_payment_attempt: null,
    status_transitions: { ...invoice.status_transitions, voided_at: core.now() },
  });
  core.emit('invoice.voided', voided);
  return voided;
}

export function subscriptionOfInvoice(core: Core, invoice: Invoice): Subscription | undefined {
  const id = invoice.parent?.subscription_details?.subscription;
  return id ? core.tables.subscriptions.get(id) : undefined;
}
