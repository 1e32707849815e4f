/** Tells staff in the ERP which runs need a person, and takes the activity away again once somebody has acted. */
import type { Crm } from '../crm/crm.ts';
import type { Database } from '../db/database.ts';
import type { Log } from '../log.ts';
import { howToRetry } from './how-to-retry.ts';
import { stepTitle } from './run-plans.ts';
import type { RunKind } from './step-plan.ts';

interface Deps {
  readonly db: Database;
  readonly crm: Pick<Crm, 'openCustomerActivity' | 'closeActivity'>;
  readonly log: Log;
  /** Lets a call through when the ERP can be reached and is ours. */
  readonly guard: <T>(call: () => Promise<T>) => Promise<T>;
}

interface AttentionRow {
  readonly id: string;
  readonly kind: RunKind;
  readonly subscriptionId: number;
  readonly orderId: number | null;
  readonly organisationId: number;
  readonly cause: { step: string | null; message?: string; advice?: string | null } | null;
}

/** One pass over all runs; an ERP that is down is tried again at the next. */
export async function announceAttention(deps: Deps): Promise<void> {
  const waiting = await deps.db.query<AttentionRow>(
    `select r.id, r.kind, r.subscription_id as "subscriptionId", s.order_id as "orderId",
            s.organisation_id as "organisationId", r.cause
       from runs r join subscriptions s on s.id = r.subscription_id
      where r.status = 'needs_attention' and r.announced_at is null and s.organisation_id is not null`,
  );
  for (const row of waiting.rows) await attempt(deps, row.id, () => announce(deps, row));
  // Also while it is retried: should it stop once more, staff read the new cause, not the old one.
  const mended = await deps.db.query<{ id: string }>(
    "select id from runs where status <> 'needs_attention' and announced_at is not null",
  );
  for (const { id } of mended.rows) await attempt(deps, id, () => withdraw(deps, id));
}

async function attempt(deps: Deps, run: string, work: () => Promise<void>): Promise<void> {
  try {
    await deps.guard(work);
  } catch (error) {
    deps.log.warn({ run, err: error }, 'staff could not be told in the ERP; tried again at the next pass');
  }
}

/** Without the customer in the ERP there is no record to hang it on: the run then shows in the console and in the metrics only. */
async function announce(deps: Deps, row: AttentionRow): Promise<void> {
  const { kind, cause, orderId, organisationId } = row;
  const what = kind === 'provision' ? 'Provisioning' : `Run “${kind}”`;
  const lines = [cause?.message, cause?.advice, await howToRetry(deps.db, row)];
  const told = await deps.crm.openCustomerActivity({
    key: `run_${row.id}`,
    orderId,
    organisationId,
    summary: `${what} stopped at “${stepTitle(kind, cause?.step ?? null)}”`,
    note: lines.filter((line) => typeof line === 'string'),
    deadline: null,
  });
  if (told) await deps.db.query('update runs set announced_at = now() where id = $1', [row.id]);
}

async function withdraw(deps: Deps, id: string): Promise<void> {
  await deps.crm.closeActivity({ key: `run_${id}` });
  await deps.db.query('update runs set announced_at = null where id = $1', [id]);
}
