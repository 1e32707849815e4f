/** What a payment paid for: its invoice, and that invoice's subscription. */
import type { Sql, Tx } from '../../db/database.ts';

export interface PaidFor {
  readonly invoiceId: string | null;
  /** Of one of our plans; null: none stands behind it. */
  readonly subscriptionId: number | null;
}

/** The invoices of payments we have mirrored. */
export async function invoicesOf(
  sql: Sql,
  paymentIntents: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const { rows } = await sql.query<{ intent: string; invoice: string }>(
    'select payment_intent as intent, invoice_id as invoice from payments where payment_intent = any($1::text[])',
    [paymentIntents],
  );
  return new Map(rows.map((row) => [row.intent, row.invoice]));
}

export async function paidFor(tx: Tx, invoiceId: string | null): Promise<PaidFor> {
  const { rows } = await tx.query<{ id: number }>(
    `select s.id from invoices i join subscriptions s on s.id = i.subscription_id
      where i.provider_id = $1 and s.plan_key is not null`,
    [invoiceId],
  );
  return { invoiceId, subscriptionId: rows[0]?.id ?? null };
}

/** An invoice's payment names no charge; a refund or a dispute of it does. */
export async function tellsPayment(
  tx: Tx,
  { charge, paymentIntent }: { charge: string | null; paymentIntent: string | null },
): Promise<void> {
  await tx.query('update payments set charge = $1 where payment_intent = $2 and charge is null', [
    charge,
    paymentIntent,
  ]);
}
