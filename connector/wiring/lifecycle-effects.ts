/** What follows the end of a subscription, a return and a suspension: in the transaction that recorded it. */
import { moveAccess } from '../billing/states.ts';
import type { AfterCommit, Transition } from '../billing/transitions.ts';
import type { Tx } from '../db/database.ts';
import { requestRun } from '../provisioning/gate.ts';
import type { RunRow } from '../provisioning/ledger.ts';
import type { LifecyclePolicy } from '../provisioning/lifecycle/policy.ts';
import { beginStages, callOff, comesBack, hasAccess, stageDone } from '../provisioning/lifecycle/stages.ts';
import { STAGES, type Stage } from '../provisioning/step-plan.ts';

export interface LifecycleDeps {
  readonly lifecycle: LifecyclePolicy;
  readonly now: () => Date;
  readonly wakeRun: (runId: string) => void;
}

/** Paid: made anew, or given back what is still there of its project. What would have been taken away stays. */
export async function beginAccess(
  deps: LifecycleDeps,
  tx: Tx,
  { id, subscriptionId }: Pick<Transition, 'id' | 'subscriptionId'>,
): Promise<AfterCommit> {
  const kind = (await comesBack(tx, subscriptionId)) ? 'restore' : 'provision';
  await callOff(tx, { subscriptionId, why: 'returned' });
  const runId = await requestRun(tx, { kind, subscriptionId, transitionId: id });
  return () => deps.wakeRun(runId);
}

/** Over: access ends now, in stages. Of somebody who never had any, nothing is left to end. */
export async function endAccess(
  deps: LifecycleDeps,
  tx: Tx,
  { id, subscriptionId }: Transition,
): Promise<AfterCommit | undefined> {
  if ((await moveAccess(tx, { subscriptionId, to: 'deprovisioned' })) !== 'changed') return undefined;
  const input = { subscriptionId, transitionId: id, policy: deps.lifecycle, now: deps.now() };
  const runId = await beginStages(tx, input);
  return runId === null ? undefined : () => deps.wakeRun(runId);
}

/** Another plan holds, or another number of users: what is there of the customer follows. */
export async function followPlan(
  deps: LifecycleDeps,
  tx: Tx,
  { id, subscriptionId }: Transition,
): Promise<AfterCommit | undefined> {
  const served = await tx.query(`select 1 from subscriptions s where s.id = $1 and ${hasAccess('s')}`, [
    subscriptionId,
  ]);
  if (served.rowCount === 0) return undefined;
  const runId = await requestRun(tx, { kind: 'change_plan', subscriptionId, transitionId: id });
  return () => deps.wakeRun(runId);
}

/** Suspended or not any more: the storage follows, when access is another than before. */
export async function followSuspension(
  deps: LifecycleDeps,
  tx: Tx,
  { id, subscriptionId, kind, data }: Transition,
): Promise<AfterCommit | undefined> {
  const suspends = kind === 'suspended';
  const levels = data.levels as readonly string[] | undefined;
  const still = data.stillSuspended as { readonly access: boolean } | undefined;
  const moved = suspends
    ? data.access === 'changed'
    : levels?.includes('access') === true && still?.access === false;
  if (!moved) return undefined;
  const runId = await requestRun(tx, {
    kind: suspends ? 'suspend' : 'restore',
    subscriptionId,
    transitionId: id,
  });
  return () => deps.wakeRun(runId);
}

/** Our own state once a run is done. @returns whether the ERP's record changes with it */
export async function accessAfter(deps: LifecycleDeps, tx: Tx, run: RunRow): Promise<boolean> {
  const { subscriptionId } = run;
  switch (run.kind) {
    case 'provision':
      await tx.query(
        'update projects set data_deleted_at = null where id = (select project_id from subscriptions where id = $1)',
        [subscriptionId],
      );
      await moveAccess(tx, { subscriptionId, to: 'provisioned' });
      return true;
    case 'restore':
      await moveAccess(tx, { subscriptionId, to: 'provisioned' });
      return true;
    case 'suspend':
      await moveAccess(tx, { subscriptionId, to: 'suspended' });
      return true;
    default:
      if (isStage(run.kind))
        await stageDone(tx, {
          runId: run.id,
          subscriptionId,
          stage: run.kind,
          policy: deps.lifecycle,
          now: deps.now(),
        });
      // An end that was asked for again: no news of the provider's brings it to the ERP.
      return run.kind === 'deprovision';
  }
}

const isStage = (kind: string): kind is Stage => STAGES.some((stage) => stage === kind);
