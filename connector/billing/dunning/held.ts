/** What holds a subscription back, and staff's decision that it shall not: after a lost dispute, an invoice written off. */
import type { Database } from '../../db/database.ts';
import type { AfterCommit, OnTransition } from '../transitions.ts';
import type { SuspensionLevel } from './policy.ts';
import { lift } from './suspensions.ts';

export interface Held {
  /** The invoice or the dispute. */
  readonly about: string;
  readonly level: SuspensionLevel;
  readonly since: Date;
}

/** Reasons not lifted yet, oldest first. */
export async function heldBy(db: Pick<Database, 'query'>, subscriptionId: number): Promise<readonly Held[]> {
  const { rows } = await db.query<Held>(
    `select about, level, since from suspensions where subscription_id = $1 and lifted_at is null
      order by since, level`,
    [subscriptionId],
  );
  return rows;
}

/** Gives everything back. A later step of unpaid money may suspend it again. @returns what had held it */
export async function liftAll(
  deps: { readonly db: Database; readonly onTransition: OnTransition; readonly now: () => Date },
  subscriptionId: number,
): Promise<readonly Held[]> {
  const wakes: AfterCommit[] = [];
  const held = await deps.db.tx(async (tx) => {
    const reasons = await heldBy(tx, subscriptionId);
    for (const about of new Set(reasons.map((reason) => reason.about))) {
      const input = { subscriptionId, about };
      wakes.push(...(await lift(tx, { onTransition: deps.onTransition, now: deps.now() }, input)));
    }
    return reasons;
  });
  for (const wake of wakes) wake();
  return held;
}
