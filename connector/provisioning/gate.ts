/** Which runs may begin, wait or give way: one run at a time per subscription, and nothing for somebody who has left. */
import type { Sql, Tx } from '../db/database.ts';
import { ConnectorError } from '../errors.ts';
import { noLiveJob } from '../jobs/live.ts';
import { currentRequestId } from '../log.ts';
import type { RunKind } from './run-plans.ts';

/** Inserts a run, in the transaction of its transition. It waits its turn behind a live one. @returns its id */
export async function requestRun(
  tx: Tx,
  input: { kind: RunKind; subscriptionId: number; transitionId: number },
): Promise<string> {
  const inserted = await tx.query<{ id: string }>(
    'insert into runs (kind, subscription_id, transition_id, request_id) values ($1, $2, $3, $4) returning id',
    [input.kind, input.subscriptionId, input.transitionId, currentRequestId() ?? null],
  );
  return inserted.rows[0]!.id;
}

/**
 * The customer has left: what would still be made for them is not. A step under way is refused at its next write.
 * A `win` makes nothing for anybody: money that came is recorded all the same.
 */
export async function supersedeRuns(tx: Tx, input: { subscriptionId: number }): Promise<number> {
  const superseded = await tx.query(
    `update runs set status = 'superseded', finished_at = now()
      where subscription_id = $1 and kind <> 'win' and status not in ('done', 'superseded')`,
    [input.subscriptionId],
  );
  return superseded.rowCount;
}

/** Runs with something to do and nobody before them, oldest first. */
export async function pendingRuns(sql: Sql): Promise<readonly string[]> {
  const pending = await sql.query<{ id: string }>(
    `select r.id from runs r
      where (r.status in ('running', 'waiting')
             or (r.status = 'queued' and not exists (
                   select 1 from runs o where o.subscription_id = r.subscription_id and o.id <> r.id
                    and (o.status in ('running', 'waiting', 'needs_attention')
                         or (o.status = 'queued' and o.created_at < r.created_at)))))
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
  const found = await tx.query<{ status: string; ended: boolean }>(
    `select r.status, (s.ended_at is not null or s.status in ('canceled', 'incomplete_expired')) as ended
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
  if (run.ended) {
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
  await tx.query(
    "update steps set status = 'waiting', attempts = 0, retry_at = null where run_id = $1 and status = 'failed'",
    [runId],
  );
  await tx.query("update runs set status = 'waiting', cause = null where id = $1", [runId]);
}
