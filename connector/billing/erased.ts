/** What the provider's records name people by, for an erased organisation: emptied again whenever a sync has written it. */
import type { Sql } from '../db/database.ts';

/** SQL with a Stripe customer's id, as an expression: what is said of it, the table, what is set (null: deleted), which rows. */
export interface ProviderPlace {
  readonly what: string;
  readonly table: string;
  readonly set: string | null;
  readonly where: string;
}

/** Events arrive after an erasure too: the one that tells of the deleted customer holds all of it. */
export const providerPlaces = (customer: string): readonly ProviderPlace[] => [
  {
    what: 'events',
    table: 'events',
    set: "payload = '{}'",
    where: `payload <> '{}' and (customer = ${customer} or position(${customer} in payload::text) > 0)`,
  },
  {
    what: 'invoices (number, dates and amounts stay)',
    table: 'invoices',
    set: 'hosted_invoice_url = null, invoice_pdf = null',
    where: `customer_id = ${customer} and (hosted_invoice_url is not null or invoice_pdf is not null)`,
  },
  {
    what: 'credit notes (number and amount stay)',
    table: 'credit_notes',
    set: 'pdf = null',
    where: `customer_id = ${customer} and pdf is not null`,
  },
  { what: 'payment methods', table: 'payment_methods', set: null, where: `customer_id = ${customer}` },
  {
    what: 'Stripe customer',
    table: 'customers',
    set: 'name = null, email = null',
    where: `id = ${customer} and (name is not null or email is not null)`,
  },
];

/** Last in the transaction of a sync. */
export async function forgetAgain(sql: Sql, customerId: string): Promise<void> {
  for (const { table, set, where } of providerPlaces('$1::text'))
    await sql.query(
      set === null ? `delete from ${table} where ${where}` : `update ${table} set ${set} where ${where}`,
      [customerId],
    );
}
