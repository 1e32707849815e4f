import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ProviderReads } from '../../connector/billing/facts.ts';
import { createSyncCustomer } from '../../connector/billing/sync-customer.ts';
import { createLog } from '../../connector/log.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { type SeededSale, seedSale } from '../support/seed.ts';
import { openInvoice } from './dunning-scene.ts';

const log = createLog({ level: 'silent' });
const now = () => new Date();

let db: TestDatabase;
beforeAll(async () => {
  db = await openTestDatabase();
});
afterAll(() => db.close());

/** A provider that has the subscription as our row says, and these invoices. */
async function providerOf(
  { subscriptionId }: SeededSale,
  { status, ...reads }: { status: string } & Partial<ProviderReads>,
): Promise<ProviderReads> {
  const known = await db.query<Record<string, never>>(
    `select provider_id as "providerId", $2 as status, plan_key as "planKey", price_id as "priceId",
       billing_interval as "billingInterval", quantity, currency, recurring_amount as "recurringAmount",
       current_period_start as "currentPeriodStart", current_period_end as "currentPeriodEnd",
       cancel_at_period_end as "cancelAtPeriodEnd", cancel_at as "cancelAt", canceled_at as "canceledAt",
       ended_at as "endedAt", trial_end as "trialEnd", created, order_id as "orderId", false as "hasPaymentMethod",
       null as scheduled, false as "collectionPaused"
     from subscriptions where id = $1`,
    [subscriptionId, status],
  );
  return {
    customer: async () => null,
    subscriptions: async () => known.rows,
    invoices: async () => [],
    invoice: async () => null,
    orderOfSubscription: async () => null,
    ...reads,
  } as unknown as ProviderReads;
}

it('wakes what a transition started, once its transaction is committed', async () => {
  const sale = await seedSale(db);
  const reads = await providerOf(sale, { status: 'past_due' });
  const seen: string[] = [];
  let inside = false;
  const watched = { ...db };
  const sync = createSyncCustomer({
    db: watched,
    reads,
    now,
    log,
    onTransition: async (_tx, transition) => {
      inside = true;
      return () => void seen.push(`${transition.kind}${inside ? ' too early' : ''}`);
    },
  });
  watched.tx = async (work) => {
    const result = await db.tx(work);
    inside = false;
    return result;
  };
  await sync({ customerId: sale.customerId, invoiceIds: [], inTransaction: async () => {} });
  expect(seen).toEqual(['changed']);
});

it('asks why an invoice is unpaid when it was tried since we last looked, and not again', async () => {
  const sale = await seedSale(db);
  const unpaid = openInvoice({
    providerId: `in_new_${sale.subscriptionId}`,
    subscriptionProviderId: sale.customerId.replace('cus', 'sub'),
    paymentState: null,
  });
  const asked: number[] = [];
  let tries = 1;
  const reads = await providerOf(sale, {
    status: 'past_due',
    invoices: async () => [{ ...unpaid, attemptCount: tries }],
    async invoice() {
      asked.push(tries);
      return { ...unpaid, attemptCount: tries, paymentState: tries < 3 ? 'failed' : 'processing' };
    },
  });
  const seen: string[] = [];
  const sync = createSyncCustomer({
    db,
    reads,
    now,
    log,
    onTransition: async (_tx, { kind }) => void seen.push(kind),
  });
  const look = () => sync({ customerId: sale.customerId, invoiceIds: [], inTransaction: async () => {} });
  await look();
  expect(seen).toContain('payment_failed');
  await look();
  expect(asked).toEqual([1]);
  tries = 2;
  await look();
  await look();
  expect(asked).toEqual([1, 2]);
  // A debit on its way is asked for until the bank has spoken.
  tries = 3;
  await look();
  await look();
  expect(asked).toEqual([1, 2, 3, 3]);
  expect(seen.filter((kind) => kind === 'payment_failed')).toHaveLength(2);
});
