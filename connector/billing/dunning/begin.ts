/** A payment has failed: the steps of the policy are planned, each for its day. */
import type { Tx } from '../../db/database.ts';
import type { Transition } from '../transitions.ts';
import type { DunningPolicy, DunningStep } from './policy.ts';
import { type PlannedStep, planSteps } from './steps.ts';

const DAY_MS = 86_400_000;

/** Later tries of the same invoice plan nothing new, but for the bank's wish to hear from its customer. */
export async function beginDunning(
  tx: Tx,
  { policy, now }: { policy: DunningPolicy; now: Date },
  { kind, subscriptionId, data }: Transition,
): Promise<void> {
  const about = String(data.invoice);
  if (!(await hasContact(tx, subscriptionId))) return;
  const told = data.since === null || data.since === undefined ? now : new Date(String(data.since));
  const steps = plannedSteps(policy, { since: told < now ? told : now, now });
  const fresh = await planSteps(tx, { subscriptionId, about, steps });
  const confirm = policy.steps.find((step) => step.mailWhenActionRequired !== undefined);
  if (fresh > 0 || kind !== 'payment_action_required' || confirm?.mailWhenActionRequired === undefined)
    return;
  const work = {
    name: `action_required_${String(data.attempt)}`,
    day: 0,
    mail: confirm.mailWhenActionRequired,
  };
  await planSteps(tx, { subscriptionId, about, steps: [{ work, dueAt: now }] });
}

/** Pure. @param input.since the first failure, maybe long ago; @param input.now when we first saw it */
export function plannedSteps(
  policy: Pick<DunningPolicy, 'steps' | 'noticeDays'>,
  input: { since: Date; now: Date },
): readonly PlannedStep[] {
  const day = (from: Date, days: number) => new Date(from.getTime() + days * DAY_MS);
  return policy.steps.map((work: DunningStep) => {
    const due = day(input.since, work.day);
    // We may have been away for days: nobody loses access before the first mail had time to be read.
    const earliest = day(input.now, policy.noticeDays);
    return { work, dueAt: work.suspend !== undefined && due < earliest ? earliest : due };
  });
}

/** Somebody we can write to: an organisation of ours stands behind it. */
async function hasContact(tx: Tx, subscriptionId: number): Promise<boolean> {
  const { rowCount } = await tx.query(
    'select 1 from subscriptions where id = $1 and organisation_id is not null and ended_at is null',
    [subscriptionId],
  );
  return rowCount > 0;
}
