/**
 * The same life of a customer, told to us in every way events can come: twice, shuffled, late, in both payload shapes,
 * not at all until the backfill, to either of two workers. What we hold in the end is the same.
 */
import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '../../connector/app.ts';
import { parseConfig } from '../../connector/config.ts';
import { backfill } from '../../connector/inbox/backfill.ts';
import { registeredTypes } from '../../connector/inbox/event-table.ts';
import { createLog } from '../../connector/log.ts';
import { createStripe } from '../../connector/stripe/client.ts';
import { createEventListing } from '../../connector/stripe/event-listing.ts';
import { freePort } from '../../scripts/demo/free-port.ts';
import type { World } from '../../scripts/sandbox/world.ts';
import { checkout, draft, eventually, startConnector } from '../support/connector.ts';
import { openTestPostgres, type TestDatabase } from '../support/database.ts';
import { startTestWorld } from '../support/sandbox.ts';
import { heldOf } from './held.ts';

const CUSTOMERS = 8;
/** More than a customer has events. */
const EVENTS = 32;

type StoredEvent = ReturnType<World['systems']['stripe']['events']>[number];

/** What becomes of one event's delivery. */
interface Fate {
  /** 0: never delivered. */
  readonly copies: number;
  /** Comes only after the next thing has happened. */
  readonly late: boolean;
  /** Order among those delivered together. */
  readonly place: number;
  readonly worker: number;
  readonly shape: '2024-06-20' | '2026-10-28.endive';
}

const fate = fc.record({
  copies: fc.integer({ min: 0, max: 2 }),
  late: fc.boolean(),
  place: fc.nat(1000),
  worker: fc.integer({ min: 0, max: 1 }),
  shape: fc.constantFrom('2024-06-20' as const, '2026-10-28.endive' as const),
});
const anyTellings = fc.array(fc.array(fate, { minLength: EVENTS, maxLength: EVENTS }), {
  minLength: CUSTOMERS,
  maxLength: CUSTOMERS,
});

const plainly = (place: number, change: Partial<Fate> = {}): Fate => ({
  copies: 1,
  late: false,
  place,
  worker: 0,
  shape: '2026-10-28.endive',
  ...change,
});

