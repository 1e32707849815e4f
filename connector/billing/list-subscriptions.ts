/** Subscriptions as we hold them, for operators. */
import type { Sql } from '../db/database.ts';

export interface ListedSubscription {
  readonly id: number;
  readonly providerId: string;
  readonly customerId: string;
  readonly organisation: string | null;
  readonly planKey: string | null;
  readonly billingInterval: string | null;
  readonly quantity: number;
  readonly currency: string;
  /** Per interval, minor units of `currency`. */
  readonly recurringAmount: number;
  readonly status: string;
  readonly access: string;
  readonly currentPeriodEnd: Date | null;
  readonly cancelAt: Date | null;
}

export interface SubscriptionFilter {
  readonly customerId?: string;
  readonly status?: string;
  /** Older than this one: the last id of the page before. */
  readonly before?: number;
  readonly limit: number;
}

/** Newest first. */
export async function listSubscriptions(
  sql: Sql,
  filter: SubscriptionFilter,
): Promise<readonly ListedSubscription[]> {
  const { rows } = await sql.query<ListedSubscription>(
    `select s.id, s.provider_id as "providerId", s.customer_id as "customerId", g.name as organisation,
            s.plan_key as "planKey", s.billing_interval as "billingInterval", s.quantity, s.currency,
            s.recurring_amount as "recurringAmount", s.status, s.access,
            s.current_period_end as "currentPeriodEnd", s.cancel_at as "cancelAt"
       from subscriptions s left join organisations g on g.id = s.organisation_id
      where ($1::text is null or s.customer_id = $1) and ($2::text is null or s.status = $2)
        and ($3::bigint is null or s.id < $3) order by s.id desc limit $4`,
    [filter.customerId ?? null, filter.status ?? null, filter.before ?? null, filter.limit],
  );
  return rows;
}
