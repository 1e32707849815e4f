/** Stripe fails: while a customer is at the checkout, while their payment is read, and at our start. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkout, draft, eventually } from '../support/connector.ts';
import { startTestWorld } from '../support/sandbox.ts';
import { PASSING } from './recovers.ts';
import {
  buy,
  ended,
  expectLivesOnce,
  fromAnywhere,
  KINDS,
  openStage,
  order,
  purchaseOf,
  type Stage,
  startAgain,
} from './stage.ts';

const READS = ['GET /v1/customers/:id', 'GET /v1/subscriptions', 'GET /v1/invoices', 'GET /v1/products/:id'];
const WRITES = ['POST /v1/customers', 'POST /v1/checkout/sessions'];

describe('Stripe', () => {
  let stage: Stage;

  beforeAll(async () => {
    stage = await openStage();
    await ended(stage, await buy(stage));
  });
  afterAll(() => stage?.stop());

  it.each(PASSING)(
    '%s while the payment is read: the customer is provisioned once it answers',
    async (kind) => {
      const { world } = stage;
      const purchase = await order(stage);
      if (kind === 'refused') world.faults.add({ system: 'stripe', kind, times: 1, forMs: 1_200 });
      // Three: the client itself repeats twice.
      else
        for (const operation of READS)
          world.faults.add({ system: 'stripe', operation, kind, times: 3, retryAfterSeconds: 1 });
      world.systems.stripe.payCheckout(purchase.sessionId);
      const run = await ended(stage, purchase);
      world.faults.clear();
      await expectLivesOnce(stage, purchase, run);
    },
  );

  it('an expired key parks the customer with what to do; asked again, all is made', async () => {
    const { world, db, connector } = stage;
    const purchase = await order(stage);
    world.faults.add({
      system: 'stripe',
      operation: 'GET /v1/subscriptions',
      kind: 'expired_token',
      times: 1_000,
    });
    world.systems.stripe.payCheckout(purchase.sessionId);
    const session = world.systems.stripe.sessions().find((each) => each.id === purchase.sessionId)!;
    const parked = await eventually('the customer is parked', async () => {
      const { rows } = await db.query<{ cause: { code: string; advice: string } | null }>(
        'select park_cause as cause from customers where id = $1 and parked_at is not null',
        [session.customer],
      );
      return rows[0]?.cause;
    });
    expect(parked).toMatchObject({ code: 'stripe_authentication' });
    expect(parked.advice).toMatch(/STRIPE_SECRET_KEY/);
    const metrics = await (await fetch(`${connector.publicUrl}/metrics`)).text();
    expect(metrics).toMatch(/customers_parked 1\b/);
    world.faults.clear();
    await connector.admin.request('POST', `/customers/${session.customer}/sync`);
    await expectLivesOnce(stage, purchase, await ended(stage, purchase));
  });

  it.each(KINDS)('%s at the checkout: a stated answer, and the repeat sells once', async (kind) => {
    const { world } = stage;
    const body = draft();
    const headers = { 'idempotency-key': randomUUID(), ...fromAnywhere() };
    if (kind === 'refused') world.faults.add({ system: 'stripe', kind, times: Number.POSITIVE_INFINITY });
    else
      for (const operation of WRITES)
        world.faults.add({ system: 'stripe', operation, kind, times: 3, retryAfterSeconds: 1 });
    const statuses: number[] = [];
    const reply = await eventually('the checkout opens', async () => {
      const answer = await checkout(stage.connector.publicUrl, body, headers);
      statuses.push(answer.status);
      if (kind === 'refused') world.faults.clear();
      if (answer.status === 201) return answer;
      await sleep(400);
      return undefined;
    });
    world.faults.clear();
    expect(
      statuses.every((status) => [201, 503].includes(status)),
      String(statuses),
    ).toBe(true);
    expect(statuses.length, 'the fault was met').toBeGreaterThan(1);
    const purchase = purchaseOf(body, reply);
    const customers = world.systems.stripe.customers().filter((each) => each.name === purchase.company);
    expect(customers).toHaveLength(1);
    const sessions = world.systems.stripe
      .sessions()
      .filter((each) => each.customer === customers[0]!.id && each.status === 'open');
    expect(sessions.map((each) => each.id)).toEqual([purchase.sessionId]);
    world.systems.stripe.payCheckout(purchase.sessionId);
    await expectLivesOnce(stage, purchase, await ended(stage, purchase));
  });
});

describe('a final 500 of Stripe', () => {
  it.each(WRITES)('that its idempotency key would repeat for ever: %s', async (operation) => {
    const stage = await openStage();
    try {
      const { stripe } = stage.world.systems;
      const body = draft();
      const headers = { 'idempotency-key': randomUUID(), ...fromAnywhere() };
      stripe.failNext(operation);
      expect((await checkout(stage.connector.publicUrl, body, headers)).status).toBe(503);
      const reply = await checkout(stage.connector.publicUrl, body, headers);
      expect(reply.status, JSON.stringify(reply.body)).toBe(201);
      const purchase = purchaseOf(body, reply);
      stripe.payCheckout(purchase.sessionId);
      await expectLivesOnce(stage, purchase, await ended(stage, purchase));
    } finally {
      await stage.stop();
    }
  });
});

describe('Stripe away at our start', () => {
  it('the service starts, says so, and sells once Stripe is back', async () => {
    const world = await startTestWorld();
    const first = await openStage({ world });
    await first.connector.stop();
    world.faults.add({ system: 'stripe', kind: 'refused', times: Number.POSITIVE_INFINITY });
    const stage = await startAgain(first);
    const { connector } = stage;
    try {
      const refused = await checkout(connector.publicUrl, draft(), fromAnywhere());
      expect(refused.status).toBe(503);
      expect(refused.body).toMatchObject({ code: 'temporarily_unavailable' });
      expect((await fetch(`${connector.publicUrl}/readyz`)).status).toBe(200);
      expect(await (await fetch(`${connector.publicUrl}/metrics`)).text()).toMatch(
        /system_away\{system="stripe"\} 1/,
      );
      world.faults.clear();
      const purchase = await eventually('the checkout opens', async () => {
        const body = draft();
        const reply = await checkout(connector.publicUrl, body, fromAnywhere());
        return reply.status === 201 ? purchaseOf(body, reply) : undefined;
      });
      world.systems.stripe.payCheckout(purchase.sessionId);
      await expectLivesOnce(stage, purchase, await ended(stage, purchase));
      expect(await (await fetch(`${connector.publicUrl}/metrics`)).text()).toMatch(
        /system_away\{system="stripe"\} 0/,
      );
    } finally {
      await stage.stop();
    }
  });
});
