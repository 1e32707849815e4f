/** What follows from checkouts that closed unpaid: their orders are abandoned, until somebody begins to pay again. */
import type { Database, Tx } from '../db/database.ts';
import type { CheckoutGateway } from './checkout-gateway.ts';
import type { OnOrder } from './order-stage.ts';

/** An event is a trigger, not a fact: after one of this type the customer's sessions are read. */
export const SESSION_CLOSED = 'checkout.session.expired';

/**
 * Reads now which open sessions of a customer have closed. Nothing is ended or taken away by this: the order's link works on.
 * @returns what to write, in the caller's transaction
 */
export function createClosedSessions(deps: {
  readonly db: Database;
  readonly gateway: Pick<CheckoutGateway, 'sessionStatuses'>;
  /** Told of each order that is abandoned by this. */
  readonly onOrder?: OnOrder;
}): (customerId: string) => Promise<(tx: Tx) => Promise<void>> {
  return async (customerId) => {
    const { rows } = await deps.db.query<{ id: string }>(
      `select c.provider_id as id from checkout_sessions c join orders o on o.id = c.order_id
         join organisations g on g.id = o.organisation_id
        where g.provider_customer_id = $1 and c.status = 'open'`,
      [customerId],
    );
    const open = new Set(rows.map(({ id }) => id));
    const statuses = open.size === 0 ? [] : await deps.gateway.sessionStatuses(customerId);
    const closed = statuses.filter(({ id, status }) => open.has(id) && status !== 'open');
    return async (tx) => {
      for (const { id, status } of closed)
        await tx.query(
          `update checkout_sessions set status = $2 where provider_id = $1 and status = 'open'`,
          [id, status],
        );
      // Our own ending of a session, before the next one is opened, comes here too: then the next one's row says so.
      const abandoned = await tx.query<{ id: number }>(
        `update orders o set state = 'abandoned' from organisations g
          where g.id = o.organisation_id and g.provider_customer_id = $1 and o.state = 'open'
            and exists (select 1 from checkout_sessions c where c.order_id = o.id and c.status = 'expired')
            and not exists (select 1 from checkout_sessions c where c.order_id = o.id and c.status <> 'expired')
          returning o.id`,
        [customerId],
      );
      for (const { id: orderId } of abandoned.rows) await deps.onOrder?.(tx, { orderId, stage: 'abandoned' });
    };
  };
}
