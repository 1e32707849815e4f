/**
 * The slow pass over every subscription. What it asks of Stripe: a call per hundred, and what the changed customers
 * need (counted by the sandbox). What it holds in memory: the same for 100,000 as for 10,000.
 * Options: --subscriptions=n (default 10,000), --changed=percent (default 1).
 */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { writeCustomer, writeSubscription } from '../../connector/billing/mirror.ts';
import type { ListedFact } from '../../connector/billing/passes/drift.ts';
import { beginPass, showPass } from '../../connector/billing/passes/rows.ts';
import { continuePasses, type SubscriptionListing } from '../../connector/billing/passes/run-pass.ts';
import { createSyncCustomer } from '../../connector/billing/sync-customer.ts';
import type { Database } from '../../connector/db/database.ts';
import { openDatabase } from '../../connector/db/open.ts';
import { createLog } from '../../connector/log.ts';
import { createStripe } from '../../connector/stripe/client.ts';
import { createProviderReads } from '../../connector/stripe/reads.ts';
import { createSubscriptionListing } from '../../connector/stripe/subscription-listing.ts';
import { startWorld } from '../sandbox/world.ts';

const log = createLog({ level: 'silent' });
const now = () => new Date();

export async function main(options: readonly string[]): Promise<void> {
  const option = (name: string, usual: number) =>
    Number(options.find((each) => each.startsWith(`--${name}=`))?.split('=')[1] ?? usual);
  const count = option('subscriptions', 10_000);
  const changed = Math.round((count * option('changed', 1)) / 100);
  const calls = await countCalls(count, changed);
  const small = await peakMb(10_000);
  const large = await peakMb(100_000);
  const bound = count / 100 + calls.needed;
  console.log(`${count} subscriptions, ${changed} changed: ${calls.made} calls of Stripe, ${bound} allowed`);
  console.log(`heap above the start, at its peak: ${small} MB for 10,000, ${large} MB for 100,000`);
  console.log(
    JSON.stringify({
      count,
      changed,
      calls: calls.made,
      bound,
      heapMb: [small, large],
      ok: calls.made <= bound && large - small <= 2,
    }),
  );
}

async function countCalls(count: number, changed: number): Promise<{ made: number; needed: number }> {
  const world = await startWorld();
  const db = await openDatabase({ dataDir: mkdtempSync(join(tmpdir(), 'bench-pass-')) });
  const stripe = createStripe({ secretKey: world.env.STRIPE_SECRET_KEY!, apiUrl: world.urls.stripe });
  try {
    const product = await stripe.products.create({ name: 'Starter', metadata: { plan_key: 'starter' } });
    const price = await stripe.prices.create({
      product: product.id,
      currency: 'usd',
      unit_amount: 25_000,
      recurring: { interval: 'month' },
      metadata: { plan_key: 'starter' },
    });
    for (let n = 0; n < count; n += 1) {
      world.systems.stripe.createDashboardSubscription({
        name: `Works ${n}`,
        email: `office@works${n}.example`,
        prices: [price.id],
      });
    }
    const listing = createSubscriptionListing(stripe);
    await mirrorAll(db, listing);
    const subscriptions = world.systems.stripe.subscriptions();
    for (let n = 0; n < changed; n += 1) {
      await stripe.subscriptions.update(subscriptions[n * Math.floor(count / changed)]!.id, {
        cancel_at_period_end: true,
      });
    }
    const syncCustomer = createSyncCustomer({
      db,
      reads: createProviderReads(stripe),
      onTransition: async () => {},
      now,
      log,
    });
    const wanted: string[] = [];
    world.counts.reset();
    await pass(db, listing, wanted);
    for (const customerId of wanted) {
      await syncCustomer({ customerId, invoiceIds: [], inTransaction: async () => {} });
    }
    // A changed customer is looked at: the customer, its subscriptions, its invoices.
    return { made: world.counts.of('stripe'), needed: changed * 3 };
  } finally {
    await db.close();
    await world.stop();
  }
}

async function pass(db: Database, listing: SubscriptionListing, wanted: string[]): Promise<void> {
  const { id } = await beginPass(db, { kind: 'full', dryRun: false, now: now() });
  await continuePasses({
    db,
    listing,
    checks: [],
    requestSync: async (_tx, { customerIds }) => {
      wanted.push(...customerIds);
      return () => {};
    },
    log,
    now,
  });
  if ((await showPass(db, id))?.finishedAt == null) throw new Error('the pass did not end');
}

/** Our records as they are once everything was synced. */
async function mirrorAll(db: Database, listing: SubscriptionListing): Promise<void> {
  let startingAfter: string | null = null;
  for (;;) {
    const { subscriptions, hasMore } = await listing.page({ startingAfter });
    await db.tx(async (tx) => {
      for (const fact of subscriptions) {
        const { customerId } = fact;
        await writeCustomer(tx, { customerId, fact: null, organisationId: null, now: now() });
        await writeSubscription(tx, { customerId, fact, organisationId: null, now: now() });
      }
    });
    startingAfter = subscriptions.at(-1)?.providerId ?? null;
    if (!hasMore || startingAfter === null) return;
  }
}

setFlagsFromString('--expose_gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** What a pass over `count` subscriptions holds at most, without the database's own memory. */
async function peakMb(count: number): Promise<number> {
  const db = await openDatabase({ dataDir: mkdtempSync(join(tmpdir(), 'bench-pass-')) });
  collectGarbage();
  const before = process.memoryUsage().heapUsed;
  let peak = 0;
  let given = 0;
  const listing: SubscriptionListing = {
    async page() {
      if (given % 2_000 === 0) {
        collectGarbage();
        peak = Math.max(peak, process.memoryUsage().heapUsed - before);
      }
      const subscriptions = Array.from({ length: 100 }, (_, n) => ended(given + n + 1));
      given += subscriptions.length;
      return { subscriptions, hasMore: given < count };
    },
    exists: async () => false,
  };
  try {
    await pass(db, listing, []);
  } finally {
    await db.close();
  }
  return Math.round((peak / 1024 / 1024) * 10) / 10;
}

/** One that ended before us: compared with our rows, and nothing to write about. */
function ended(n: number): ListedFact {
  const at = new Date(Date.UTC(2026, 0, 1) - n * 1000);
  return {
    providerId: `sub_${n}`,
    customerId: `cus_${n}`,
    status: 'canceled',
    planKey: 'starter',
    priceId: 'price_1',
    billingInterval: 'month',
    quantity: 1,
    currency: 'usd',
    recurringAmount: 25_000,
    currentPeriodStart: at,
    currentPeriodEnd: at,
    cancelAtPeriodEnd: false,
    cancelAt: null,
    canceledAt: at,
    endedAt: at,
    trialEnd: null,
    created: at,
    hasPaymentMethod: false,
    paymentMethod: null,
    orderId: null,
    scheduled: null,
    collectionPaused: false,
    items: [],
  } as ListedFact;
}
