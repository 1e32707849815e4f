/** Records disputes: money taken back by the cardholder's bank until it has decided on our evidence. */
import type { Tx } from '../../db/database.ts';
import { type AfterCommit, type OnTransition, recordTransition } from '../transitions.ts';
import type { DisputeFact } from './money-facts.ts';
import { type PaidFor, tellsPayment } from './paid-for.ts';

// https://docs.stripe.com/api/disputes/object#dispute_object-status; an unknown one is taken for open.
const CLOSED: ReadonlySet<string> = new Set(['won', 'lost', 'warning_closed', 'prevented']);

export async function recordDispute(
  tx: Tx,
  input: { customerId: string; dispute: DisputeFact; paidFor: PaidFor; onTransition: OnTransition },
): Promise<readonly AfterCommit[]> {
  const { customerId, dispute, paidFor } = input;
  await tx.query(
    `insert into disputes (provider_id, customer_id, subscription_id, invoice_id, charge, payment_intent, currency, amount,
       status, reason, evidence_due_by, funds_withdrawn, created)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
     on conflict (provider_id) do update set status = excluded.status, amount = excluded.amount,
       evidence_due_by = excluded.evidence_due_by, funds_withdrawn = excluded.funds_withdrawn,
       subscription_id = excluded.subscription_id, invoice_id = excluded.invoice_id`,
    [
      dispute.providerId,
      customerId,
      paidFor.subscriptionId,
      paidFor.invoiceId,
      dispute.charge,
      dispute.paymentIntent,
      dispute.currency,
      dispute.amount,
      dispute.status,
      dispute.reason,
      dispute.evidenceDueBy,
      dispute.fundsWithdrawn,
      dispute.created,
    ],
  );
  await tellsPayment(tx, dispute);
  if (paidFor.tellOn === null) return [];
  // The row is unique per dispute and kind: an update between the two says nothing new.
  const wake = await recordTransition(
    tx,
    {
      subscriptionId: paidFor.tellOn,
      kind: CLOSED.has(dispute.status) ? 'dispute_closed' : 'disputed',
      fact: dispute.providerId,
      data: {
        ...dispute,
        dispute: dispute.providerId,
        invoice: paidFor.invoiceId,
        evidenceDueBy: dispute.evidenceDueBy?.toISOString() ?? null,
      },
    },
    input.onTransition,
  );
  return wake === undefined ? [] : [wake];
}
