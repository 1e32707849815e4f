/** Which runs may begin, wait or give way: one run at a time per subscription and project, and nothing for somebody who has left. */
import type { Sql, Tx } from '../db/database.ts';
import { ConnectorError } from '../errors.ts';
import { noLiveJob } from '../jobs/live.ts';
import { currentRequestId } from '../log.ts';
import { RUN_PLANS } from './run-plans.ts';
import type { RunKind } from './step-plan.ts';
import { mustWait } from './turn.ts';

const LEAVING: readonly RunKind[] = [
  'suspend',
  'deprovision',
  'archive_access',
  'announce_deletion',
  'delete_data',
];

/**
 * Kind × kind: which unfinished runs a new one makes void. All others it waits for. A `win` makes nothing for anybody:
 * money that came is recorded all the same. A deletion that has begun is never made void: half deleted is deleted.
 */
const SUPERSEDES: Readonly<Record<RunKind, readonly RunKind[]>> = {
  provision: LEAVING,
  win: [],
  suspend: ['restore'],
  restore: LEAVING,
  change_plan: ['change_plan'],
  deprovision: ['provision', 'suspend', 'restore', 'change_plan'],
  archive_access: [],
  announce_deletion: [],
  delete_data: [],
};

/** Somebody comes in: what still went on of the subscription before, of the same project, is void too. */
const COMING: ReadonlySet<RunKind> = new Set(['provision', 'restore']);

/** These make nothing for anybody who has left, or are asked for by a person. */
const AFTER_THE_END: ReadonlySet<RunKind> = new Set([
  'win',
  'restore',
  'deprovision',
  'archive_access',
  'announce_deletion',
  'delete_data',
]);

/**
 * Inserts a run, in the transaction of its transition, and makes void what it supersedes; it waits its turn behind the rest.
 * @param input.transitionId null: asked for by the clock or a person @returns its id
 */
export async function requestRun(
  tx: Tx,
  input: { kind: RunKind; subscriptionId: number; transitionId: number | null },
): Promise<string> {
  const { kind, subscriptionId, transitionId } = input;
  await supersede(tx, { subscriptionId, kinds: SUPERSEDES[kind], wholeProject: COMING.has(kind) });
  const inserted = await tx.query<{ id: string }>(
    'insert into runs (kind, subscription_id, transition_id, request_id) values ($1, $2, $3, $4) returning id',
    [kind, subscriptionId, transitionId, currentRequestId() ?? null],
  );
  return inserted.rows[0]!.id;
}

/** The customer has left before anything was made: nothing will be. */
export function supersedeRuns(tx: Tx, { subscriptionId }: { subscriptionId: number }): Promise<number> {
  const kinds = (Object.keys(RUN_PLANS) as RunKind[]).filter((kind) => kind !== 'win');
  return supersede(tx, { subscriptionId, kinds, wholeProject: false });
}

/** A step under way is refused at its next write. */
async function supersede(
  tx: Tx,
  input: { subscriptionId: number; kinds: readonly RunKind[]; wholeProject: boolean },
): Promise<number> {
  if (input.kinds.length === 0) return 0;
  const { rowCount } = await tx.query(
    `update runs r set status = 'superseded', finished_at = now()
      where r.kind = any($2::text[]) and r.status not in ('done', 'superseded')
        and (r.subscription_id = $1 or ($3 and r.subscription_id in (
               select o.id from subscriptions o join subscriptions s on s.project_id = o.project_id where s.id = $1)))
        and (r.kind <> 'delete_data' or not exists (select 1 from steps where run_id = r.id))`,
    [input.subscriptionId, input.kinds, input.wholeProject],
  );
  return rowCount;
}

/** Runs with something to do and nobody before them, oldest first. */
export async function pendingRuns(sql: Sql): Promise<readonly string[]> {
  const pending = await sql.query<{ id: string }>(
    `select r.id from runs r
      where (r.status in ('running', 'waiting')
             or (r.status = 'queued' and not ${mustWait('r')} and not exists (
                   select 1 from runs o where o.subscription_id = r.subscription_id and o.id <> r.id
                      and o.status = 'queued' and o.created_at < r.created_at)))
        and ${noLiveJob('run', 'r.id::text')}
      order by r.created_at limit 500`,
  );
  return pending.rows.map((row) => row.id);
}

/**
 * Lets a run that needs attention go on at its first undone step, through the same gate as a new one.
 * @throws ConnectorError absent `run_not_found`, conflict `run_not_stopped`, conflict `subscription_ended`
 */
export async function retryRun(tx: Tx, runId: string): Promise<void> {
  const found = await tx.query<{ status: string; kind: RunKind; ended: boolean }>(
    `select r.status, r.kind, (s.ended_at is not null or s.status in ('canceled', 'incomplete_expired')) as ended
       from runs r join subscriptions s on s.id = r.subscription_id where r.id = $1 for update of r`,
    [runId],
  );
  const run = found.rows[0];
  if (run === undefined) {
    throw new ConnectorError({
      kind: 'absent',
      code: 'run_not_found',
      message: `there is no run ${runId}`,
      advice: 'List the runs with "npm run cli -- runs list".',
    });
  }
  if (run.ended && !AFTER_THE_END.has(run.kind)) {
    throw new ConnectorError({
      kind: 'conflict',
      code: 'subscription_ended',
      message: 'the subscription of this run has ended: nothing is provisioned for somebody who has left',
      advice: 'Nothing to do. A new subscription starts a run of its own.',
    });
  }
  if (run.status !== 'needs_attention') {
    throw new ConnectorError({
      kind: 'conflict',
      code: 'run_not_stopped',
      message: `the run is ${run.status}: only a run that needs attention can be retried`,
      advice: 'A waiting run goes on by itself; see "npm run cli -- runs show".',
    });
  }
  // What somebody deleted at Backblaze is made anew by the step that makes it; the last one can only miss it again.
  await tx.query(
    `update steps set status = 'waiting', attempts = 0, retry_at = null where run_id = $1 and name = 'storage_key'
        and exists (select 1 from steps where run_id = $1 and status = 'failed' and error->>'code' = 'storage_key_gone')`,
    [runId],
  );
  await tx.query(
    "update steps set status = 'waiting', attempts = 0, retry_at = null where run_id = $1 and status = 'failed'",
    [runId],
  );
  await tx.query("update runs set status = 'waiting', cause = null where id = $1", [runId]);
}

/** Holds the run's row until the transaction ends. @returns false: somebody superseded or ended it meanwhile */
export async function stillRuns(tx: Tx, runId: string): Promise<boolean> {
  const { rowCount } = await tx.query("select 1 from runs where id = $1 and status = 'running' for share", [
    runId,
  ]);
  return rowCount > 0;
}
