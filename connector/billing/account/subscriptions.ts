/** An organisation's subscriptions, and which of them a request is about. Everything is asked by organisation: an id alone opens nothing. */
import type { Sql } from '../../db/database.ts';
import { hasEnded } from '../has-ended.ts';
import { ambiguous, noSuchSubscription, nothingAlive } from './errors.ts';

export interface AccountSubscription {
  readonly id: number;
  readonly provider: string;
  readonly providerId: string;
  readonly planKey: string | null;
  readonly billingInterval: string | null;
  readonly quantity: number;
  readonly currency: string;
  readonly recurringAmount: number;
  readonly status: string;
  readonly access: string;
  readonly currentPeriodStart: Date | null;
  readonly currentPeriodEnd: Date | null;
  readonly cancelAtPeriodEnd: boolean;
  readonly cancelAt: Date | null;
  readonly endedAt: Date | null;
  readonly trialEnd: Date | null;
  readonly created: Date;
  readonly projectId: number | null;
  readonly project: string | null;
}

/** Newest first. */
export async function subscriptionsOf(
  sql: Sql,
  organisationId: number,
): Promise<readonly AccountSubscription[]> {
  const { rows } = await sql.query<AccountSubscription>(
    `select s.id, s.provider, s.provider_id as "providerId", s.plan_key as "planKey",
            s.billing_interval as "billingInterval", s.quantity, s.currency, s.recurring_amount as "recurringAmount",
            s.status, s.access, s.current_period_start as "currentPeriodStart",
            s.current_period_end as "currentPeriodEnd", s.cancel_at_period_end as "cancelAtPeriodEnd",
            s.cancel_at as "cancelAt", s.ended_at as "endedAt", s.trial_end as "trialEnd", s.created,
            s.project_id as "projectId", p.name as project
       from subscriptions s left join projects p on p.id = s.project_id
      where s.organisation_id = $1 order by s.created desc, s.id desc`,
    [organisationId],
  );
  return rows;
}

/**
 * The one named, ended ones too; else the only one alive.
 * @param named our number of it, as text
 * @throws ConnectorError absent `subscription_not_found`, permanent `no_active_subscription`,
 *   conflict `subscription_ambiguous` (details.subscriptions)
 */
export async function chooseSubscription(
  sql: Sql,
  organisationId: number,
  named: string | undefined,
): Promise<AccountSubscription> {
  const all = await subscriptionsOf(sql, organisationId);
  if (named !== undefined) {
    const found = all.find(({ id }) => String(id) === named);
    if (found === undefined) throw noSuchSubscription();
    return found;
  }
  const alive = all.filter((each) => !hasEnded(each));
  if (alive.length > 1)
    throw ambiguous(
      alive.map(({ id, planKey, project }) => ({ id: String(id), plan_key: planKey, project })),
    );
  if (alive[0] === undefined) throw nothingAlive();
  return alive[0];
}

/** Whether anything can still happen to it. @throws ConnectorError permanent `no_active_subscription` */
export function requireAlive(subscription: AccountSubscription): AccountSubscription {
  if (hasEnded(subscription)) throw nothingAlive();
  return subscription;
}
