/** What a payment paid for: its invoice, and that invoice's subscription. */
import type { Sql, Tx } from '../../db/database.ts';

export interface PaidFor {
  readonly invoiceId: string | null;
  /** Of one of our plans; null: none stands behind it. */
  readonly subscriptionId: number | null;
  /**
   * Where staff hear of it: that subscription; where none at all stands behind it (an invoice made by hand, a payment
   * without one), the customer's newest of one of our plans.
   */
  readonly tellOn: number | null;
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

export async function paidFor(
  tx: Tx,
  { customerId, invoiceId }: { customerId: string; invoiceId: string | null },
): Promise<PaidFor> {
  const { rows } = await tx.query<{ id: number; isOurs: boolean }>(
    `select s.id, s.plan_key is not null as "isOurs" from invoices i join subscriptions s on s.id = i.subscription_id
      where i.provider_id = $1`,
    [invoiceId],
  );
  const behind = rows[0];
  if (behind === undefined) return { invoiceId, subscriptionId: null, tellOn: await newest(tx, customerId) };
  const subscriptionId = behind.isOurs ? behind.id : null;
  return { invoiceId, subscriptionId, tellOn: subscriptionId };
}

async function newest(tx: Tx, customerId: string): Promise<number | null> {
  const { rows } = await tx.query<{ id: number }>(
    `select id from subscriptions where customer_id = $1 and plan_key is not null
      order by ended_at is not null, created desc limit 1`,
    [customerId],
  );
  return rows[0]?.id ?? null;
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
