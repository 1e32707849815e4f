/** Forgets what was typed and never paid: personal data of people who are nobody's customers. */
import type { Database, Tx } from '../db/database.ts';
import { asConnectorError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { CheckoutGateway } from './checkout-gateway.ts';
import type { OnOrder } from './order-stage.ts';
import { lockOrder } from './orders.ts';

interface NeverPaidDeps {
  readonly db: Database;
  readonly gateway: Pick<CheckoutGateway, 'liveSessions' | 'deleteUnusedCustomer'>;
  readonly now: () => Date;
  readonly log: Log;
  /** Told of each order that is forgotten. */
  readonly onOrder?: OnOrder;
}

interface Candidate {
  readonly id: number;
  readonly organisationId: number;
  readonly customerId: string | null;
}

const PAGE = 200;
// Paid, or its payment is on its way, or something at the provider came of it.
const UNTOUCHED = `o.state <> 'paid'
  and not exists (select 1 from subscriptions s where s.order_id = o.id)
  and not exists (select 1 from checkout_sessions c where c.order_id = o.id and c.status = 'complete')`;

/**
 * Removes orders whose link has expired unpaid, with their project and stakeholders; with the last of them its
 * organisation and the Stripe customer that was never used. Run nightly.
 * @returns how many orders were removed
 * @throws ConnectorError retryable, of the provider: the rest follows the next night
 */
export async function removeNeverPaid(deps: NeverPaidDeps): Promise<number> {
  let removed = 0;
  let after = 0;
  for (;;) {
    const { rows } = await deps.db.query<Candidate>(
      `select o.id, o.organisation_id as "organisationId", g.provider_customer_id as "customerId"
         from orders o join organisations g on g.id = o.organisation_id
        where o.id > $1 and o.token_expires_at < $2 and ${UNTOUCHED} order by o.id limit ${PAGE}`,
      [after, deps.now()],
    );
    for (const candidate of rows) if (await removeOne(deps, candidate)) removed += 1;
    const last = rows.at(-1);
    if (last === undefined) break;
    after = last.id;
  }
  if (removed > 0) deps.log.info({ removed }, 'orders that were never paid are forgotten');
  return removed;
}

async function removeOne(deps: NeverPaidDeps, candidate: Candidate): Promise<boolean> {
  const { id, organisationId, customerId } = candidate;
  try {
    // We may not have heard of a payment; the provider has.
    if (customerId !== null && (await deps.gateway.liveSessions({ customerId, orderId: id })).length > 0)
      return false;
    const alone = !(await hasOtherBusiness(deps.db, candidate));
    const unused =
      alone &&
      (customerId === null || (await deps.gateway.deleteUnusedCustomer({ customerId, organisationId })));
    return await deps.db.tx(async (tx) => {
      const removed = await remove(tx, { orderId: id, organisationId, withOrganisation: unused });
      if (removed) await deps.onOrder?.(tx, { orderId: id, stage: 'forgotten' });
      return removed;
    });
  } catch (thrown) {
    const error = asConnectorError(thrown);
    if (error.kind === 'retryable') throw error;
    deps.log.warn({ err: error, orderId: id }, 'an order that was never paid could not be forgotten');
    return false;
  }
}

async function hasOtherBusiness(db: Database, { id, organisationId }: Candidate): Promise<boolean> {
  const { rowCount } = await db.query(
    `select 1 from orders where organisation_id = $2 and id <> $1
     union all select 1 from subscriptions where organisation_id = $2 limit 1`,
    [id, organisationId],
  );
  return rowCount > 0;
}

async function remove(
  tx: Tx,
  input: { orderId: number; organisationId: number; withOrganisation: boolean },
): Promise<boolean> {
  const { orderId, organisationId } = input;
  const { projectId } = await lockOrder(tx, orderId);
  const still = await tx.query(`select 1 from orders o where o.id = $1 and ${UNTOUCHED}`, [orderId]);
  if (still.rowCount === 0) return false;
  await tx.query('delete from checkout_sessions where order_id = $1', [orderId]);
  await tx.query('delete from orders where id = $1', [orderId]);
  // An order made by a command is for a project that lives already.
  const used = await tx.query(
    'select 1 from orders where project_id = $1 union all select 1 from subscriptions where project_id = $1 limit 1',
    [projectId],
  );
  if (used.rowCount === 0) {
    await tx.query('delete from stakeholders where project_id = $1', [projectId]);
    await tx.query('delete from projects where id = $1', [projectId]);
  }
  if (!input.withOrganisation) return true;
  await tx.query(
    'update organisations set looks_like_duplicate_of = null where looks_like_duplicate_of = $1',
    [organisationId],
  );
  await tx.query('delete from customers where organisation_id = $1', [organisationId]);
  await tx.query('delete from organisations where id = $1', [organisationId]);
  return true;
}
