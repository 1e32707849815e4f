/** What the billing API says of a customer: subscriptions, invoices, tiers; one of several is asked for. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Call, type Customer, type Json, startByCustomer } from './by-customer.ts';
import { unseen } from './conforms.ts';
import type { Answer, BillingScene } from './scene.ts';

let scene: BillingScene;
let customer: Customer;
let call: Call;
beforeAll(async () => {
  ({ scene, customer, call } = await startByCustomer());
});
afterAll(() => scene?.stop());
describe('reading', () => {
  it('says what there is', async () => {
    const summary = await call('GET', '/summary');
    expect(summary).toMatchObject({
      status: 200,
      body: {
        subscriptions: [
          {
            id: String(customer.subscriptionId),
            provider: 'stripe',
            provider_id: customer.providerId,
            plan_key: 'professional',
            interval: 'month',
            amount: 50000,
            status: 'active',
          },
        ],
        amounts_due: [],
      },
    });
    expect((await call('GET', '/subscription')).body).toMatchObject({
      id: String(customer.subscriptionId),
      project: { name: 'Harbour bridge' },
      cancel_at_period_end: false,
    });
    const tiers = (await call('GET', '/tiers')).body.data as Json[];
    expect(tiers.map(({ plan_key }) => plan_key)).toEqual(['starter', 'professional', 'enterprise']);
    expect((await call('GET', '/customer')).body).toMatchObject({
      provider_id: customer.customerId,
      payment_method: { brand: 'visa', last4: '4242' },
    });
    expect((await call('GET', '/upcoming-invoice')).body).toMatchObject({
      invoice: { currency: 'usd', amount_due: 50000, lines: [{ amount: 50000, proration: false }] },
    });
  });

  it('gives invoices page by page, each once, newest first', async () => {
    const many = await scene.customer();
    for (let month = 0; month < 3; month += 1) await scene.world.clock.advance(31 * 86_400_000);
    await scene.syncCustomer(many.customerId);
    const by = { ...many, token: scene.token(many.organisationId) };
    const all = (await call('GET', '/invoices?limit=100', { by })).body.data as Json[];
    expect(all.length).toBeGreaterThanOrEqual(4);
    const seen: Json[] = [];
    let cursor: unknown = null;
    do {
      const page: Answer<Json> = await call(
        'GET',
        `/invoices?limit=2${cursor === null ? '' : `&cursor=${cursor}`}`,
        { by },
      );
      expect((page.body.data as Json[]).length).toBeLessThanOrEqual(2);
      seen.push(...(page.body.data as Json[]));
      cursor = page.body.next_cursor;
    } while (cursor !== null);
    expect(seen).toEqual(all);
    expect(all.map(({ created_at }) => created_at)).toEqual(
      [...all.map(({ created_at }) => created_at)].sort().reverse(),
    );
    expect(await call('GET', '/invoices?cursor=bm9wZQ', { by })).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: '/cursor', code: 'cursor' }] },
    });
    expect(await call('GET', '/invoices?limit=0', { by })).toMatchObject({
      status: 422,
      body: { errors: [{ code: 'limit' }] },
    });
  });
});

describe('reading beside the usual', () => {
  it('has an ended subscription as we were told last, and twenty invoices a page unless asked otherwise', async () => {
    const by = await scene.customer();
    await call('DELETE', '/subscription', { by });
    await scene.syncCustomer(by.customerId);
    expect(await call('GET', `/subscription?subscription=${by.subscriptionId}`, { by })).toMatchObject({
      status: 200,
      body: { status: 'canceled', payment_paused: false, discounts: [] },
    });
    await scene.db.query(
      `insert into invoices (provider_id, customer_id, status, currency, amount_due, amount_paid, total, created)
       select 'in_by_hand_' || n, $1, 'paid', 'usd', 100, 100, 100, $2::timestamptz - n * interval '1 day'
         from generate_series(1, 25) n`,
      [by.customerId, scene.world.clock.now()],
    );
    const { body } = await call('GET', '/invoices', { by });
    expect(body.data).toHaveLength(20);
    // An invoice that staff have written belongs to no subscription.
    expect((body.data as Json[]).at(-1)).toMatchObject({
      subscription: null,
      hosted_url: null,
      number: null,
    });
  });

  it('while the provider is away says what we were told last, and not that of a refused key', async () => {
    const by = await scene.customer();
    expect((await call('POST', '/pause', { by })).body).toMatchObject({ status: 'paused' });
    await scene.syncCustomer(by.customerId);
    const faults = scene.world.faults;
    try {
      faults.add({ system: 'stripe', kind: 'server_error', times: 1000 });
      expect(await call('GET', '/subscription', { by })).toMatchObject({
        status: 200,
        body: { status: 'paused' },
      });
      expect(await call('GET', '/upcoming-invoice', { by })).toMatchObject({
        status: 200,
        body: { invoice: null },
      });
      expect(await call('GET', '/customer', { by })).toMatchObject({
        status: 503,
        body: { code: 'temporarily_unavailable' },
      });
      faults.clear();
      faults.add({ system: 'stripe', kind: 'permanent', times: 1 });
      expect((await call('GET', '/subscription', { by })).status).toBeGreaterThanOrEqual(500);
    } finally {
      faults.clear();
    }
  });
});

describe('which subscription', () => {
  it('is asked when several live, and is none when none does', async () => {
    const two = await scene.customer();
    const { body } = await call('POST', '/subscription', {
      by: two,
      key: 'a-second-one-000001',
      body: { plan_key: 'starter', interval: 'month' },
    });
    expect(body).toMatchObject({ plan_key: 'starter', status: 'active' });
    const ids = [String(body.id), String(two.subscriptionId)];
    for (const [method, path] of [
      ['GET', '/subscription'],
      ['GET', '/upcoming-invoice'],
      ['POST', '/cancel'],
      ['DELETE', '/subscription'],
    ] as const) {
      const answer = await call(method, path, { by: two, ...(method === 'POST' && { body: {} }) });
      expect(answer).toMatchObject({ status: 409, body: { code: 'subscription_ambiguous' } });
      expect((answer.body.subscriptions as Json[]).map(({ id }) => id).sort()).toEqual(ids.sort());
    }
    expect((await call('GET', `/subscription?subscription=${ids[0]}`, { by: two })).body.id).toBe(ids[0]);
    for (const subscription of ids)
      await call('DELETE', `/subscription?subscription=${subscription}`, { by: two });
    expect(await call('GET', '/subscription', { by: two })).toMatchObject({
      status: 400,
      body: { code: 'no_active_subscription' },
    });
    expect(await call('POST', '/cancel', { by: two, body: { subscription: ids[0] } })).toMatchObject({
      status: 400,
      body: { code: 'no_active_subscription' },
    });
  });
});

describe('the document', () => {
  it('was held against a real answer of every route that reads', () => {
    expect(unseen('reading')).toEqual([]);
  });
});
