/** An organisation's invoices, page by page. */
import type { Sql } from '../../db/database.ts';

export interface AccountInvoice {
  readonly providerId: string;
  readonly subscriptionId: number | null;
  readonly number: string | null;
  readonly status: string;
  readonly currency: string;
  readonly amountDue: number;
  readonly amountPaid: number;
  readonly total: number;
  readonly hostedInvoiceUrl: string | null;
  readonly invoicePdf: string | null;
  readonly created: Date;
  readonly paidAt: Date | null;
}

export interface InvoicePage {
  readonly invoices: readonly AccountInvoice[];
  /** Where the next page begins; null: this was the last. */
  readonly nextCursor: string | null;
}

// Microseconds, so that no two rows of one millisecond are told apart wrongly; base64url keeps it opaque.
const CURSOR = /^(\d{1,17})\.([\w-]{1,100})$/;

/** What a cursor says; undefined: not one of ours. */
function readCursor(cursor: string): { micros: string; id: string } | undefined {
  const match = CURSOR.exec(Buffer.from(cursor, 'base64url').toString());
  return match === null ? undefined : { micros: match[1]!, id: match[2]! };
}

/**
 * Newest first; drafts are no invoices yet.
 * @returns undefined: the cursor is not one of ours
 */
export async function invoicesOf(
  sql: Sql,
  organisationId: number,
  page: { limit: number; cursor?: string | undefined; subscriptionId?: number | undefined },
): Promise<InvoicePage | undefined> {
  const from = page.cursor === undefined ? undefined : readCursor(page.cursor);
  if (page.cursor !== undefined && from === undefined) return undefined;
  const { rows } = await sql.query<AccountInvoice & { micros: string }>(
    `select i.provider_id as "providerId", i.subscription_id as "subscriptionId", i.number, i.status, i.currency,
            i.amount_due as "amountDue", i.amount_paid as "amountPaid", i.total,
            i.hosted_invoice_url as "hostedInvoiceUrl", i.invoice_pdf as "invoicePdf", i.created,
            i.paid_at as "paidAt", (extract(epoch from i.created) * 1000000)::bigint::text as micros
       from invoices i join customers c on c.id = i.customer_id
      where c.organisation_id = $1 and i.status <> 'draft'
        and ($2::bigint is null or i.subscription_id = $2)
        and ($3::text is null
             or ((extract(epoch from i.created) * 1000000)::bigint, i.provider_id) < ($3::bigint, $4::text))
      order by i.created desc, i.provider_id desc limit $5`,
    [organisationId, page.subscriptionId ?? null, from?.micros ?? null, from?.id ?? null, page.limit + 1],
  );
  const shown = rows.slice(0, page.limit);
  const last = shown.at(-1);
  return {
    invoices: shown.map(({ micros: _, ...invoice }) => invoice),
    nextCursor:
      rows.length > page.limit && last !== undefined
        ? Buffer.from(`${last.micros}.${last.providerId}`).toString('base64url')
        : null,
  };
}
