/** One subscription as we hold it. */
import type { Sql } from '../db/database.ts';
import type { SubscriptionRecord } from './sale.ts';

/** @returns undefined when there is none; `orderId` null: no order of ours explains it */
export async function readSubscription(
  sql: Sql,
  id: number,
): Promise<(SubscriptionRecord & { readonly orderId: number | null }) | undefined> {
  const found = await sql.query<SubscriptionRecord & { orderId: number | null }>(
    `select id, provider_id as "providerId", plan_key as "planKey", billing_interval as "billingInterval", quantity,
            currency, recurring_amount as "recurringAmount", status, access,
            current_period_start as "currentPeriodStart", current_period_end as "currentPeriodEnd",
            cancel_at_period_end as "cancelAtPeriodEnd", canceled_at as "canceledAt", ended_at as "endedAt",
            trial_end as "trialEnd", version, order_id as "orderId"
       from subscriptions where id = $1`,
    [id],
  );
  return found.rows[0];
}
