/** The rows of `dunning_steps`: planned when money is in trouble, left out with a reason once it no longer is. */
import type { Tx } from '../../db/database.ts';
import type { DunningStep } from './policy.ts';

/** `clear`: takes back what earlier steps did in the ERP; with it the mail that all is well. */
export interface DunningWork extends DunningStep {
  readonly clear?: true;
  /** When the activity is due; left out: `activity.days` from its opening. */
  readonly deadline?: string | null;
  /** What it is about, in words, where no invoice tells: `refund re_1 of $10.00`. */
  readonly matter?: string;
}

export interface PlannedStep {
  readonly work: DunningWork;
  readonly dueAt: Date;
}

/** Written once for each (subscription, about, step). @returns how many were new */
export async function planSteps(
  tx: Tx,
  input: { subscriptionId: number; about: string; steps: readonly PlannedStep[] },
): Promise<number> {
  if (input.steps.length === 0) return 0;
  const rows = input.steps.map(({ work, dueAt }, position) => ({ step: work.name, position, work, dueAt }));
  const written = await tx.query(
    `insert into dunning_steps (subscription_id, about, step, position, work, due_at)
     select $1, $2, s.step, s.position, s.work, s."dueAt"
     from jsonb_to_recordset($3::jsonb) as s(step text, position int, work jsonb, "dueAt" timestamptz)
     on conflict (subscription_id, about, step) do nothing`,
    [input.subscriptionId, input.about, JSON.stringify(rows)],
  );
  return written.rowCount;
}

/** @param why as operators read it: `recovered`, `subscription_ended` @param about left out: all of the subscription's */
export async function leaveOutSteps(
  tx: Tx,
  input: { subscriptionId: number; about?: string; why: string; now: Date },
): Promise<void> {
  await tx.query(
    `update dunning_steps set done_at = $3, outcome = jsonb_build_object('leftOut', $4::text)
      where subscription_id = $1 and ($2::text is null or about = $2) and done_at is null
        and not coalesce((work->>'clear')::boolean, false)`,
    [input.subscriptionId, input.about ?? null, input.now, input.why],
  );
}

/** What has steps that opened an activity not closed yet, or may be opening one just now. */
export async function withOpenActivities(tx: Tx, subscriptionId: number): Promise<readonly string[]> {
  const { rows } = await tx.query<{ about: string }>(
    `select distinct about from dunning_steps
      where subscription_id = $1 and work ? 'activity' and coalesce(outcome->>'activity', 'opened') = 'opened'`,
    [subscriptionId],
  );
  return rows.map((row) => row.about);
}
