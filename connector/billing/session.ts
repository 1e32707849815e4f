/** Opens the one payable session of an order: an earlier one is taken up again or ended first, never left beside it. */
import { createHash } from 'node:crypto';
import type { Database } from '../db/database.ts';
import { asConnectorError, type ConnectorError } from '../errors.ts';
import type { Log } from '../log.ts';
import { alreadyPaid, paymentUnderWay, superseded } from './checkout-errors.ts';
import type { CheckoutGateway, CheckoutSession, SessionRequest } from './checkout-gateway.ts';
import type { OnOrder } from './order-stage.ts';
import { lockOrder, type Order, raiseAttempt } from './orders.ts';
import { subscriptionIsOver } from './subscription-over.ts';

export interface SessionDeps {
  readonly db: Database;
  readonly log: Log;
  readonly gateway: CheckoutGateway;
  /** This installation's uuid: two installations on one Stripe account never share an idempotency key. */
  readonly installation: string;
  /** Told when an order's payment page is opened; left out: nobody listens. */
  readonly onOrder?: OnOrder;
}

/**
 * @param order as read now; @param fresh true when it was created by this very request (nothing of it can be at Stripe)
 * @throws ConnectorError conflict `order_already_paid`, conflict `payment_under_way`, conflict `checkout_in_progress`,
 *   and whatever the gateway throws
 */
export async function openSession(
  deps: SessionDeps,
  order: Order,
  request: SessionRequest,
  fresh: boolean,
): Promise<CheckoutSession> {
  const requestHash = createHash('sha256').update(JSON.stringify(request)).digest('hex').slice(0, 32);
  if (order.state === 'paid') throw alreadyPaid();
  const earlier = fresh ? [] : await earlierSessions(deps, order, request.customerId);
  for (const session of earlier) await refuseFinished(deps, session);
  const same = earlier.find((session) => session.status === 'open' && session.requestHash === requestHash);
  for (const session of earlier)
    if (session !== same && session.status === 'open') await end(deps, session.id);
  const session = same ?? (await create(deps, order, request, requestHash));
  await record(deps, order, request.ui, session);
  return session;
}

/**
 * Ends whatever of this order could be paid, so that the order may be changed.
 * @throws ConnectorError conflict `order_already_paid`, conflict `payment_under_way`
 */
export async function endSessions(deps: SessionDeps, order: Order, customerId: string): Promise<void> {
  const earlier = await earlierSessions(deps, order, customerId);
  for (const session of earlier) await refuseFinished(deps, session);
  for (const { id, status } of earlier) if (status === 'open') await end(deps, id);
}

/** All that Stripe or we know of: our open row may be paid by now, and a crash may have left a session without a row. */
async function earlierSessions(
  { db, gateway }: SessionDeps,
  order: Order,
  customerId: string,
): Promise<readonly CheckoutSession[]> {
  const live = await gateway.liveSessions({ customerId, orderId: order.id });
  const { rows } = await db.query<{ id: string; status: string }>(
    'select provider_id as id, status from checkout_sessions where order_id = $1',
    [order.id],
  );
  for (const row of rows) {
    const now = live.find(({ id }) => id === row.id);
    if (now === undefined && row.status === 'open') await setStatus(db, row.id, 'expired');
    if (now?.status === 'complete') await setStatus(db, row.id, 'complete');
  }
  return live;
}

async function create(
  deps: SessionDeps,
  order: Order,
  request: SessionRequest,
  requestHash: string,
): Promise<CheckoutSession> {
  const { rows } = await deps.db.query<{ count: number }>(
    'select count(*)::int as count from checkout_sessions where order_id = $1',
    [order.id],
  );
  // Counting rows makes a try whose row was never written repeat its key, and so find its session again.
  const number = rows[0]!.count + 1;
  const key = [
    'checkout',
    deps.installation,
    `order_${order.id}`,
    number,
    order.sessionAttempt,
    requestHash,
  ].join('_');
  try {
    return await deps.gateway.createSession(request, { requestHash, key });
  } catch (thrown) {
    if (answeredForGood(asConnectorError(thrown))) await raiseAttempt(deps.db, order.id);
    throw thrown;
  }
}

/** Stripe would repeat this very answer to the same key, a 500 too; a conflict or a rate limit was not stored. */
export function answeredForGood(error: ConnectorError): boolean {
  const status = error.details?.status;
  return typeof status === 'number' && status !== 409 && status !== 429;
}

async function record(
  deps: SessionDeps,
  order: Order,
  ui: SessionRequest['ui'],
  session: CheckoutSession,
): Promise<void> {
  let wake: (() => void) | undefined;
  const outcome = await deps.db.tx(async (tx) => {
    const locked = await lockOrder(tx, order.id);
    if (locked.state === 'paid') return 'paid';
    // No conflict target: refuses both a second open session of the order and a row we have already.
    await tx.query(
      `insert into checkout_sessions (provider_id, order_id, ui, status, expires_at)
       values ($1, $2, $3, 'open', $4) on conflict do nothing`,
      [session.id, order.id, ui, session.expiresAt],
    );
    const { rowCount } = await tx.query('select 1 from checkout_sessions where provider_id = $1', [
      session.id,
    ]);
    if (rowCount === 0) return 'superseded';
    await tx.query(`update orders set state = 'open' where id = $1 and state in ('draft', 'abandoned')`, [
      order.id,
    ]);
    wake = await deps.onOrder?.(tx, { orderId: order.id, stage: 'open' });
    return 'open';
  });
  wake?.();
  if (outcome === 'open') return;
  deps.log.warn({ orderId: order.id, outcome }, 'a checkout session is ended: another request was first');
  await deps.gateway.expireSession(session.id);
  throw outcome === 'paid' ? alreadyPaid() : superseded();
}

async function end(deps: SessionDeps, id: string): Promise<void> {
  const after = await deps.gateway.expireSession(id);
  await setStatus(deps.db, id, after.status);
  await refuseFinished(deps, after);
}

/** A finished session is the end of its order, unless its money never came and the subscription it made is over. */
async function refuseFinished({ db }: SessionDeps, session: CheckoutSession): Promise<void> {
  if (session.status !== 'complete') return;
  if (session.paid) throw alreadyPaid();
  const over = session.subscriptionId !== null && (await subscriptionIsOver(db, session.subscriptionId));
  if (!over) throw paymentUnderWay();
}

async function setStatus(db: Database, id: string, status: string): Promise<void> {
  await db.query('update checkout_sessions set status = $2 where provider_id = $1', [id, status]);
}
