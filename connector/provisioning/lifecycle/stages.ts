/** The stages after the end, as rows with a day each: begun, called off, and what they ask of others. */
import type { Sql, Tx } from '../../db/database.ts';
import { requestRun } from '../gate.ts';
import type { Stage } from '../step-plan.ts';
import type { LifecyclePolicy } from './policy.ts';

const DAY_MS = 86_400_000;

/** Days after the end of each stage. */
export function stageDays(policy: LifecyclePolicy): Readonly<Record<Stage, number>> {
  return {
    deprovision: 0,
    archive_access: policy.graceDays,
    announce_deletion: policy.retentionDays - policy.noticeDays,
    delete_data: policy.retentionDays,
  };
}

/** SQL: subscription `s` has access, or is getting it: what it uses belongs to nobody else's end. */
export const hasAccess = (s: string): string => `${s}.access in ('provisioning', 'provisioned', 'suspended')`;

/**
 * SQL: the people of subscription `s` use their logins: it has access, or may still read after its end. A stage that has
 * begun counts no more, so that of two ends on one day the later run closes what both share.
 */
export const usesLogins = (
  s: string,
): string => `(${hasAccess(s)} or (${s}.access = 'deprovisioned' and exists (
  select 1 from lifecycle_stages u where u.subscription_id = ${s}.id and u.stage = 'archive_access'
     and u.run_id is null and u.cancelled is null)))`;

/** Whether a subscription other than this one lives on the same project. */
export async function projectIsServed(sql: Sql, subscriptionId: number): Promise<boolean> {
  const { rowCount } = await sql.query(
    `select 1 from subscriptions s join subscriptions o on o.project_id = s.project_id and o.id <> s.id
      where s.id = $1 and ${hasAccess('o')} limit 1`,
    [subscriptionId],
  );
  return rowCount > 0;
}

/** Whether one uses it already: it has access, or its run has begun; one that still waits for a deletion does not. */
export async function projectIsUsed(sql: Sql, subscriptionId: number): Promise<boolean> {
  const { rowCount } = await sql.query(
    `select 1 from subscriptions s join subscriptions o on o.project_id = s.project_id and o.id <> s.id
      where s.id = $1 and (o.access in ('provisioned', 'suspended') or (o.access = 'provisioning' and exists (
        select 1 from runs r join steps on steps.run_id = r.id where r.subscription_id = o.id
           and r.kind in ('provision', 'restore')))) limit 1`,
    [subscriptionId],
  );
  return rowCount > 0;
}

/**
 * The end: read-only now, the rest by the clock, counted from now: somebody whose end we learn late loses no day.
 * @returns the run of the first stage; null: another subscription serves the project, nothing of it ends
 */
export async function beginStages(
  tx: Tx,
  input: { subscriptionId: number; transitionId: number | null; policy: LifecyclePolicy; now: Date },
): Promise<string | null> {
  const { subscriptionId, transitionId, policy, now } = input;
  if (await projectIsServed(tx, subscriptionId)) return null;
  const runId = await requestRun(tx, { kind: 'deprovision', subscriptionId, transitionId });
  for (const [stage, days] of Object.entries(stageDays(policy))) {
    await tx.query(
      `insert into lifecycle_stages (subscription_id, stage, due_at, run_id) values ($1, $2, $3, $4)
       on conflict (subscription_id, stage) do update set due_at = excluded.due_at, run_id = excluded.run_id,
         done_at = null, cancelled = null`,
      [
        subscriptionId,
        stage,
        new Date(now.getTime() + days * DAY_MS),
        stage === 'deprovision' ? runId : null,
      ],
    );
  }
  return runId;
}

/** Calls off what has not been done, of every subscription of the same project. */
export async function callOff(tx: Tx, input: { subscriptionId: number; why: string }): Promise<void> {
  await tx.query(
    `update lifecycle_stages l set cancelled = $2
      where done_at is null and cancelled is null and subscription_id in (
        select $1::bigint union select o.id from subscriptions o join subscriptions s on s.project_id = o.project_id where s.id = $1)
        and not (stage = 'delete_data' and exists (select 1 from steps where run_id = l.run_id))`,
    [input.subscriptionId, input.why],
  );
}

/** A deletion of the project's data has begun and is not over: what is there now will not be. */
export async function deletionUnderWay(sql: Sql, subscriptionId: number): Promise<boolean> {
  const { rowCount } = await sql.query(
    `select 1 from subscriptions s join subscriptions o on o.project_id = s.project_id
       join runs r on r.subscription_id = o.id and r.kind = 'delete_data' and r.status not in ('done', 'superseded')
      where s.id = $1 and exists (select 1 from steps where run_id = r.id) limit 1`,
    [subscriptionId],
  );
  return rowCount > 0;
}

/** What a paid subscription finds of its project: something to restore, or nothing. */
export async function comesBack(sql: Sql, subscriptionId: number): Promise<boolean> {
  const { rowCount } = await sql.query(
    `select 1 from subscriptions s join projects p on p.id = s.project_id
       join storages t on t.project_id = p.id and t.bucket_id is not null
      where s.id = $1 and p.data_deleted_at is null and exists (
        select 1 from subscriptions o where o.project_id = p.id and o.id <> s.id
          and o.access in ('provisioned', 'suspended', 'deprovisioned'))`,
    [subscriptionId],
  );
  return rowCount > 0 && !(await deletionUnderWay(sql, subscriptionId));
}

/** The deletion never comes sooner after its announcement than the policy says, however late that was. */
export async function stageDone(
  tx: Tx,
  input: { runId: string; subscriptionId: number; stage: Stage; policy: LifecyclePolicy; now: Date },
): Promise<void> {
  await tx.query('update lifecycle_stages set done_at = $3 where subscription_id = $1 and run_id = $2', [
    input.subscriptionId,
    input.runId,
    input.now,
  ]);
  if (input.stage !== 'announce_deletion') return;
  await tx.query(
    "update lifecycle_stages set due_at = greatest(due_at, $2) where subscription_id = $1 and stage = 'delete_data'",
    [input.subscriptionId, new Date(input.now.getTime() + input.policy.noticeDays * DAY_MS)],
  );
}
