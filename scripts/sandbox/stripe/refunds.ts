/** Refunds, whole or in part. https://docs.stripe.com/api/refunds */
import type Stripe from 'stripe';
import type { Core } from './core.ts';
import { invalid, missing } from './errors.ts';
import { newId } from './ids.ts';
import { mergeMetadata } from './metadata.ts';
import { integer, map, text } from './params.ts';
import type { Plain, Refund } from './plain.ts';
import { update } from './update.ts';

export const REFUND = { amount: integer, charge: text, payment_intent: text, metadata: map, reason: text };

/** "A refund can fail if the customer's bank has been unable to process it." https://docs.stripe.com/refunds#failed-refunds */
export function failRefund(core: Core, refund: Refund): Refund {
  const failed = update(core, core.tables.refunds, 'refund.updated', refund, {
    status: 'failed',
    failure_reason: 'lost_or_stolen_card',
    failure_balance_transaction: newId('txn'),
  });
  core.emit('refund.failed', failed);
  const charge = core.tables.charges.get(failed.charge ?? '');
  if (charge)
    update(core, core.tables.charges, 'charge.updated', charge, {
      amount_refunded: charge.amount_refunded - failed.amount,
      refunded: false,
    });
  return failed;
}

/** @throws StripeFault `charge_already_refunded` and when more than is left is asked for */
export function createRefund(core: Core, params: Plain<Stripe.RefundCreateParams>): Refund {
  const chargeId =
    params.charge ?? core.tables.paymentIntents.get(params.payment_intent ?? '')?.latest_charge ?? '';
  const charge = core.tables.charges.get(chargeId);
  if (!charge?.paid) throw missing('charge', chargeId || String(params.payment_intent), 'charge');
  const left = charge.amount - charge.amount_refunded;
  const amount = params.amount ?? left;
  if (left === 0)
    throw invalid(`Charge ${charge.id} has already been refunded.`, { code: 'charge_already_refunded' });
  if (amount < 1 || amount > left) {
    throw invalid(`Refund amount (${amount}) is greater than unrefunded amount on charge (${left})`, {
      param: 'amount',
    });
  }
  const refund: Refund = {
    id: newId('re'),
    object: 'refund',
    amount,
    balance_transaction: newId('txn'),
    charge: charge.id,
    created: core.now(),
    currency: charge.currency,
    customer: charge.customer,
    customer_account: null,
    metadata: mergeMetadata(null, params.metadata),
    payment_intent: charge.payment_intent,
    payment_method: charge.payment_method,
    reason: params.reason ?? null,
    receipt_number: null,
    source_transfer_reversal: null,
    status: 'succeeded',
    transfer_reversal: null,
  };
  core.tables.refunds.put(refund.id, refund);
  core.emit('refund.created', refund);
  // Fires for a part too: `refunded` tells whether it was all, `amount_refunded` is the sum so far.
  update(core, core.tables.charges, 'charge.refunded', charge, {
    amount_refunded: charge.amount_refunded + amount,
    refunded: amount === left,
  });
  return refund;
}
