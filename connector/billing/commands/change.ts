/** How every command changes a subscription: look first, change under an idempotency key, then read the customer anew. */
import { createHash } from 'node:crypto';
import type { Database, Sql } from '../../db/database.ts';
import { asConnectorError } from '../../errors.ts';
import { hasEnded } from '../has-ended.ts';
import { answeredForGood } from '../session.ts';
import { noActiveSubscription, subscriptionNotFound } from './errors.ts';
import type { LiveSubscription, SubscriptionGateway } from './subscription-gateway.ts';

export interface CommandDeps {
  readonly db: Database;
  readonly gateway: SubscriptionGateway;
  /** Our database's uuid: two installations on one Stripe account never share an idempotency key. */
  readonly installation: string;
  readonly now: () => Date;
  /** Asks for the customer's present state in its lane; called after every change, whatever became of it. */
  readonly syncNow: (customerId: string) => Promise<void>;
}

/** Our row of it, as far as a command needs it. */
export interface Target {
  readonly id: number;
  readonly providerId: string;
  readonly customerId: string;
  readonly organisationId: number | null;
  readonly projectId: number | null;
  readonly attempt: number;
}

/** @throws ConnectorError absent `subscription_not_found` */
export async function readTarget(sql: Sql, subscriptionId: number): Promise<Target> {
  const { rows } = await sql.query<Target>(
    `select id, provider_id as "providerId", customer_id as "customerId", organisation_id as "organisationId",
            project_id as "projectId", change_attempt as attempt
       from subscriptions where id = $1`,
    [subscriptionId],
  );
  if (rows[0] === undefined) throw subscriptionNotFound(subscriptionId);
  return rows[0];
}

/** Our number of the provider's subscription. @throws ConnectorError absent `subscription_not_found` */
export async function subscriptionNumber(sql: Sql, named: string): Promise<number> {
  if (/^[1-9]\d{0,14}$/.test(named)) return (await readTarget(sql, Number(named))).id;
  const { rows } = await sql.query<{ id: number }>('select id from subscriptions where provider_id = $1', [
    named,
  ]);
  if (rows[0] === undefined) throw subscriptionNotFound(named);
  return rows[0].id;
}

/** @throws ConnectorError permanent `no_active_subscription`, absent `subscription_not_found` */
export async function readLiving(
  deps: Pick<CommandDeps, 'db' | 'gateway'>,
  subscriptionId: number,
): Promise<{ target: Target; live: LiveSubscription }> {
  const target = await readTarget(deps.db, subscriptionId);
  const live = await deps.gateway.read(target.providerId);
  if (hasEnded(live)) throw noActiveSubscription();
  return { target, live };
}

interface Change {
  readonly target: Target;
  /** Names the change in its idempotency key: cancel, change_plan. */
  readonly intent: string;
  /** All that the request to the provider depends on. */
  readonly body: unknown;
  readonly call: (key: string) => Promise<LiveSubscription>;
  /** Whether the subscription is now as wanted. */
  readonly done: (live: LiveSubscription) => boolean;
}

/**
 * The key is the same after a time-out or a reset and another after every final answer, which Stripe would repeat. The
 * gateway answers a repeated request with what is there now: where that is not what was wanted, the first answer was to
 * an earlier wish of the same words, and the change is asked for once more.
 */
export async function change(deps: CommandDeps, wanted: Change): Promise<LiveSubscription> {
  const { target } = wanted;
  try {
    const live = await attempt(deps, wanted);
    return wanted.done(live)
      ? live
      : await attempt(deps, { ...wanted, target: await readTarget(deps.db, target.id) });
  } finally {
    await deps.syncNow(target.customerId);
  }
}

async function attempt(deps: CommandDeps, { target, intent, body, call }: Change): Promise<LiveSubscription> {
  const key = [intent, deps.installation, target.providerId, target.attempt, digest(body)].join('_');
  let answered = true;
  try {
    return await call(key);
  } catch (thrown) {
    answered = answeredForGood(asConnectorError(thrown));
    throw thrown;
  } finally {
    if (answered) {
      await deps.db.query(
        'update subscriptions set change_attempt = change_attempt + 1 where id = $1 and change_attempt = $2',
        [target.id, target.attempt],
      );
    }
  }
}

/** Of a request's body, for its idempotency key. */
export function digest(body: unknown): string {
  return createHash('sha256').update(JSON.stringify(body)).digest('hex').slice(0, 32);
}
