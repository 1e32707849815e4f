/** Who listens to which transition: what each starts, in the transaction that recorded it. */
import type { DunningPolicy } from '../billing/dunning/policy.ts';
import type { OnOrder } from '../billing/order-stage.ts';
import { readSubscription } from '../billing/read-subscription.ts';
import { moveAccess } from '../billing/states.ts';
import type { AfterCommit, OnTransition, Transition } from '../billing/transitions.ts';
import type { Crm } from '../crm/crm.ts';
import { wantOpportunity } from '../crm/opportunity-rows.ts';
import { type StorySetting, tell } from '../crm/story.ts';
import type { Tx } from '../db/database.ts';
import type { Log } from '../log.ts';
import type { OnRunDone, OnRunStopped } from '../provisioning/execute-run.ts';
import { requestRun, supersedeRuns } from '../provisioning/gate.ts';
import { lifecycleNote } from '../provisioning/lifecycle/note.ts';
import { recoveredNote, stoppedNote } from '../provisioning/run-notes.ts';
import {
  accessAfter,
  beginAccess,
  endAccess,
  followPlan,
  followSuspension,
  type LifecycleDeps,
} from './lifecycle-effects.ts';
import { endMoneyTrouble, MONEY_EFFECTS, type MoneyDeps } from './money-effects.ts';

interface EffectDeps extends LifecycleDeps {
  readonly crm: Pick<Crm, 'mirrorSubscription' | 'leaveNotes'>;
  readonly story: StorySetting;
  /** What is done about unpaid and disputed money. */
  readonly policy: DunningPolicy;
  readonly wakeDunning: (about: string) => void;
  readonly now: () => Date;
  readonly log: Log;
  readonly wakeRun: (runId: string) => void;
  readonly wakeOutbox: () => void;
  readonly tellStaff: () => void;
}

type Effect = (deps: EffectDeps & MoneyDeps, tx: Tx, transition: Transition) => ReturnType<OnTransition>;

const EFFECTS: Readonly<Record<Transition['kind'], Effect>> = {
  async paid(deps, tx, { id, subscriptionId, data }) {
    await markPaid(tx, { subscriptionId, trial: data.trial === true, now: deps.now() });
    await moveAccess(tx, { subscriptionId, to: 'provisioning' });
    return beginAccess(deps, tx, { id, subscriptionId });
  },

  async won(deps, tx, { id, subscriptionId, data }) {
    // Money that came with the first payment is in the sale the provisioning run reads; later money needs its own run.
    if (await cameWithFirstPayment(tx, subscriptionId, data.invoice)) return;
    const runId = await requestRun(tx, { kind: 'win', subscriptionId, transitionId: id });
    return () => deps.wakeRun(runId);
  },

  async ended(deps, tx, transition) {
    const { subscriptionId } = transition;
    await supersedeRuns(tx, { subscriptionId });
    await endMoneyTrouble(deps, tx, subscriptionId);
    return endAccess(deps, tx, transition);
  },

  async changed(deps, tx, { subscriptionId }) {
    await mirror(deps, tx, subscriptionId);
    return deps.wakeOutbox;
  },

  async unordered(deps, _tx, { subscriptionId, fact }) {
    deps.log.warn(
      { subscriptionId, subscription: fact },
      'a subscription of our plans without an order: staff are asked, nothing is provisioned',
    );
    return deps.tellStaff;
  },

  // Mirrored with the invoice and the subscription; nothing more hangs on these.
  async renewed() {},
  plan_changed: followPlan,
  quantity_changed: followPlan,
  async interval_changed() {},
  async addons_changed() {},
  async change_scheduled() {},
  async change_revoked() {},
  async cancel_scheduled() {},
  async cancel_revoked() {},
  async paused() {},
  async resumed() {},
  async trial_will_end() {},

  ...MONEY_EFFECTS,
  suspended: accessChanged,
  unsuspended: accessChanged,
};

