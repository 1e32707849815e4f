/**
 * Carries out what is due about one invoice or dispute. Whether the trouble still stands is asked of the provider at
 * that moment: nobody is warned or suspended for what was paid a minute ago.
 */
import { asConnectorError } from '../../errors.ts';
import type { ClaimedJob, QueueDefinition } from '../../jobs/jobs.ts';
import type { InvoiceFact } from '../facts.ts';
import { hasEnded } from '../has-ended.ts';
import type { AfterCommit } from '../transitions.ts';
import { carryOut, type Outcome } from './carry-out.ts';
import { type Case, caseOf, type DueStep, dueSteps, pendingDunning } from './due.ts';
import type { DunningDeps } from './ports.ts';

const LONGEST_WAIT_MS = 3_600_000;
/** A bank debit under way takes days; it is looked at again after this. */
const UNDER_WAY_MS = 6 * 3_600_000;

/** The definition of queue `dunning`, for `createJobs`. */
export function createDunning(deps: DunningDeps): QueueDefinition {
  return {
    name: 'dunning',
    slots: 4,
    pending: (sql) => pendingDunning(sql, deps.now()),
    hasWork: async (sql, about) => (await dueSteps(sql, about, deps.now())).length > 0,
    async handle(job) {
      const steps = await dueSteps(deps.db, job.key, deps.now());
      const about = steps.length === 0 ? undefined : await caseOf(deps.db, job.key);
      if (about === undefined) await leaveOut(deps, job, steps, 'no_organisation');
      else await workOff(deps, { job, steps, about });
      return { next: 'done' };
    },
  };
}

async function workOff(
  deps: DunningDeps,
  { job, steps, about }: { job: ClaimedJob; steps: readonly DueStep[]; about: Case },
): Promise<void> {
  let invoice: InvoiceFact | null = null;
  const isInvoice = job.key.startsWith('in_');
  try {
    if (isInvoice) invoice = await deps.guard('stripe', () => deps.reads.invoice(job.key));
  } catch (thrown) {
    return putOff(deps, { job, step: steps[0]!, thrown });
  }
  const mailing = steps.filter(({ work }) => work.mail !== undefined);
  for (const step of steps) {
    if (job.signal.aborted) return;
    const over = step.work.clear || !isInvoice ? null : whyOver(about, invoice);
    if (over === 'under_way') return wait(deps, job, step, new Date(deps.now().getTime() + UNDER_WAY_MS));
    if (over !== null) {
      await finish(deps, job, step, { leftOut: over });
      // Our own records do not know it yet: the sync brings what follows.
      await deps.syncNow(about.customerId);
      continue;
    }
    const last = mailing.at(-1);
    const overtakenBy = last !== undefined && last.id !== step.id ? last.step : null;
    try {
      const { outcome, wakes } = await carryOut(deps, { step, about, invoice, overtakenBy });
      await finish(deps, job, step, outcome);
      wake(wakes);
    } catch (thrown) {
      // In order: nobody is suspended before the mail that warns of it could go.
      return putOff(deps, { job, step, thrown });
    }
  }
}

/** Why nothing is to be done any more; null: the trouble stands. */
function whyOver(about: Case, invoice: InvoiceFact | null): string | null {
  if (hasEnded(about)) return 'subscription_ended';
  if (invoice === null) return 'invoice_gone';
  if (invoice.status === 'uncollectible') return 'written_off';
  if (invoice.status !== 'open') return invoice.status;
  return invoice.paymentState === 'processing' ? 'under_way' : null;
}

async function finish(deps: DunningDeps, job: ClaimedJob, step: DueStep, outcome: Outcome): Promise<void> {
  await deps.db.tx(async (tx) => {
    await deps.hold(tx, job);
    // Left out meanwhile, because it was paid: what was done all the same is kept beside it, to be taken back.
    await tx.query(
      `update dunning_steps set done_at = coalesce(done_at, $2), retry_at = null,
         outcome = coalesce(outcome, '{}') || $3::jsonb where id = $1`,
      [step.id, deps.now(), JSON.stringify(outcome)],
    );
  });
  deps.log.info({ about: step.about, step: step.step, outcome }, 'dunning step done');
}

async function leaveOut(
  deps: DunningDeps,
  job: ClaimedJob,
  steps: readonly DueStep[],
  why: string,
): Promise<void> {
  for (const step of steps) await finish(deps, job, step, { leftOut: why });
}

async function wait(deps: DunningDeps, job: ClaimedJob, step: DueStep, at: Date): Promise<void> {
  await deps.db.tx(async (tx) => {
    await deps.hold(tx, job);
    // All that is due about it waits: a later step must not run ahead of this one.
    await tx.query('update dunning_steps set retry_at = $2 where about = $1 and done_at is null', [
      step.about,
      at,
    ]);
    await tx.query('update dunning_steps set attempts = attempts + 1 where id = $1', [step.id]);
  });
}

async function putOff(
  deps: DunningDeps,
  { job, step, thrown }: { job: ClaimedJob; step: DueStep; thrown: unknown },
): Promise<void> {
  const error = asConnectorError(thrown);
  const pause = Math.min(LONGEST_WAIT_MS, 1_000 * 2 ** Math.min(step.attempts, 12));
  const at = new Date(deps.now().getTime() + Math.max(error.retryAfterMs ?? 0, pause));
  deps.log[error.kind === 'bug' ? 'error' : 'warn'](
    { err: error, about: step.about, step: step.step, at },
    'dunning step waits',
  );
  await wait(deps, job, step, at);
}

function wake(wakes: readonly AfterCommit[]): void {
  for (const each of wakes) each();
}
