/** A pass over thousands of subscriptions: page by page, where it stood after a crash, and by one process at a time. */
import { expect, it } from 'vitest';
import { driftOfPage, type ListedFact } from '../../connector/billing/passes/drift.ts';
import { beginPass, leasePass, listDrifts, showPass } from '../../connector/billing/passes/rows.ts';
import { continuePasses, type SubscriptionListing } from '../../connector/billing/passes/run-pass.ts';
import { ConnectorError } from '../../connector/errors.ts';
import { silent } from '../jobs/support.ts';
import { describeOnEachDatabase } from '../support/database.ts';

const START = new Date('2026-03-01T12:00:00Z');

/** The n-th newest; two a second, so that pages meet within one. */
function subscription(n: number, change: Partial<ListedFact> = {}): ListedFact {
  return {
    providerId: `sub_${n}`,
    customerId: `cus_${n}`,
    status: 'active',
    planKey: 'starter',
    priceId: 'price_1',
    billingInterval: 'month',
    quantity: 1,
    currency: 'usd',
    recurringAmount: 25_000,
    currentPeriodStart: START,
    currentPeriodEnd: START,
    cancelAtPeriodEnd: false,
    cancelAt: null,
    canceledAt: null,
    endedAt: null,
    trialEnd: null,
    created: new Date(START.getTime() - 3_600_000 - Math.floor(n / 2) * 1000),
    hasPaymentMethod: true,
    paymentMethod: null,
    orderId: null,
    scheduled: null,
    collectionPaused: false,
    ...change,
  } as ListedFact;
}

/** Stripe's list, three a page; `fail` throws before the page after that id. */
function listing(all: readonly ListedFact[], fail: { after?: string; error?: ConnectorError } = {}) {
  const asked: (string | null)[] = [];
  const named: string[] = [];
  const port: SubscriptionListing = {
    async page({ startingAfter }) {
      if (startingAfter !== null && startingAfter === fail.after) throw fail.error;
      asked.push(startingAfter);
      const from =
        startingAfter === null ? 0 : all.findIndex((each) => each.providerId === startingAfter) + 1;
      return { subscriptions: all.slice(from, from + 3), hasMore: from + 3 < all.length };
    },
    async exists(id) {
      named.push(id);
      return all.some((each) => each.providerId === id);
    },
  };
  return { port, asked, named };
}

it.each([
  ['alive and of a plan of ours', {}, ['subscription_unknown']],
  ['of a product we do not sell', { planKey: null }, []],
  ['over before we knew it', { status: 'canceled' }, []],
])('a subscription we never recorded, %s', (_name, change, kinds) => {
  const drifts = driftOfPage({ listed: [subscription(1, change)], known: [] });
  expect(drifts.map(({ kind }) => kind)).toEqual(kinds);
});

