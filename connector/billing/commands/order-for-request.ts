/** The order behind a subscription that is made by a command and not at the checkout: what provisioning asks for. */
import type { Sql } from '../../db/database.ts';
import { hashToken, newToken } from '../../secrets/token.ts';
import type { BillingInterval } from '../catalogue.ts';

interface Wanted {
  readonly organisationId: number;
  readonly projectId: number;
  readonly planKey: string;
  readonly interval: BillingInterval;
  readonly quantity: number;
  readonly now: Date;
  readonly requestId: string;
}

const TOKEN_DAYS = 60;

/** The same request gives the same order. Nobody holds its token: its page is reached by the links in its mails. */
export async function orderForRequest(sql: Sql, wanted: Wanted): Promise<number> {
  const { organisationId, projectId, planKey, interval, quantity, now, requestId } = wanted;
  await sql.query(
    `insert into orders (organisation_id, project_id, plan_key, billing_interval, quantity, state, token_hash,
       token_expires_at, created_at, request_id)
     values ($1, $2, $3, $4, $5, 'open', $6, $7, $8, $9) on conflict (request_id) do nothing`,
    [
      organisationId,
      projectId,
      planKey,
      interval,
      quantity,
      hashToken(newToken()),
      new Date(now.getTime() + TOKEN_DAYS * 86_400_000),
      now,
      requestId,
    ],
  );
  const { rows } = await sql.query<{ id: number }>('select id from orders where request_id = $1', [
    requestId,
  ]);
  return rows[0]!.id;
}

/** Of a request that came to nothing. */
export async function dropOrder(sql: Sql, orderId: number): Promise<void> {
  await sql.query(
    `delete from orders o where o.id = $1 and o.state <> 'paid'
        and not exists (select 1 from subscriptions s where s.order_id = o.id)`,
    [orderId],
  );
}
