/** What follows money that failed, came after all, was given back or is disputed: in the transaction that recorded it. */

import { beginDunning } from '../billing/dunning/begin.ts';
import type { DunningPolicy } from '../billing/dunning/policy.ts';
import { endDunning, settleTrouble } from '../billing/dunning/settle.ts';
import { askStaff } from '../billing/money/ask-staff.ts';
import { type DisputeStage, disputeAbout } from '../billing/money/disputes.ts';
import type { AfterCommit, OnTransition, Transition } from '../billing/transitions.ts';
import type { Tx } from '../db/database.ts';
import { formatMoney } from '../stripe-money.ts';

export interface MoneyDeps {
  readonly policy: DunningPolicy;
  readonly now: () => Date;
  readonly onTransition: OnTransition;
  /** The invoice or the dispute whose steps are due. */
  readonly wakeDunning: (about: string) => void;
}

type MoneyKind =
  | 'payment_failed'
  | 'payment_action_required'
  | 'payment_recovered'
  | 'refunded'
  | 'refund_failed'
  | 'disputed'
  | 'dispute_closed';

type MoneyEffect = (deps: MoneyDeps, tx: Tx, transition: Transition) => Promise<AfterCommit | undefined>;

const failed: MoneyEffect = async (deps, tx, transition) => {
  await beginDunning(tx, { policy: deps.policy, now: deps.now() }, transition);
  return () => deps.wakeDunning(String(transition.data.invoice));
};

export const MONEY_EFFECTS: Readonly<Record<MoneyKind, MoneyEffect>> = {
  payment_failed: failed,
  payment_action_required: failed,

  async payment_recovered(deps, tx, { subscriptionId, data }) {
    const about = String(data.invoice);
    const how = data.how === 'paid' ? { why: 'recovered', mail: 'recovered' } : { why: 'forgiven' };
    const wakes = await settleTrouble(tx, at(deps), { subscriptionId, about, ...how });
    return all([...wakes, () => deps.wakeDunning(about)]);
  },

  async disputed(deps, tx, { subscriptionId, fact: about, data }) {
    const { activity, suspend } = deps.policy.disputes;
    const stage = data.stage as DisputeStage;
    const id = String(data.dispute);
    // What came before is done: the bank's question once it is a chargeback, that once it was lost and is appealed.
    const keepSuspended = deps.policy.disputes.afterLost === 'keep';
    const settled = await settleStages(deps, tx, {
      subscriptionId,
      id,
      stages: BEFORE[stage],
      why: 'escalated',
      keepSuspended,
    });
    await askStaff(tx, {
      subscriptionId,
      about,
      name: 'disputed',
      activity,
      matter: matterOf(stage === 'chargeback' ? 'dispute' : `${stage} of dispute`, id, data),
      // A question takes nothing back yet, an appeal nothing more.
      ...(suspend !== 'never' && stage === 'chargeback' && { suspend }),
      deadline: data.evidenceDueBy === null ? null : String(data.evidenceDueBy),
      now: deps.now(),
    });
    return all([...settled, () => deps.wakeDunning(about)]);
  },

  async dispute_closed(deps, tx, { subscriptionId, data }) {
    const keepSuspended = data.status === 'lost' && deps.policy.disputes.afterLost === 'keep';
    const stages = [...BEFORE.appeal, 'appeal'] as const;
    const id = String(data.dispute);
    const why = `dispute_${String(data.status)}`;
    return all(await settleStages(deps, tx, { subscriptionId, id, stages, why, keepSuspended }));
  },

  // Money given back takes nothing away by itself: staff who refund also cancel, or do not.
  refunded: (deps, tx, transition) => taskOf(deps, tx, transition, 'made'),

  async refund_failed(deps, tx, transition) {
    const { subscriptionId, fact: about } = transition;
    await settleTrouble(tx, at(deps), { subscriptionId, about, why: 'not_refunded' });
    return taskOf(deps, tx, transition, 'failed');
  },
};

const BEFORE: Readonly<Record<DisputeStage, readonly DisputeStage[]>> = {
  inquiry: [],
  chargeback: ['inquiry'],
  appeal: ['inquiry', 'chargeback'],
};

/** Of those stages that there were. */
async function settleStages(
  deps: MoneyDeps,
  tx: Tx,
  input: {
    subscriptionId: number;
    id: string;
    stages: readonly DisputeStage[];
    why: string;
    keepSuspended: boolean;
  },
): Promise<AfterCommit[]> {
  const { subscriptionId, id, stages, why, keepSuspended } = input;
  const abouts = stages.map((stage) => disputeAbout(id, stage));
  const { rows } = await tx.query<{ about: string }>(
    'select distinct about from dunning_steps where subscription_id = $1 and about = any($2::text[])',
    [subscriptionId, abouts],
  );
  const wakes: AfterCommit[] = [];
  for (const { about } of rows) {
    wakes.push(...(await settleTrouble(tx, at(deps), { subscriptionId, about, why, keepSuspended })));
    wakes.push(() => deps.wakeDunning(about));
  }
  return wakes;
}

async function taskOf(
  deps: MoneyDeps,
  tx: Tx,
  { subscriptionId, kind, fact, data }: Transition,
  which: 'made' | 'failed',
): Promise<AfterCommit> {
  const activity = deps.policy.refunds[which];
  const matter = matterOf('refund', fact, data);
  if (activity !== undefined)
    await askStaff(tx, { subscriptionId, about: fact, name: kind, activity, matter, now: deps.now() });
  return () => deps.wakeDunning(fact);
}

/** e.g. `refund re_1 of $10.00, invoice in_1` */
function matterOf(what: string, id: string, data: Transition['data']): string {
  const amount = formatMoney(Number(data.amount), String(data.currency), { locale: 'en' });
  return `${what} ${id} of ${amount}${typeof data.invoice === 'string' ? `, invoice ${data.invoice}` : ''}`;
}

/** Somebody who left hears nothing more about what is unpaid. */
export function endMoneyTrouble(deps: MoneyDeps, tx: Tx, subscriptionId: number): Promise<void> {
  return endDunning(tx, { subscriptionId, now: deps.now() });
}

const at = ({ now, onTransition }: MoneyDeps) => ({ now: now(), onTransition });

const all = (wakes: readonly AfterCommit[]) => () => {
  for (const wake of wakes) wake();
};
