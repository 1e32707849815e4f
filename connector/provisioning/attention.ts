/** Tells staff in the ERP which runs need a person, and takes the activity away again once somebody has acted. */
import type { Crm } from '../crm/crm.ts';
import { html } from '../crm/html.ts';
import type { Database } from '../db/database.ts';
import type { Log } from '../log.ts';
import { howToRetry } from './how-to-retry.ts';

interface Deps {
  readonly db: Database;
  readonly crm: Pick<Crm, 'openActivity' | 'closeActivity'>;
  readonly log: Log;
  /** Lets a call through when the ERP can be reached and is ours. */
  readonly guard: <T>(call: () => Promise<T>) => Promise<T>;
}

interface AttentionRow {
  readonly id: string;
  readonly subscriptionId: number;
  readonly cause: { step: string | null; message?: string; advice?: string | null } | null;
  readonly opportunityId: number | null;
  readonly companyId: number | null;
}

/** One pass over all runs; an ERP that is down is tried again at the next. */
export async function announceAttention(deps: Deps): Promise<void> {
  const waiting = await deps.db.query<AttentionRow>(
    `select r.id, r.subscription_id as "subscriptionId", r.cause,
            (select (s.result->>'opportunityId')::bigint from steps s where s.run_id = r.id and s.name = 'opportunity') as "opportunityId",
            (select (s.result->>'companyId')::bigint from steps s where s.run_id = r.id and s.name = 'partner') as "companyId"
       from runs r where r.status = 'needs_attention' and r.announced_at is null`,
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

/** Without a partner yet there is no record to hang it on: the run then shows in the console and in the metrics only. */
async function announce(deps: Deps, row: AttentionRow): Promise<void> {
  const target =
    row.opportunityId !== null
      ? { model: 'crm.lead', resId: row.opportunityId }
      : row.companyId !== null
        ? { model: 'res.partner', resId: row.companyId }
        : null;
  if (target === null) return;
  await deps.crm.openActivity({
    ...target,
    key: `run_${row.id}`,
    summary: `Provisioning stopped at "${row.cause?.step ?? 'unknown step'}"`,
    note: [row.cause?.message, row.cause?.advice, await howToRetry(deps.db, row)]
      .filter((line) => typeof line === 'string')
      .map((line) => html`<p>${line}</p>`)
      .join(''),
  });
  await deps.db.query('update runs set announced_at = now() where id = $1', [row.id]);
}

async function withdraw(deps: Deps, id: string): Promise<void> {
  await deps.crm.closeActivity({ key: `run_${id}` });
  await deps.db.query('update runs set announced_at = null where id = $1', [id]);
}
