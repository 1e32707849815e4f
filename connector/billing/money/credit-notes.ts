/** Records credit notes: an invoice is worth less from then on; what is still due follows with the invoice itself. */
import type { Tx } from '../../db/database.ts';
import type { CreditNoteFact } from './money-facts.ts';

export async function recordCreditNote(
  tx: Tx,
  { customerId, note }: { customerId: string; note: CreditNoteFact },
): Promise<void> {
  await tx.query(
    `insert into credit_notes (provider_id, customer_id, invoice_id, number, status, currency, amount, reason, pdf, created)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
     on conflict (provider_id) do update set status = excluded.status`,
    [
      note.providerId,
      customerId,
      note.invoiceId,
      note.number,
      note.status,
      note.currency,
      note.amount,
      note.reason,
      note.pdf,
      note.created,
    ],
  );
}
