/** Disputes. https://docs.stripe.com/disputes/how-disputes-work and /api/disputes */
import type { Core } from './core.ts';
import { newId } from './ids.ts';
import { DAY } from './periods.ts';
import type { Charge, Dispute } from './plain.ts';
import { change, update } from './update.ts';

// "you typically have 7 to 21 days to respond"; Stripe's fee for one is 15.00 of the account's currency.
const DAYS_TO_ANSWER = 7;
const FEE = 1_500;

/**
 * "Funds are withdrawn … immediately": the event comes right after the dispute's own. An inquiry only asks:
 * https://docs.stripe.com/disputes/how-disputes-work#inquiries
 */
export function openDispute(core: Core, charge: Charge, reason: string, inquiry = false): Dispute {
  const dispute: Dispute = {
    id: newId('du'),
    object: 'dispute',
    amount: charge.amount,
    balance_transactions: [],
    charge: charge.id,
    created: core.now(),
    currency: charge.currency,
    enhanced_eligibility_types: [],
    evidence: {} as Dispute['evidence'],
    evidence_details: {
      due_by: core.now() + DAYS_TO_ANSWER * DAY,
      enhanced_eligibility: {},
      has_evidence: false,
      past_due: false,
      submission_count: 0,
      submission_method: 'not_submitted' as Dispute['evidence_details']['submission_method'],
    },
    intended_submission_method: null,
    is_charge_refundable: inquiry,
    livemode: false,
    metadata: {},
    payment_intent: charge.payment_intent,
    reason,
    status: inquiry ? 'warning_needs_response' : 'needs_response',
  };
  core.tables.disputes.put(dispute.id, dispute);
  change(core.tables.charges, charge, { disputed: true });
  core.emit('charge.dispute.created', dispute);
  return inquiry ? dispute : withdraw(core, dispute);
}

function withdraw(core: Core, dispute: Dispute): Dispute {
  const withdrawn = change(core.tables.disputes, dispute, {
    balance_transactions: [movement(core, dispute, -1)],
  });
  core.emit('charge.dispute.funds_withdrawn', withdrawn);
  return withdrawn;
}

/** The bank was not content with an inquiry's answer: the same dispute goes on as a chargeback, with a day of its own. */
export function escalateDispute(core: Core, dispute: Dispute): Dispute {
  const escalated = update(core, core.tables.disputes, 'charge.dispute.updated', dispute, {
    status: 'needs_response',
    is_charge_refundable: false,
    evidence_details: { ...dispute.evidence_details, due_by: core.now() + 2 * DAYS_TO_ANSWER * DAY },
  });
  return withdraw(core, escalated);
}

/** A lost one is contested once more (`appeal_needs_response`, API 2026-10-28.endive). */
export function appealDispute(core: Core, dispute: Dispute): Dispute {
  return update(core, core.tables.disputes, 'charge.dispute.updated', dispute, {
    status: 'appeal_needs_response',
    evidence_details: { ...dispute.evidence_details, due_by: core.now() + 2 * DAYS_TO_ANSWER * DAY },
  });
}

/** "If you win, the funds … are returned". */
export function closeDispute(core: Core, dispute: Dispute, status: 'won' | 'lost'): Dispute {
  const updated = update(core, core.tables.disputes, 'charge.dispute.updated', dispute, {
    status,
    ...(status === 'won' && {
      balance_transactions: [...dispute.balance_transactions, movement(core, dispute, 1)],
    }),
  });
  if (status === 'won') core.emit('charge.dispute.funds_reinstated', updated);
  core.emit('charge.dispute.closed', updated);
  return updated;
}

function movement(core: Core, dispute: Dispute, sign: 1 | -1): Dispute['balance_transactions'][number] {
  return {
    id: newId('txn'),
    object: 'balance_transaction',
    amount: sign * dispute.amount,
    available_on: core.now(),
    balance_type: 'payments' as never,
    created: core.now(),
    currency: dispute.currency,
    description: null,
    exchange_rate: null,
    fee: FEE,
    fee_details: [],
    net: sign * dispute.amount - FEE,
    reporting_category: 'dispute',
    source: dispute.id,
    status: 'available',
    type: 'adjustment',
  };
}
