/** Records refunds, whole or in part; staff read of each in the ERP, and again if the bank sends it back. */
import type { Tx } from '../../db/database.ts';
import { type AfterCommit, type OnTransition, recordTransition } from '../transitions.ts';
import type { RefundFact } from './money-facts.ts';
import { type PaidFor, tellsPayment } from './paid-for.ts';

const FAILED: ReadonlySet<string> = new Set(['failed', 'canceled']);

export async function recordRefund(
  tx: Tx,
  input: { customerId: string; refund: RefundFact; paidFor: PaidFor; onTransition: OnTransition },
): Promise<readonly AfterCommit[]> {
  const { customerId, refund, paidFor } = input;
  await tx.query(
    `insert into refunds (provider_id, customer_id, subscription_id, invoice_id, charge, payment_intent, currency, amount,
       status, reason, failure_reason, created) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
     on conflict (provider_id) do update set status = excluded.status, failure_reason = excluded.failure_reason,
       subscription_id = excluded.subscription_id, invoice_id = excluded.invoice_id`,
    [
      refund.providerId,
      customerId,
      paidFor.subscriptionId,
      paidFor.invoiceId,
      refund.charge,
      refund.paymentIntent,
      refund.currency,
      refund.amount,
      refund.status,
      refund.reason,
      refund.failureReason,
      refund.created,
    ],
  );
  await tellsPayment(tx, refund);
  const failed = FAILED.has(refund.status);
  if (paidFor.tellOn === null) return [];
  // The row is unique per refund and kind: what was pending and then arrived is told once.
  const wake = await recordTransition(
    tx,
    {
      subscriptionId: paidFor.tellOn,
      kind: failed ? 'refund_failed' : 'refunded',
      fact: refund.providerId,
      data: { ...refund, refund: refund.providerId, invoice: paidFor.invoiceId },
    },
    input.onTransition,
  );
  return wake === undefined ? [] : [wake];
}
