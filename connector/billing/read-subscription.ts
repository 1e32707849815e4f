/** Subscriptions as we hold them. */
import type { Sql } from '../db/database.ts';
import type { SubscriptionRecord } from './sale.ts';

const COLUMNS = `s.id, s.provider_id as "providerId", s.plan_key as "planKey", s.billing_interval as "billingInterval",
  s.quantity, s.currency, s.recurring_amount as "recurringAmount",
  case when s.collection_paused then 0 else s.monthly_amount end as "monthlyAmount", s.status, s.access,
  s.current_period_start as "currentPeriodStart", s.current_period_end as "currentPeriodEnd",
  s.cancel_at_period_end as "cancelAtPeriodEnd", s.canceled_at as "canceledAt", s.ended_at as "endedAt",
  s.trial_end as "trialEnd", s.version`;

/** @returns undefined when there is none; `orderId` null: no order of ours explains it */
export async function readSubscription(
  sql: Sql,
  id: number,
): Promise<(SubscriptionRecord & { readonly orderId: number | null }) | undefined> {
  const found = await sql.query<SubscriptionRecord & { orderId: number | null }>(
    `select ${COLUMNS}, s.order_id as "orderId" from subscriptions s where s.id = $1`,
    [id],
  );
  return found.rows[0];
}

/** Those of our plans, by rising number, from above `after` on. */
export async function readSubscriptionsAfter(
  sql: Sql,
  input: { after: number; limit: number },
): Promise<readonly SubscriptionRecord[]> {
  const found = await sql.query<SubscriptionRecord>(
    `select ${COLUMNS} from subscriptions s where s.id > $1 and s.plan_key is not null order by s.id limit $2`,
    [input.after, input.limit],
  );
  return found.rows;
}
