/** Begins the stages whose day has come; each is a run, so that any instance goes on with it. */
import type { Database, Tx } from '../../db/database.ts';
import type { Log } from '../../log.ts';
import { requestRun } from '../gate.ts';
import { STAGES, type Stage } from '../step-plan.ts';
import { holdOf } from './hold.ts';
import { hasAccess } from './stages.ts';

interface Due {
  readonly subscriptionId: number;
  readonly stage: Stage;
}

/** SQL: the stages before this one are done, or were called off. */
const ITS_TURN = `not exists (
  select 1 from lifecycle_stages b where b.subscription_id = l.subscription_id and b.done_at is null and b.cancelled is null
     and array_position($2::text[], b.stage) < array_position($2::text[], l.stage))`;

// A hold keeps data, not access.
const HELD = `(l.stage in ('announce_deletion', 'delete_data') and ${holdOf('s', 'g')} is not null)`;

const PAGE = 200;

/** @returns how many stages were begun */
export async function tickLifecycle(deps: {
  db: Database;
  now: () => Date;
  log: Log;
  wakeRun: (runId: string) => void;
}): Promise<number> {
  const { rows } = await deps.db.query<Due>(
    `select l.subscription_id as "subscriptionId", l.stage from lifecycle_stages l
       join subscriptions s on s.id = l.subscription_id left join organisations g on g.id = s.organisation_id
      where l.due_at <= $1 and l.run_id is null and l.cancelled is null and not ${HELD} and ${ITS_TURN}
      order by l.due_at limit ${PAGE}`,
    [deps.now(), STAGES],
  );
  let begun = 0;
  for (const due of rows) {
    const runId = await deps.db.tx((tx) => begin(tx, due));
    if (runId === null) continue;
    begun += 1;
    deps.log.info({ ...due, run: runId }, 'a stage after the end has begun');
    deps.wakeRun(runId);
  }
  return begun;
}

/** @returns null: another instance was first, or somebody lives on the project again */
async function begin(tx: Tx, { subscriptionId, stage }: Due): Promise<string | null> {
  const free = await tx.query(
    `select 1 from lifecycle_stages where subscription_id = $1 and stage = $2 and run_id is null and cancelled is null
      for update`,
    [subscriptionId, stage],
  );
  if (free.rowCount === 0) return null;
  const served = await tx.query(
    `select 1 from subscriptions s join subscriptions o on o.project_id = s.project_id
      where s.id = $1 and ${hasAccess('o')} limit 1`,
    [subscriptionId],
  );
  if (served.rowCount > 0) {
    await tx.query(
      "update lifecycle_stages set cancelled = 'project_in_use' where subscription_id = $1 and done_at is null and run_id is null",
      [subscriptionId],
    );
    return null;
  }
  const runId = await requestRun(tx, { kind: stage, subscriptionId, transitionId: null });
  await tx.query('update lifecycle_stages set run_id = $3 where subscription_id = $1 and stage = $2', [
    subscriptionId,
    stage,
    runId,
  ]);
  return runId;
}