const PIPELINE = { open: 'open', abandoned: 'abandoned', forgotten: 'lost' } as const;

/** What an unpaid order's stage means for its opportunity. */
export function createOnOrder(deps: { now: () => Date; wakePipeline: () => void }): OnOrder {
  return async (tx, { orderId, stage }) => {
    await wantOpportunity(tx, { orderId, stage: PIPELINE[stage], now: deps.now() });
    return deps.wakePipeline;
  };
}

export function createEffects(deps: EffectDeps): {
  onTransition: OnTransition;
  onRunDone: OnRunDone;
  onRunStopped: OnRunStopped;
} {
  const onTransition: OnTransition = async (tx, transition) => {
    const after = await EFFECTS[transition.kind]({ ...deps, onTransition }, tx, transition);
    const note = await tell(tx, deps.story, transition);
    if (note === undefined) return after;
    await deps.crm.leaveNotes(tx, note);
    return () => {
      after?.();
      deps.wakeOutbox();
    };
  };
  return {
    onTransition,
    async onRunStopped(tx, run, cause) {
      await deps.crm.leaveNotes(tx, await stoppedNote(tx, run, cause));
      return () => {
        deps.wakeOutbox();
        deps.tellStaff();
      };
    },
    async onRunDone(tx, run) {
      const recovered = await recoveredNote(tx, run);
      if (recovered !== undefined) await deps.crm.leaveNotes(tx, recovered);
      const note = await lifecycleNote(tx, run);
      if (note !== undefined) await deps.crm.leaveNotes(tx, note);
      if (await accessAfter(deps, tx, run)) await mirror(deps, tx, run.subscriptionId);
      return () => {
        deps.wakeOutbox();
        deps.tellStaff();
      };
    },
  };
}

/** Access is another now: the ERP shows it. */
async function accessChanged(deps: EffectDeps, tx: Tx, transition: Transition): Promise<AfterCommit> {
  const wakeRun = await followSuspension(deps, tx, transition);
  await mirror(deps, tx, transition.subscriptionId);
  return () => {
    wakeRun?.();
    deps.wakeOutbox();
  };
}

/** A foreign product has no record in the ERP; ours is written once somebody has made that record. */
async function mirror(deps: EffectDeps, tx: Tx, subscriptionId: number): Promise<void> {
  const found = await readSubscription(tx, subscriptionId);
  if (found === undefined || found.planKey === null) return;
  const { id, orderId: _order, ...state } = found;
  await deps.crm.mirrorSubscription(tx, { subscriptionId: id, ...state });
}

async function markPaid(tx: Tx, input: { subscriptionId: number; trial: boolean; now: Date }): Promise<void> {
  const { rows } = await tx.query<{ id: number }>(
    `update orders set state = 'paid', paid_at = $2 from subscriptions s
      where s.id = $1 and orders.id = s.order_id and orders.state <> 'paid' returning orders.id`,
    [input.subscriptionId, input.now],
  );
  for (const { id } of rows) await wantOpportunity(tx, { orderId: id, stage: 'paid', now: input.now });
  await tx.query(
    `update checkout_sessions c set status = 'complete' from subscriptions s
      where s.id = $1 and c.order_id = s.order_id and c.status = 'open'`,
    [input.subscriptionId],
  );
  if (!input.trial) return;
  await tx.query(
    `update organisations set trial_used_at = $2 from subscriptions s
      where s.id = $1 and organisations.id = s.organisation_id and trial_used_at is null`,
    [input.subscriptionId, input.now],
  );
}

async function cameWithFirstPayment(tx: Tx, subscriptionId: number, invoice: unknown): Promise<boolean> {
  const found = await tx.query(
    "select 1 from transitions where subscription_id = $1 and kind = 'paid' and data->>'invoice' = $2",
    [subscriptionId, invoice],
  );
  return found.rowCount > 0;
}
