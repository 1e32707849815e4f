/** Our rows of what pays a customer's invoices, and of the cards it is charged to. */
import type { Tx } from '../db/database.ts';
import type { CustomerFact, InvoiceFact, PaymentMethodFact, SubscriptionFact } from './facts.ts';

export async function writePayments(
  tx: Tx,
  input: { customerId: string; invoices: readonly InvoiceFact[] },
): Promise<void> {
  const payments = input.invoices.flatMap((invoice) =>
    invoice.payments.map((payment) => ({ ...payment, invoiceId: invoice.providerId })),
  );
  if (payments.length === 0) return;
  await tx.query(
    `insert into payments (provider_id, customer_id, invoice_id, payment_intent, status, currency, amount, amount_paid,
       created, paid_at)
     select p."providerId", $1, p."invoiceId", p."paymentIntent", p.status, p.currency, p.amount, p."amountPaid",
       p.created, p."paidAt"
     from jsonb_to_recordset($2::jsonb) as p("providerId" text, "invoiceId" text, "paymentIntent" text, status text,
       currency text, amount bigint, "amountPaid" bigint, created timestamptz, "paidAt" timestamptz)
     on conflict (provider_id) do update set payment_intent = excluded.payment_intent, status = excluded.status,
       amount = excluded.amount, amount_paid = excluded.amount_paid, paid_at = excluded.paid_at`,
    [input.customerId, JSON.stringify(payments)],
  );
}

/** The customer's default and each subscription's own, as they are now; what is in use no longer is forgotten. */
export async function writePaymentMethods(
  tx: Tx,
  input: {
    customerId: string;
    customer: CustomerFact | null;
    subscriptions: readonly SubscriptionFact[];
  },
): Promise<void> {
  const inUse = [
    { of: '', method: input.customer?.paymentMethod },
    ...input.subscriptions
      .filter(({ endedAt }) => endedAt === null)
      .map((each) => ({ of: each.providerId, method: each.paymentMethod })),
  ].filter((each): each is { of: string; method: PaymentMethodFact } => each.method != null);
  await tx.query(
    `delete from payment_methods where customer_id = $1 and not subscription_provider_id = any($2::text[])`,
    [input.customerId, inUse.map(({ of }) => of)],
  );
  if (inUse.length === 0) return;
  await tx.query(
    `insert into payment_methods (customer_id, provider_id, kind, brand, last4, exp_month, exp_year, subscription_provider_id)
     select $1, m."providerId", m.kind, m.brand, m.last4, m."expMonth", m."expYear", m.of
     from jsonb_to_recordset($2::jsonb) as m("providerId" text, kind text, brand text, last4 text, "expMonth" int,
       "expYear" int, of text)
     on conflict (customer_id, subscription_provider_id) do update set provider_id = excluded.provider_id,
       kind = excluded.kind, brand = excluded.brand, last4 = excluded.last4, exp_month = excluded.exp_month,
       exp_year = excluded.exp_year`,
    [input.customerId, JSON.stringify(inUse.map(({ of, method }) => ({ ...method, of })))],
  );
}
