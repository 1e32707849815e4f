/** The trouble is over: paid or forgiven, the dispute closed, or the customer gone. Nothing of it stays behind. */
import type { Tx } from '../../db/database.ts';
import type { AfterCommit, OnTransition } from '../transitions.ts';
import { leaveOutSteps, planSteps, withOpenActivities } from './steps.ts';
import { lift } from './suspensions.ts';

interface Deps {
  readonly onTransition: OnTransition;
  readonly now: Date;
}

/** Gives back what was suspended, leaves out the steps to come, and has the ERP's activities closed. */
export async function settleTrouble(
  tx: Tx,
  deps: Deps,
  input: { subscriptionId: number; about: string; why: string; mail?: string; keepSuspended?: boolean },
): Promise<readonly AfterCommit[]> {
  const { subscriptionId, about, why, mail } = input;
  await leaveOutSteps(tx, { subscriptionId, about, why, now: deps.now });
  const work = { name: why, day: 0, clear: true as const, ...(mail !== undefined && { mail }) };
  await planSteps(tx, { subscriptionId, about, steps: [{ work, dueAt: deps.now }] });
  return input.keepSuspended === true ? [] : lift(tx, deps, { subscriptionId, about });
}

/** No step is for somebody who has left; what is suspended is taken away with the rest. */
export async function endDunning(tx: Tx, input: { subscriptionId: number; now: Date }): Promise<void> {
  const { subscriptionId, now } = input;
  await leaveOutSteps(tx, { subscriptionId, why: 'subscription_ended', now });
  await tx.query('update suspensions set lifted_at = $2 where subscription_id = $1 and lifted_at is null', [
    subscriptionId,
    now,
  ]);
  const work = { name: 'subscription_ended', day: 0, clear: true as const };
  for (const about of await withOpenActivities(tx, subscriptionId)) {
    await planSteps(tx, { subscriptionId, about, steps: [{ work, dueAt: now }] });
  }
}
