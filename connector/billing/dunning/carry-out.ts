/** One step about one invoice or dispute: its suspension, its mail, its activity. Repeated, it does nothing twice. */
import type { Tx } from '../../db/database.ts';
import { asConnectorError } from '../../errors.ts';
import type { InvoiceFact } from '../facts.ts';
import type { AfterCommit } from '../transitions.ts';
import type { Case, DueStep } from './due.ts';
import { dunningMail } from './mail.ts';
import type { DunningDeps } from './ports.ts';
import { suspend } from './suspensions.ts';

/** As it is kept on the step's row, for `explain`. */
export interface Outcome {
  readonly mail?: 'sent' | 'left_out' | 'refused';
  /** Why the mail did not go. */
  readonly mailWhy?: string;
  readonly activity?: 'opened' | 'closed' | 'no_record' | 'refused';
  readonly suspended?: 'features' | 'access';
  readonly notSuspended?: string;
  readonly leftOut?: string;
}

export interface StepInput {
  readonly step: DueStep;
  readonly about: Case;
  /** null: a dispute's step. */
  readonly invoice: InvoiceFact | null;
  /** A later mail of the same trouble is due as well: one says it all. */
  readonly overtakenBy: string | null;
}

/** @throws ConnectorError retryable: nothing is lost, the step is tried again */
export async function carryOut(
  deps: DunningDeps,
  input: StepInput,
): Promise<{ outcome: Outcome; wakes: readonly AfterCommit[] }> {
  const suspension = await suspendIfOwed(deps, input);
  const mail = await mailIfFit(deps, input, suspension.outcome);
  const activity = await activityOf(deps, input);
  return { outcome: { ...suspension.outcome, ...mail, ...activity }, wakes: suspension.wakes };
}

async function suspendIfOwed(
  deps: DunningDeps,
  { step, about, invoice }: StepInput,
): Promise<{ outcome: Outcome; wakes: readonly AfterCommit[] }> {
  const level = step.work.suspend;
  if (level === undefined) return { outcome: {}, wakes: [] };
  // An extra that could not be paid while the subscription itself is in good order takes nothing away.
  if (invoice !== null && about.status !== 'past_due' && about.status !== 'unpaid') {
    return { outcome: { notSuspended: `the subscription is ${about.status}` }, wakes: [] };
  }
  return deps.db.tx(async (tx) => {
    if (!(await isStillDue(tx, step))) return { outcome: { notSuspended: 'settled meanwhile' }, wakes: [] };
    const wakes = await suspend(
      tx,
      { onTransition: deps.onTransition, now: deps.now() },
      { subscriptionId: about.subscriptionId, about: step.about, level },
    );
    return { outcome: { suspended: level }, wakes };
  });
}

/** Until the commit nobody settles it: whoever does so later finds the suspension and lifts it. */
async function isStillDue(tx: Tx, { id }: DueStep): Promise<boolean> {
  const { rowCount } = await tx.query(
    'select 1 from dunning_steps where id = $1 and done_at is null for update',
    [id],
  );
  return rowCount === 1;
}

async function mailIfFit(deps: DunningDeps, input: StepInput, suspension: Outcome): Promise<Outcome> {
  const { step, about, invoice, overtakenBy } = input;
  const { mail: template, mailWhenActionRequired, clear } = step.work;
  if (template === undefined) return {};
  // Every mail names its amount: without the invoice there is nothing to say.
  if (invoice === null) return { mail: 'left_out', mailWhy: 'invoice_gone' };
  if (overtakenBy !== null) return { mail: 'left_out', mailWhy: `overtaken by ${overtakenBy}` };
  if (suspension.notSuspended !== undefined) return { mail: 'left_out', mailWhy: suspension.notSuspended };
  if (clear && !tellRecovered(deps, about))
    return { mail: 'left_out', mailWhy: 'the customer had heard nothing of it' };
  const asksBank = invoice.paymentState === 'action_required';
  const chosen = asksBank ? (mailWhenActionRequired ?? template) : template;
  const mail = dunningMail({ step, about, invoice, template: chosen });
  try {
    await deps.guard('smtp', () => deps.sendMail(mail));
    return { mail: 'sent' };
  } catch (thrown) {
    return { mail: 'refused', mailWhy: permanentCode(thrown) };
  }
}

function tellRecovered({ policy }: DunningDeps, { mailed, everSuspended }: Case): boolean {
  if (policy.recoveredMail === 'never') return false;
  return policy.recoveredMail === 'after_mail' ? mailed : everSuspended;
}

async function activityOf(deps: DunningDeps, { step, about, invoice }: StepInput): Promise<Outcome> {
  if (step.work.clear) return closeAll(deps, step.about);
  const { activity, deadline } = step.work;
  if (activity === undefined) return {};
  const dueIn = (activity.days ?? 0) * 86_400_000;
  try {
    const opened = await deps.guard('odoo', () =>
      deps.openActivity({
        key: activityKey(step.about, step.step),
        orderId: about.orderId,
        organisationId: about.organisationId,
        summary: activity.summary,
        note: noteOf(about, step, invoice),
        deadline: deadline ? new Date(deadline) : new Date(deps.now().getTime() + dueIn),
      }),
    );
    return { activity: opened ? 'opened' : 'no_record' };
  } catch (thrown) {
    permanentCode(thrown);
    return { activity: 'refused' };
  }
}

async function closeAll(deps: DunningDeps, about: string): Promise<Outcome> {
  const { rows } = await deps.db.query<{ id: number; step: string }>(
    `select id, step from dunning_steps where about = $1 and outcome->>'activity' = 'opened'`,
    [about],
  );
  for (const { id, step } of rows) {
    await deps.guard('odoo', () => deps.closeActivity({ key: activityKey(about, step) }));
    await deps.db.query(
      `update dunning_steps set outcome = outcome || '{"activity": "closed"}' where id = $1`,
      [id],
    );
  }
  return {};
}

const activityKey = (about: string, step: string): string => `dunning_${about}_${step}`;

function noteOf(about: Case, step: DueStep, invoice: InvoiceFact | null): readonly string[] {
  const who = `${about.organisation}${about.project === null ? '' : `, ${about.project}`}`;
  const contact = `${about.contactName}, ${about.contactEmail}`;
  if (invoice === null) return [`${who}: ${step.work.matter!}.`, contact];
  const next = invoice.nextPaymentAttempt?.toISOString().slice(0, 10) ?? 'none: Stripe has stopped trying';
  return [
    `${who}: invoice ${invoice.number ?? invoice.providerId} is unpaid after ${invoice.attemptCount} tries. Next try: ${next}.`,
    contact,
    ...(invoice.hostedInvoiceUrl === null ? [] : [invoice.hostedInvoiceUrl]),
  ];
}

/** What will not be otherwise tomorrow is kept on the row and holds up nothing. @throws what may pass by itself */
function permanentCode(thrown: unknown): string {
  const error = asConnectorError(thrown);
  if (error.kind === 'retryable' || error.kind === 'bug') throw error;
  return error.code;
}
