/** A payment is disputed: staff are asked for evidence before the bank's deadline; policy says whether anything is suspended. */
import type { Tx } from '../../db/database.ts';
import type { SuspensionLevel } from '../dunning/policy.ts';
import { planSteps } from '../dunning/steps.ts';

export async function beginDispute(
  tx: Tx,
  input: {
    subscriptionId: number;
    /** The dispute. */
    about: string;
    activity: { readonly summary: string };
    suspend: 'never' | SuspensionLevel;
    /** ISO 8601; null: nothing can be sent in. */
    deadline: string | null;
    now: Date;
  },
): Promise<void> {
  const { subscriptionId, about, activity, suspend, deadline, now } = input;
  const work = {
    name: 'disputed',
    day: 0,
    activity,
    deadline,
    ...(suspend !== 'never' && { suspend }),
  };
  await planSteps(tx, { subscriptionId, about, steps: [{ work, dueAt: now }] });
}
