import { expect, it } from 'vitest';
import type { ProviderReads } from '../../connector/billing/facts.ts';
import { createSyncCustomer } from '../../connector/billing/sync-customer.ts';
import { createLog } from '../../connector/log.ts';
import { openTestDatabase } from '../support/database.ts';
import { seedSale } from '../support/seed.ts';

const log = createLog({ level: 'silent' });
const now = () => new Date();

it('wakes what a transition started, once its transaction is committed', async () => {
  const db = await openTestDatabase();
  const sale = await seedSale(db);
  const known = await db.query<Record<string, never>>(
    `select provider_id as "providerId", 'past_due' as status, plan_key as "planKey", price_id as "priceId",
       billing_interval as "billingInterval", quantity, currency, recurring_amount as "recurringAmount",
       current_period_start as "currentPeriodStart", current_period_end as "currentPeriodEnd",
       cancel_at_period_end as "cancelAtPeriodEnd", cancel_at as "cancelAt", canceled_at as "canceledAt",
       ended_at as "endedAt", trial_end as "trialEnd", created, order_id as "orderId", false as "hasPaymentMethod",
       null as scheduled, false as "collectionPaused"
     from subscriptions where id = $1`,
    [sale.subscriptionId],
  );
  const reads = {
    customer: async () => null,
    subscriptions: async () => known.rows,
    invoices: async () => [],
    invoice: async () => null,
    orderOfSubscription: async () => null,
  } as unknown as ProviderReads;
  const seen: string[] = [];
  let inside = false;
  const sync = createSyncCustomer({
    db,
    reads,
    now,
    log,
    onTransition: async (_tx, transition) => {
      inside = true;
      return () => void seen.push(`${transition.kind}${inside ? ' too early' : ''}`);
    },
  });
  const committed = db.tx;
  db.tx = (async (work) => {
    const result = await committed(work);
    inside = false;
    return result;
  }) as typeof db.tx;
  await sync({ customerId: sale.customerId, invoiceIds: [], inTransaction: async () => {} });
  expect(seen).toEqual(['changed']);
  await db.close();
});
