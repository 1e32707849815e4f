/** A customer, or staff for them, has an open invoice tried again at once, before the provider's own next attempt. */
import { createHash } from 'node:crypto';
import type { Database } from '../../db/database.ts';
import { asConnectorError, ConnectorError } from '../../errors.ts';
import { answeredForGood } from '../session.ts';

export interface InvoicePayments {
  /**
   * @param input.paymentMethod null: the invoice's, the subscription's or the customer's default
   * @throws ConnectorError permanent `stripe_card` and others of the adapter
   */
  pay(
    input: { invoiceId: string; paymentMethod: string | null },
    idempotencyKey: string,
  ): Promise<{ status: string }>;
}

export interface PayInvoiceDeps {
  readonly db: Database;
  readonly payments: InvoicePayments;
  /** Our database's uuid: two installations on one account never share an idempotency key. */
  readonly installation: string;
  /** Asks for the customer's present state in its lane; called whatever became of the payment. */
  readonly syncNow: (customerId: string) => Promise<void>;
}

interface OpenInvoice {
  readonly customerId: string;
  readonly status: string;
  readonly attempt: number;
  readonly hostedInvoiceUrl: string | null;
}

/**
 * One that is paid already is no error. `open` afterwards: the money is on its way (a bank debit).
 * @param input.customerId whose it must be; left out for staff
 * @throws ConnectorError absent `invoice_not_found` (another customer's too), conflict `invoice_not_open`,
 *   permanent `payment_declined`, permanent `payment_action_required` (details: `hostedInvoiceUrl`), the provider's
 */
export async function payInvoice(
  deps: PayInvoiceDeps,
  input: { invoiceId: string; customerId?: string; paymentMethod?: string },
): Promise<{ status: string }> {
  const { invoiceId } = input;
  const invoice = await readInvoice(deps.db, invoiceId);
  if (invoice === undefined || (input.customerId ?? invoice.customerId) !== invoice.customerId)
    throw invoiceNotFound(invoiceId);
  if (invoice.status === 'paid') return { status: 'paid' };
  if (invoice.status !== 'open' && invoice.status !== 'uncollectible')
    throw invoiceNotOpen(invoiceId, invoice.status);
  const paymentMethod = input.paymentMethod ?? null;
  const hash = createHash('sha256').update(JSON.stringify({ paymentMethod })).digest('hex').slice(0, 32);
  const key = ['pay_invoice', deps.installation, invoiceId, invoice.attempt, hash].join('_');
  let answered = true;
  try {
    return await deps.payments.pay({ invoiceId, paymentMethod }, key);
  } catch (thrown) {
    const error = asConnectorError(thrown);
    answered = answeredForGood(error);
    if (error.details?.stripeCode === 'invoice_already_paid') return { status: 'paid' };
    throw asAnswer(error, invoice);
  } finally {
    // Stripe repeats its answer to the same key, a decline too: the next try needs another one.
    if (answered) {
      await deps.db.query(
        'update invoices set pay_attempt = pay_attempt + 1 where provider_id = $1 and pay_attempt = $2',
        [invoiceId, invoice.attempt],
      );
    }
    await deps.syncNow(invoice.customerId);
  }
}

async function readInvoice(db: Database, invoiceId: string): Promise<OpenInvoice | undefined> {
  const { rows } = await db.query<OpenInvoice>(
    `select customer_id as "customerId", status, pay_attempt as attempt, hosted_invoice_url as "hostedInvoiceUrl"
       from invoices where provider_id = $1`,
    [invoiceId],
  );
  return rows[0];
}

// https://docs.stripe.com/error-codes
const ASKS_CUSTOMER: ReadonlySet<unknown> = new Set([
  'invoice_payment_intent_requires_action',
  'authentication_required',
]);

function asAnswer(error: ConnectorError, { hostedInvoiceUrl }: OpenInvoice): ConnectorError {
  if (ASKS_CUSTOMER.has(error.details?.stripeCode)) {
    return new ConnectorError({
      kind: 'permanent',
      code: 'payment_action_required',
      message: 'The bank asks the customer to confirm this payment.',
      advice: 'Open the invoice’s page, its hosted_url, and confirm there.',
      details: { hostedInvoiceUrl },
      cause: error,
    });
  }
  if (error.code !== 'stripe_card') return error;
  return new ConnectorError({
    kind: 'permanent',
    code: 'payment_declined',
    message: 'The payment was declined.',
    advice: 'Use another card: at the invoice’s page, its hosted_url, or on the billing page.',
    details: { hostedInvoiceUrl },
    cause: error,
  });
}

const invoiceNotFound = (invoiceId: string) =>
  new ConnectorError({
    kind: 'absent',
    code: 'invoice_not_found',
    message: `There is no invoice ${invoiceId}.`,
    advice: 'List the invoices; one that is new at Stripe is here after its customer’s next sync.',
  });

const invoiceNotOpen = (invoiceId: string, status: string) =>
  new ConnectorError({
    kind: 'conflict',
    code: 'invoice_not_open',
    message: `Invoice ${invoiceId} is ${status}: there is nothing to pay.`,
    advice: 'Only an open invoice, or one written off, can be paid.',
  });
