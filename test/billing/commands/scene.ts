/** A paid subscription in the sandbox's Stripe and in our database, and what the commands need to change it. */
import type { PlanDeps } from '../../../connector/billing/commands/preview-change.ts';
import { createSubscriptionGateway } from '../../../connector/stripe/subscriptions.ts';
import { CONNECTOR_SECRET, INSTALLATION, orderBody, startFront } from '../../support/front.ts';

export type Scene = Awaited<ReturnType<typeof startScene>>;

export async function startScene(options: Parameters<typeof startFront>[0] = {}) {
  const front = await startFront(options);
  const deps: PlanDeps = {
    connectorSecrets: [CONNECTOR_SECRET],
    db: front.db,
    catalogue: front.catalogue,
    gateway: createSubscriptionGateway(front.stripe),
    installation: INSTALLATION,
    now: () => front.world.clock.now(),
    syncNow: (customerId) => front.syncCustomer(customerId),
  };
  return {
    ...front,
    deps,
    /** Bought and paid at the checkout; in step with us. */
    async buy(order: Record<string, unknown> = {}) {
      const { body } = await front.post(orderBody(order));
      await front.pay(body.session_id);
      const customerId = await front.sync(body.session_id);
      const { rows } = await front.db.query<{ id: number; providerId: string }>(
        'select id, provider_id as "providerId" from subscriptions where customer_id = $1 order by id desc',
        [customerId],
      );
      return { subscriptionId: rows[0]!.id, providerId: rows[0]!.providerId, customerId };
    },
    /** Our row. */
    async row(subscriptionId: number): Promise<Record<string, unknown>> {
      const { rows } = await front.db.query<Record<string, unknown>>(
        'select * from subscriptions where id = $1',
        [subscriptionId],
      );
      return rows[0]!;
    },
    /** Kinds of the transitions so far, oldest first. */
    async transitions(subscriptionId: number): Promise<string[]> {
      const { rows } = await front.db.query<{ kind: string }>(
        'select kind from transitions where subscription_id = $1 order by id',
        [subscriptionId],
      );
      return rows.map(({ kind }) => kind);
    },
  };
}
