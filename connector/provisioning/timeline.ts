/** What the customer sees of their run: titles and progress, no causes, no ids. */
import type { Sql } from '../db/database.ts';
import type { RunStatus } from './ledger.ts';
import { RUN_PLANS } from './run-plans.ts';
import type { RunKind } from './step-plan.ts';

export interface Timeline {
  readonly orderState: 'draft' | 'open' | 'paid' | 'abandoned';
  /** null: not begun. */
  readonly runStatus: RunStatus | null;
  readonly steps: readonly TimelineStep[];
}

export interface TimelineStep {
  readonly name: string;
  readonly title: string;
  readonly status: 'pending' | 'running' | 'waiting' | 'failed' | 'done';
  readonly ms: number | null;
}

/** The run that set the order up: the first, unless another took its place (access given back). @returns null when there is no such order */
export async function timelineOfOrder(sql: Sql, orderId: number): Promise<Timeline | null> {
  const found = await sql.query<{
    state: Timeline['orderState'];
    runId: string | null;
    kind: RunKind | null;
    status: RunStatus | null;
  }>(
    `select o.state, r.id as "runId", r.kind, r.status from orders o
       left join subscriptions s on s.order_id = o.id
       left join runs r on r.subscription_id = s.id and r.kind in ('provision', 'restore')
      where o.id = $1 order by r.status = 'superseded', r.created_at limit 1`,
    [orderId],
  );
  const row = found.rows[0];
  if (row === undefined) return null;
  if (row.runId === null || row.kind === null)
    return { orderState: row.state, runStatus: null, steps: pendingSteps('provision') };
  const rows = await sql.query<{ name: string; status: TimelineStep['status']; ms: number | null }>(
    'select name, status, ms from steps where run_id = $1',
    [row.runId],
  );
  const done = new Map(rows.rows.map((step) => [step.name, step]));
  const steps = pendingSteps(row.kind).map((step) => ({ ...step, ...done.get(step.name) }));
  return { orderState: row.state, runStatus: row.status, steps };
}

function pendingSteps(kind: RunKind): readonly TimelineStep[] {
  return RUN_PLANS[kind].map(({ name, title }) => ({ name, title, status: 'pending', ms: null }));
}