describeOnEachDatabase('a pass', (open) => {
  async function scene(count: number) {
    const db = await open();
    const all = Array.from({ length: count }, (_, n) => subscription(n));
    for (const each of all) {
      await db.query('insert into customers (id) values ($1)', [each.customerId]);
      await db.query(
        `insert into subscriptions (provider_id, customer_id, plan_key, price_id, billing_interval, currency,
           recurring_amount, status, current_period_start, current_period_end, created)
         values ($1, $2, 'starter', 'price_1', 'month', 'usd', 25000, 'active', $3, $3, $4)`,
        [each.providerId, each.customerId, START, each.created],
      );
    }
    const synced: string[] = [];
    const deps = {
      db,
      checks: [],
      requestSync: async (_tx: unknown, { customerIds }: { customerIds: readonly string[] }) => {
        synced.push(...customerIds);
        return () => {};
      },
      log: silent,
      now: () => START,
    };
    return { db, all, deps, synced };
  }

  it('looks at each once, also where pages meet within a second, and asks by name for nothing', async () => {
    const { db, all, deps, synced } = await scene(10);
    const { id } = await beginPass(db, { kind: 'full', dryRun: false, now: START });
    const { port, asked, named } = listing(all);
    await continuePasses({ ...deps, listing: port });
    expect(asked).toEqual([null, 'sub_2', 'sub_5', 'sub_8']);
    expect(await showPass(db, id)).toMatchObject({ looked: 10, found: {}, finishedAt: START, listed: true });
    expect(named).toEqual([]);
    expect(synced).toEqual([]);
    await db.close();
  });

  it('asks by name for nothing when several pages are of one second', async () => {
    const { db, all, deps } = await scene(10);
    await db.query('update subscriptions set created = $1', [all[0]!.created]);
    const { id } = await beginPass(db, { kind: 'full', dryRun: false, now: START });
    const { port, named } = listing(all.map((each) => ({ ...each, created: all[0]!.created })));
    await continuePasses({ ...deps, listing: port });
    expect(named).toEqual([]);
    expect(await showPass(db, id)).toMatchObject({ looked: 10, found: {}, finishedAt: START });
    await db.close();
  });

  it('goes on at the page where it stood, and counts nothing twice', async () => {
    const { db, all, deps, synced } = await scene(10);
    const there = all.map((each, n) => (n === 1 || n === 9 ? { ...each, status: 'past_due' } : each));
    const { id } = await beginPass(db, { kind: 'full', dryRun: false, now: START });
    const error = new ConnectorError({ kind: 'retryable', code: 'stripe_unreachable', message: 'away' });
    await continuePasses({ ...deps, listing: listing(there, { after: 'sub_5', error }).port });
    expect(await showPass(db, id)).toMatchObject({ looked: 6, finishedAt: null, cursor: 'sub_5' });
    // The same request again takes up the unfinished one.
    expect((await beginPass(db, { kind: 'full', dryRun: false, now: START })).id).toBe(id);
    const { port, asked } = listing(there);
    await continuePasses({ ...deps, listing: port });
    expect(asked).toEqual(['sub_5', 'sub_8']);
    expect(await showPass(db, id)).toMatchObject({
      looked: 10,
      found: { subscription_differs: 2 },
      finishedAt: START,
    });
    expect(synced).toEqual(['cus_1', 'cus_9']);
    expect(await listDrifts(db, { open: true, limit: 10 })).toEqual([]);
    await db.close();
  });

  it('tells what Stripe does not have only after asking for it by name', async () => {
    const { db, all, deps } = await scene(10);
    const { id } = await beginPass(db, { kind: 'full', dryRun: false, now: START });
    const without = all.filter((each) => each.providerId !== 'sub_4');
    const { port, named } = listing(without);
    await continuePasses({ ...deps, listing: port });
    expect(named).toEqual(['sub_4']);
    expect((await showPass(db, id))!.found).toEqual({ subscription_missing: 1 });
    expect(await listDrifts(db, { limit: 10 })).toMatchObject([
      {
        kind: 'subscription_missing',
        subject: 'sub_4',
        customerId: 'cus_4',
        severity: 'critical',
        healed: false,
      },
    ]);
    await db.close();
  });

  it('belongs to one process until it stands still for a minute', async () => {
    const { db, all, deps } = await scene(4);
    const { id } = await beginPass(db, { kind: 'import', dryRun: true, now: START });
    expect(await leasePass(db, { id, holder: 'another', now: START })).toMatchObject({ id });
    const { port, asked } = listing(all);
    await continuePasses({ ...deps, listing: port });
    expect(asked).toEqual([]);
    const later = new Date(START.getTime() + 61_000);
    await continuePasses({ ...deps, listing: port, now: () => later });
    expect(asked).toEqual([null, 'sub_2']);
    await db.close();
  });

  it('whoever was believed dead and is not writes nothing more', async () => {
    const { db, all, deps } = await scene(6);
    const { id } = await beginPass(db, { kind: 'full', dryRun: false, now: START });
    const { port } = listing(all);
    let wake = () => {};
    const asleep = new Promise<void>((resolve) => {
      wake = resolve;
    });
    const slow: SubscriptionListing = {
      ...port,
      async page(input) {
        if (input.startingAfter !== null) await asleep;
        return port.page(input);
      },
    };
    const stalled = continuePasses({ ...deps, listing: slow });
    const taken = async () => (await showPass(db, id))!.looked === 3;
    while (!(await taken())) await new Promise((resolve) => setTimeout(resolve, 5));
    const later = new Date(START.getTime() + 61_000);
    await continuePasses({ ...deps, listing: port, now: () => later });
    expect(await showPass(db, id)).toMatchObject({ looked: 6, finishedAt: later });
    wake();
    await stalled;
    expect(await showPass(db, id)).toMatchObject({ looked: 6, finishedAt: later });
    await db.close();
  });

  it('is given up with its cause when nothing will change by itself', async () => {
    const { db, all, deps } = await scene(4);
    const { id } = await beginPass(db, { kind: 'full', dryRun: false, now: START });
    const error = new ConnectorError({
      kind: 'permanent',
      code: 'stripe_permission',
      message: 'no right to list',
      advice: 'Give it.',
    });
    await continuePasses({ ...deps, listing: listing(all, { after: 'sub_2', error }).port });
    expect(await showPass(db, id)).toMatchObject({
      finishedAt: START,
      cause: { code: 'stripe_permission', message: 'no right to list', advice: 'Give it.' },
    });
    await db.close();
  });
});
