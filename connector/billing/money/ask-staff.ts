/** A payment is disputed or given back: staff get a task; what a dispute suspends, policy says. */
import type { Tx } from '../../db/database.ts';
import type { PolicyActivity, SuspensionLevel } from '../dunning/policy.ts';
import { planSteps } from '../dunning/steps.ts';

export async function askStaff(
  tx: Tx,
  input: {
    subscriptionId: number;
    /** The dispute or the refund. */
    about: string;
    /** Stable: the task of this name is opened once. */
    name: string;
    activity: PolicyActivity;
    /** What it is about, in words. */
    matter: string;
    suspend?: SuspensionLevel;
    /** ISO 8601; null: nothing can be sent in; left out: by the activity's days. */
    deadline?: string | null;
    now: Date;
  },
): Promise<void> {
  const { subscriptionId, about, now, ...work } = input;
  await planSteps(tx, { subscriptionId, about, steps: [{ work: { ...work, day: 0 }, dueAt: now }] });
}
