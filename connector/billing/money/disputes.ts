/** Records disputes: money taken back by the cardholder's bank until it has decided on our evidence. */
import type { Tx } from '../../db/database.ts';
import { type AfterCommit, type OnTransition, recordTransition } from '../transitions.ts';
import type { DisputeFact } from './money-facts.ts';
import { type PaidFor, tellsPayment } from './paid-for.ts';

// https://docs.stripe.com/api/disputes/object#dispute_object-status; an unknown one is taken for open.
const CLOSED: ReadonlySet<string> = new Set(['won', 'lost', 'warning_closed', 'prevented']);

/** Of one dispute: a question of the bank's, the chargeback, our appeal. Each has its own day for evidence. */
export type DisputeStage = 'inquiry' | 'chargeback' | 'appeal';

const stageOf = (status: string): DisputeStage =>
  status.startsWith('warning_') ? 'inquiry' : status.startsWith('appeal_') ? 'appeal' : 'chargeback';

/** What the steps of that stage are about. */
export const disputeAbout = (id: string, stage: DisputeStage): string =>
  stage === 'chargeback' ? id : `${id}_${stage}`;

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
  // Unique per stage, and per outcome: an update in between says nothing new, a lost one may yet be won on appeal.
  const closed = CLOSED.has(dispute.status);
  const stage = stageOf(dispute.status);
  const wake = await recordTransition(
    tx,
    {
      subscriptionId: paidFor.tellOn,
      kind: closed ? 'dispute_closed' : 'disputed',
      fact: closed ? `${dispute.providerId}_${dispute.status}` : disputeAbout(dispute.providerId, stage),
      data: {
        ...dispute,
        stage,
        dispute: dispute.providerId,
        invoice: paidFor.invoiceId,
        evidenceDueBy: dispute.evidenceDueBy?.toISOString() ?? null,
      },
    },
    input.onTransition,
  );
  return wake === undefined ? [] : [wake];
}
