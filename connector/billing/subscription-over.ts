import type { Sql } from '../db/database.ts';

/** Whether the provider's subscription is known to have ended; one we have not heard of yet lives. */
export async function subscriptionIsOver(sql: Sql, providerId: string): Promise<boolean> {
  const { rowCount } = await sql.query(
    `select 1 from subscriptions where provider_id = $1
        and (ended_at is not null or status in ('canceled', 'incomplete_expired'))`,
    [providerId],
  );
  return rowCount > 0;
}
