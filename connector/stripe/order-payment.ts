/** Where the payment of an order stands: for the return page, which may be faster than the webhook. */
import type { OrderPayment } from '../billing/checkout-gateway.ts';
import type { Database, Sql } from '../db/database.ts';
import type { Stripe } from './client.ts';
import { stripeCall } from './errors.ts';
import { idOf } from './id-of.ts';
import { createTurns } from './turns.ts';

/** A page left open for days asks for its customer no oftener; what happens meanwhile comes as an event. */
const SYNC_EVERY_MS = 60_000;
// Beyond this many the oldest is forgotten: it only costs a sync.
const REMEMBERED = 1000;

interface PaymentDeps {
  readonly db: Database;
  readonly stripe: Stripe;
  readonly now: () => Date;
  /** Whether a subscription, by the provider's id, is known to have ended. */
  readonly isOver: (subscriptionId: string) => Promise<boolean>;
  /** Called with the customer of a finished session we know no subscription of: a lost webhook holds nobody up. */
  readonly syncNow: (customerId: string) => Promise<void>;
}

/** @returns a function from an order that is not paid, as far as we know, to its payment. Stripe is asked only about what our mirror does not tell. */
export function createOrderPayment(deps: PaymentDeps): (orderId: number) => Promise<OrderPayment> {
  const isDue = createTurns({ everyMs: SYNC_EVERY_MS, remembered: REMEMBERED });
  return async (orderId) => {
    const mirrored = await mirroredPayment(deps.db, orderId);
    if (mirrored !== undefined) return mirrored;
    const { rows } = await deps.db.query<{ id: string }>(
      'select provider_id as id from checkout_sessions where order_id = $1 order by created_at desc limit 1',
      [orderId],
    );
    const newest = rows[0];
    if (newest === undefined) return { state: 'none', payUrl: null };
    const session = await stripeCall(() => deps.stripe.checkout.sessions.retrieve(newest.id));
    if (session.status !== 'complete')
      return { state: 'none', payUrl: session.status === 'open' ? session.url : null };
    const made = idOf(session.subscription);
    // Its money never came and what it made is over: the order waits for a new session.
    if (made !== null && session.payment_status === 'unpaid' && (await deps.isOver(made)))
      return { state: 'none', payUrl: null };
    // A subscription is somebody's: a finished session has its customer.
    if (isDue(session.id, deps.now())) await deps.syncNow(idOf(session.customer)!);
    // A bank debit's session is finished days before its money comes, or does not.
    return { state: session.payment_status === 'unpaid' ? 'on_its_way' : 'confirming' };
  };
}

// What Stripe calls a subscription whose payment was tried and has failed; while a debit is under way it is active.
const FAILED: ReadonlySet<string> = new Set(['past_due', 'unpaid', 'incomplete', 'paused']);

/** undefined: no living subscription of this order is known. */
async function mirroredPayment(sql: Sql, orderId: number): Promise<OrderPayment | undefined> {
  const { rows } = await sql.query<{ status: string; invoice: string | null; payUrl: string | null }>(
    `select s.status, i.status as invoice, i.hosted_invoice_url as "payUrl"
       from subscriptions s left join invoices i on i.subscription_id = s.id and i.billing_reason = 'subscription_create'
      where s.order_id = $1 and s.ended_at is null and s.status not in ('canceled', 'incomplete_expired')
      order by s.created desc limit 1`,
    [orderId],
  );
  const found = rows[0];
  if (found === undefined) return undefined;
  if (found.invoice === 'paid') return { state: 'confirming' };
  return FAILED.has(found.status) ? { state: 'failed', payUrl: found.payUrl } : { state: 'on_its_way' };
}
