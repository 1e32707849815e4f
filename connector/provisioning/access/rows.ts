/** `portal_access`: who of a project can log in to the ERP's portal, and what keeps the others out. */
import type { StakeholderUser } from '../../crm/users.ts';
import type { Sql } from '../../db/database.ts';

/** Writes what the ERP said of these people. */
export async function recordAccess(
  sql: Sql,
  input: { subscriptionId: number; users: readonly StakeholderUser[]; now: Date },
): Promise<void> {
  const said = input.users.map(({ stakeholderId, outcome, reason }) => ({
    stakeholder_id: stakeholderId,
    outcome,
    reason: reason ?? null,
  }));
  // Where staff had to decide about a user and a portal user is there now, it is they who made it: nobody else can.
  await sql.query(
    `insert into portal_access as a (stakeholder_id, subscription_id, outcome, reason, checked_at)
     select n.stakeholder_id, $1, n.outcome, n.reason, $3
       from jsonb_to_recordset($2::jsonb) as n (stakeholder_id bigint, outcome text, reason text)
     on conflict (stakeholder_id) do update set subscription_id = excluded.subscription_id,
       outcome = case when excluded.outcome = 'needs_acceptance'
                       and (a.reason = 'internal_or_archived_user' or a.outcome = 'made_by_staff')
                      then 'made_by_staff' else excluded.outcome end,
       reason = excluded.reason, checked_at = excluded.checked_at`,
    [input.subscriptionId, JSON.stringify(said), input.now],
  );
}

/** SQL: stakeholder `k` has access to their project, as far as we were told. */
export const hasLogin = (
  k: string,
): string => `exists (select 1 from portal_access la where la.stakeholder_id = ${k}.id
  and la.outcome in ('created', 'already_ours', 'accepted', 'made_by_staff'))`;

/** Stakeholders of a subscription who can log in, as far as we were told. */
export async function peopleWithAccess(sql: Sql, subscriptionId: number): Promise<ReadonlySet<number>> {
  const { rows } = await sql.query<{ id: number }>(
    `select stakeholder_id as id from portal_access
      where subscription_id = $1 and outcome in ('created', 'already_ours', 'accepted')`,
    [subscriptionId],
  );
  return new Set(rows.map(({ id }) => id));
}

/** The person agreed; done once, however often it is clicked. @returns false: nobody is asked any more */
export async function acceptAccess(sql: Sql, input: { stakeholderId: number; now: Date }): Promise<boolean> {
  const { rowCount } = await sql.query(
    `update portal_access set accepted_at = coalesce(accepted_at, $2)
      where stakeholder_id = $1 and (outcome = 'needs_acceptance' or accepted_at is not null)`,
    [input.stakeholderId, input.now],
  );
  return rowCount > 0;
}

// What a person must change in the ERP is looked at again this seldom.
const AGAIN_AFTER_MS = 3_600_000;

/** Provisioned subscriptions of whose people somebody waits and may have come nearer to access. */
export async function subscriptionsToSettle(sql: Sql, now: Date): Promise<readonly number[]> {
  const { rows } = await sql.query<{ id: number }>(
    `select distinct a.subscription_id as id from portal_access a join subscriptions s on s.id = a.subscription_id
      where s.access = 'provisioned'
        and ((a.outcome = 'needs_acceptance' and a.accepted_at is not null and a.accepted_at > a.checked_at)
          or (a.outcome in ('needs_acceptance', 'needs_staff', 'over_limit') and a.checked_at < $1))`,
    [new Date(now.getTime() - AGAIN_AFTER_MS)],
  );
  return rows.map(({ id }) => id);
}