describe('events of a life', () => {
  let world: World;
  let db: TestDatabase;
  let env: Readonly<Record<string, string>>;
  let secret: string;
  let workers: { publicUrl: string; stop(): Promise<void> }[];
  let buyers = 0;

  beforeAll(async () => {
    world = await startTestWorld();
    db = await openTestPostgres();
    const first = await startConnector({ world, db, env: { TRUST_PROXY: 'loopback' } });
    secret = first.env.STRIPE_WEBHOOK_SECRET!;
    env = first.env;
    const port = await freePort(0);
    const second = await createApp({
      config: parseConfig({ ...env, PORT: String(port) }, { embedded: true }),
      db,
      log: createLog({ level: 'silent' }),
      now: () => new Date(),
    });
    await second.start();
    workers = [
      { publicUrl: first.publicUrl, stop: first.stop },
      { publicUrl: `http://127.0.0.1:${port}`, stop: second.stop },
    ];
    // From here on only the test delivers.
    world.systems.stripe.holdDeliveries();
  });

  afterAll(async () => {
    for (const worker of workers ?? []) await worker.stop();
    await db?.close();
  });

  it('leave the same however they are told', { timeout: 170_000 }, async () => {
    const expected = await live([Array.from({ length: EVENTS }, (_, place) => plainly(place))]);
    expect(expected.final[0]).toMatchObject({
      subscriptions: [{ status: 'canceled', plan_key: 'starter', access: 'deprovisioned' }],
      invoices: [
        { status: 'paid', billing_reason: 'subscription_create' },
        { status: 'paid', billing_reason: 'subscription_cycle' },
        { billing_reason: 'subscription_cycle' },
      ],
      runs: [
        { kind: 'deprovision', status: 'done' },
        { kind: 'provision', status: 'done' },
      ],
    });
    expect(expected.final[0]!.transitions.map(({ kind }) => kind).sort()).toEqual(
      expect.arrayContaining(['ended', 'paid', 'payment_failed', 'renewed', 'won']),
    );
    await fc.assert(
      fc.asyncProperty(anyTellings, async (told) => {
        const { final } = await live(told);
        for (const state of final) expect(state).toEqual(expected.final[0]);
      }),
      // A failing case is a whole life: it is printed as it is, not made smaller.
      { numRuns: 2, endOnFailure: true },
    );
  });

  it('leave the same with any one of them missing', { timeout: 170_000 }, async () => {
    const whole = Array.from({ length: EVENTS }, (_, place) => plainly(place));
    const calm = await live([whole]);
    const events = calm.events[0]!;
    const without = Array.from({ length: events }, (_, missing) =>
      whole.map((each, at) => (at === missing ? { ...each, copies: 0 } : each)),
    );
    const { final } = await live(without);
    for (const [missing, state] of final.entries())
      expect(state, `without event ${missing}`).toEqual(calm.final[0]);
  });

  /** Customers who live the same life at the same time, each told in its own way. */
  async function live(tellings: readonly (readonly Fate[])[]) {
    const { stripe } = world.systems;
    const customers = await Promise.all(tellings.map(() => begin()));
    const done = new Map<string, number>(customers.map(({ customer }) => [customer, 0]));
    const late = new Map<string, { event: StoredEvent; fate: Fate }[]>();
    const each = (act: (subscription: string) => void) => {
      for (const { customer } of customers)
        act(stripe.subscriptions().find((one) => one.customer === customer)!.id);
    };
    const moments: [string, () => void | Promise<void>][] = [
      ['begun', () => {}],
      [
        'paid',
        () => {
          for (const { session } of customers) stripe.payCheckout(session);
        },
      ],
      ['renewed', () => untilRenewal(customers)],
      [
        'failed',
        () => {
          each((id) => stripe.replaceCard(id, '4000000000000341'));
          return untilRenewal(customers);
        },
      ],
      ['cancelled', () => each((id) => void stripe.cancelSubscription(id))],
    ];
    for (const [moment, happen] of moments) {
      await happen();
      const told: string[] = [];
      for (const [index, { customer }] of customers.entries()) {
        const all = eventsOf(customer);
        const fresh = all.slice(done.get(customer)!).map((event, at) => ({
          event,
          fate: tellings[index]![(done.get(customer)! + at) % EVENTS]!,
        }));
        done.set(customer, all.length);
        const prompt = fresh.filter(({ fate }) => !fate.late);
        await deliver([...(late.get(customer) ?? []), ...prompt]);
        late.set(
          customer,
          fresh.filter(({ fate }) => fate.late),
        );
        if (prompt.some(({ fate }) => fate.copies > 0)) told.push(customer);
      }
      await settled(customers);
      // Any one event of this moment is enough; who heard of none is told by the backfill before the next.
      const states = await Promise.all(told.map((customer) => heldOf(db, customer)));
      for (const state of states) expect(state, moment).toEqual(states[0]);
      if (told.length < customers.length) await fetchMissed();
      await settled(customers);
    }
    for (const rest of late.values()) await deliver(rest);
    await fetchMissed();
    await settled(customers);
    return {
      final: await Promise.all(customers.map(({ customer }) => heldOf(db, customer))),
      events: customers.map(({ customer }) => eventsOf(customer).length),
    };
  }

  /** Two hours into the next period: an invoice is a draft for one. */
  async function untilRenewal(customers: readonly { customer: string }[]): Promise<void> {
    const ends = world.systems.stripe
      .subscriptions()
      .filter(({ customer }) => customers.some((one) => one.customer === customer))
      .flatMap(({ items }) => items.data.map(({ current_period_end: end }) => end));
    await world.clock.advance(Math.max(...ends) * 1000 + 7_200_000 - world.clock.now().getTime());
  }

  async function begin(): Promise<{ customer: string; session: string }> {
    buyers += 1;
    const reply = await checkout(workers[buyers % 2]!.publicUrl, draft(), {
      'x-forwarded-for': `10.2.0.${buyers}`,
    });
    expect(reply.status).toBe(201);
    const session = world.systems.stripe.sessions().find(({ id }) => id === reply.body.session_id)!;
    return { customer: String(session.customer), session: session.id };
  }

  function eventsOf(customer: string): StoredEvent[] {
    return world.systems.stripe.events().filter((event) => {
      const object = event.data.object as { id?: string; customer?: unknown };
      return (
        registeredTypes().includes(event.type) && (object.customer === customer || object.id === customer)
      );
    });
  }

  async function deliver(due: readonly { event: StoredEvent; fate: Fate }[]): Promise<void> {
    const order = [...due].sort((a, b) => a.fate.place - b.fate.place);
    for (const { event, fate } of order.flatMap((one) => Array<typeof one>(one.fate.copies).fill(one))) {
      const worker = workers[fate.worker]!;
      const body = JSON.stringify(world.systems.stripe.oldShape(event, fate.shape));
      const at = Math.floor(Date.now() / 1000);
      const hash = createHmac('sha256', secret).update(`${at}.${body}`).digest('hex');
      const answer = await fetch(`${worker.publicUrl}/webhooks/stripe`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'stripe-signature': `t=${at},v1=${hash}` },
        body,
      });
      expect(answer.status).toBe(200);
    }
  }

  async function fetchMissed(): Promise<void> {
    const stripe = createStripe({ secretKey: env.STRIPE_SECRET_KEY!, apiUrl: env.STRIPE_API_URL });
    await backfill({
      db,
      listing: createEventListing(stripe),
      log: createLog({ level: 'silent' }),
      now: () => new Date(),
      livemode: false,
      onStored: () => {},
    });
  }

  /** No event waits, no lane and no run is at work. */
  async function settled(customers: readonly { customer: string }[]): Promise<void> {
    const ids = customers.map(({ customer }) => customer);
    let busy: readonly unknown[] = [];
    await eventually(
      'everything is worked off',
      async () => {
        const { rows } = await db.query(
          `select 'event' as what, type as name from events where customer = any($1) and state = 'open'
           union all select 'job', name || ' ' || singleton_key from pgboss.job
            where name in ('lane', 'run') and state <= 'active'
           union all select 'run', r.status || ' ' || coalesce(r.cause::text, '') from runs r
             join subscriptions s on s.id = r.subscription_id
            where s.customer_id = any($1) and r.status not in ('done', 'superseded')`,
          [ids],
        );
        busy = rows;
        return rows.length === 0;
      },
      40_000,
    ).catch((error: Error) => {
      throw new Error(`${error.message} ${JSON.stringify(busy.slice(0, 10))}`);
    });
  }
});
