/** What the routes answer, and that every answer is what OpenAPI says of it. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { orderBody } from '../../support/front.ts';
import { conforms, document, seen } from './conforms.ts';
import { type Answer, type BillingScene, startBilling } from './scene.ts';

type Customer = Awaited<ReturnType<BillingScene['customer']>>;
type Json = Record<string, unknown>;

let scene: BillingScene;
let customer: Customer;
beforeAll(async () => {
  scene = await startBilling();
  customer = await scene.customer();
});
afterAll(() => scene?.stop());

async function call(
  method: string,
  path: string,
  input: { body?: unknown; key?: string; by?: Customer } = {},
): Promise<Answer<Json>> {
  return scene.call<Json>(method, path, {
    token: (input.by ?? customer).token,
    ...(input.body !== undefined && { body: input.body }),
    ...(input.key !== undefined && { headers: { 'idempotency-key': input.key } }),
  });
}

const stripeSubscription = (id: string) =>
  scene.world.systems.stripe.subscriptions().find((each) => each.id === id)!;

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
    // Tokens of an hour ago are over by now.
    customer = { ...customer, token: scene.token(customer.organisationId) };
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

describe('changing', () => {
  it('cancels and takes it back', async () => {
    expect(await call('POST', '/reactivate', { body: {} })).toMatchObject({
      status: 400,
      body: { code: 'subscription_not_cancelled' },
    });
    expect(
      await call('POST', '/cancel', { body: { feedback: 'unused', comment: 'Too quiet' } }),
    ).toMatchObject({ status: 200, body: { cancel_at_period_end: true, status: 'active' } });
    expect(stripeSubscription(customer.providerId)).toMatchObject({
      cancel_at_period_end: true,
      cancellation_details: { feedback: 'unused', comment: 'Too quiet' },
    });
    expect((await call('GET', '/subscription')).body).toMatchObject({ cancel_at_period_end: true });
    expect(await call('POST', '/reactivate', { body: {} })).toMatchObject({
      status: 200,
      body: { cancel_at_period_end: false },
    });
    expect(await call('POST', '/cancel', { body: { feedback: 'bored', when: 'later' } })).toMatchObject({
      status: 422,
      body: {
        errors: [
          { pointer: '/when', code: 'when' },
          { pointer: '/feedback', code: 'feedback' },
        ],
      },
    });
  });

  it('previews a tier to the cent, charges exactly that, and refuses what is out of date', async () => {
    const by = await scene.customer({ plan: 'starter' });
    expect(await call('POST', '/change-tier/preview', { by, body: { plan_key: 'platinum' } })).toMatchObject({
      status: 404,
      body: { code: 'tier_not_found' },
    });
    expect(await call('POST', '/change-tier/preview', { by, body: { plan_key: 'starter' } })).toMatchObject({
      status: 400,
      body: { code: 'nothing_to_change' },
    });
    const preview = await call('POST', '/change-tier/preview', { by, body: { plan_key: 'enterprise' } });
    expect(preview).toMatchObject({ status: 200, body: { when: 'now', to: { plan_key: 'enterprise' } } });
    const done = await call('POST', '/change-tier', { by, body: { token: preview.body.token } });
    expect(done).toMatchObject({
      status: 200,
      body: { outcome: 'changed', subscription: { plan_key: 'enterprise', amount: 100000 } },
    });
    const charged = scene.world.systems.stripe
      .invoices()
      .find((each) => each.customer === by.customerId && each.billing_reason === 'subscription_update')!;
    expect(charged.amount_paid).toBe(preview.body.amount_due);
    expect(await call('POST', '/change-tier', { by, body: { token: 'nothing-of-ours' } })).toMatchObject({
      status: 409,
      body: { code: 'preview_out_of_date' },
    });
  });

  it('names what is there beyond the limits of a lower tier', async () => {
    const stakeholders = Array.from({ length: 11 }, (_, n) => ({
      name: `Person ${n}`,
      email: `p${n}@crowd.example`,
      role: 'information_manager',
    }));
    const by = await scene.customer({ plan: 'professional', stakeholders });
    const { body } = await call('POST', '/change-tier/preview', { by, body: { plan_key: 'starter' } });
    expect(body).toMatchObject({ when: 'period_end', over_limits: [{ what: 'users', limit: 10, used: 11 }] });
  });

  it('buys one more for a project that is there, with a promotion code', async () => {
    const by = await scene.customer();
    const coupon = await scene.stripe.coupons.create({
      amount_off: 5000,
      currency: 'usd',
      duration: 'forever',
    });
    await scene.stripe.promotionCodes.create({
      code: 'FIFTY',
      promotion: { type: 'coupon', coupon: coupon.id },
    });
    const { project } = (await call('GET', '/subscription', { by })).body as { project: { id: string } };
    const wish = { plan_key: 'starter', interval: 'month', quantity: 1 };
    const bought = await call('POST', '/subscription', {
      by,
      body: { ...wish, promotion_code: 'FIFTY', project: project.id },
    });
    expect(bought).toMatchObject({
      status: 201,
      body: {
        plan_key: 'starter',
        project,
        discounts: [{ amount_off: 5000, percent_off: null, code: 'FIFTY' }],
      },
    });
    const [first] = (await scene.stripe.invoices.list({ subscription: String(bought.body.provider_id) }))
      .data;
    expect(first).toMatchObject({ amount_paid: 150_000 + 25_000 - 5000 });
    expect(await call('POST', '/subscription', { by, body: { ...wish, project: '999999' } })).toMatchObject({
      status: 404,
      body: { code: 'project_not_found' },
    });
  });

  it('arranges a lower tier for the end of the period', async () => {
    const by = await scene.customer({ plan: 'enterprise' });
    const answer = await call('PATCH', '/subscription', { by, body: { plan_key: 'starter' } });
    expect(answer).toMatchObject({
      status: 200,
      body: {
        outcome: 'scheduled',
        subscription: { plan_key: 'enterprise', scheduled_change: { plan_key: 'starter' } },
      },
    });
    expect(await call('POST', '/change-tier/revoke', { by, body: {} })).toMatchObject({
      status: 200,
      body: { plan_key: 'enterprise', scheduled_change: null },
    });
    expect(await call('POST', '/change-tier/revoke', { by, body: {} })).toMatchObject({
      status: 400,
      body: { code: 'nothing_scheduled' },
    });
  });

  it('pauses and resumes', async () => {
    const by = await scene.customer();
    expect(await call('POST', '/resume', { by, body: {} })).toMatchObject({
      status: 400,
      body: { code: 'subscription_not_paused' },
    });
    expect(await call('POST', '/pause', { by, body: {} })).toMatchObject({
      status: 200,
      body: { status: 'paused' },
    });
    expect((await call('GET', '/upcoming-invoice', { by })).body).toEqual({ invoice: null });
    expect(await call('POST', '/resume', { by, body: {} })).toMatchObject({
      status: 200,
      body: { status: 'active' },
    });
  });

  it('takes a promotion code, and does without it again', async () => {
    const by = await scene.customer();
    const { id } = await scene.stripe.coupons.create({
      percent_off: 25,
      duration: 'forever',
      name: 'A quarter',
    });
    await scene.stripe.promotionCodes.create({ code: 'QUARTER', promotion: { type: 'coupon', coupon: id } });
    expect(await call('POST', '/promotion-code', { by, body: { code: 'NOBODYS' } })).toMatchObject({
      status: 422,
      body: { code: 'promotion_code_invalid' },
    });
    expect(await call('POST', '/promotion-code', { by, body: { code: 'a b' } })).toMatchObject({
      status: 422,
      body: { code: 'invalid_request', errors: [{ pointer: '/code', code: 'promotion_code' }] },
    });
    expect(await call('POST', '/promotion-code', { by, body: { code: 'quarter' } })).toMatchObject({
      status: 200,
      body: { discounts: [{ code: 'QUARTER', percent_off: 25, once: false }] },
    });
    expect((await call('GET', '/upcoming-invoice', { by })).body).toMatchObject({
      invoice: { total: 37_500, discount: 12_500 },
    });
    expect(await call('DELETE', '/promotion-code', { by })).toMatchObject({
      status: 200,
      body: { discounts: [] },
    });
  });

  it('changes what stands on invoices, at the provider', async () => {
    const by = await scene.customer();
    const answer = await call('PATCH', '/customer', {
      by,
      body: {
        name: 'Bridges & Sons',
        address: { city: 'Leeds', country: 'GB' },
        tax_id: { type: 'eu_vat', value: 'DE123456789' },
      },
    });
    expect(answer).toMatchObject({
      status: 200,
      body: {
        name: 'Bridges & Sons',
        address: { city: 'Leeds' },
        tax_ids: [{ type: 'eu_vat', value: 'DE123456789' }],
      },
    });
    expect(
      await call('PATCH', '/customer', { by, body: { tax_id: { type: 'eu_vat', value: '12' } } }),
    ).toMatchObject({ status: 422 });
    expect(
      await call('PATCH', '/customer', { by, body: { tax_id: { type: 'eu_vat', value: '123456' } } }),
    ).toMatchObject({ status: 422, body: { code: 'tax_id_invalid' } });
    expect((await call('PATCH', '/customer', { by, body: { tax_id: null } })).body).toMatchObject({
      tax_ids: [],
      name: 'Bridges & Sons',
    });
  });

  it('erases the organisation that asks, and no other', async () => {
    const by = await scene.customer();
    expect(await call('DELETE', '/customer', { by })).toMatchObject({
      status: 200,
      body: { finished: true },
    });
    expect(scene.erased).toEqual([by.organisationId]);
  });

  it('opens the provider’s page for means of payment', async () => {
    const answer = await call('POST', '/portal', { body: {} });
    expect(answer).toMatchObject({ status: 201, body: { url: expect.stringContaining('/p/session/') } });
  });
});

describe('an Idempotency-Key', () => {
  it('makes one subscription of the same wish, and refuses another wish', async () => {
    const by = await scene.customer();
    const wish = { by, key: 'one-more-please-0001', body: { plan_key: 'starter', interval: 'month' } };
    const [first, second] = [
      await call('POST', '/subscription', wish),
      await call('POST', '/subscription', wish),
    ];
    expect(second.body).toEqual(first.body);
    expect(
      scene.world.systems.stripe.subscriptions().filter((each) => each.customer === by.customerId),
    ).toHaveLength(2);
    expect(
      await call('POST', '/subscription', { ...wish, body: { plan_key: 'starter', interval: 'year' } }),
    ).toMatchObject({ status: 422, body: { code: 'idempotency_key_reused' } });
    // The same key of another organisation is another key.
    const other = await scene.customer();
    expect((await call('POST', '/subscription', { ...wish, by: other })).body.id).not.toBe(first.body.id);
    expect(await call('POST', '/cancel', { by, key: 'short', body: {} })).toMatchObject({
      status: 400,
      body: { code: 'idempotency_key_invalid' },
    });
  });

  it('is free again after a refusal', async () => {
    const by = await scene.customer();
    const again = { by, key: 'take-it-back-please-1', body: {} };
    expect((await call('POST', '/reactivate', again)).status).toBe(400);
    await call('POST', '/cancel', { by, body: {} });
    expect((await call('POST', '/reactivate', again)).status).toBe(200);
  });

  it('does it once when two come together', async () => {
    const by = await scene.customer();
    const wish = { by, key: 'both-at-once-000001', body: { plan_key: 'starter', interval: 'month' } };
    const answers = await Promise.all([
      call('POST', '/subscription', wish),
      call('POST', '/subscription', wish),
    ]);
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409]);
    expect(answers.find(({ status }) => status === 409)!.body.code).toBe('request_in_progress');
    expect(
      scene.world.systems.stripe.subscriptions().filter((each) => each.customer === by.customerId),
    ).toHaveLength(2);
  });
});

describe('a payment system', () => {
  it('that was never set up is told apart from one that is away', async () => {
    const by = await scene.customer({ plan: 'starter' });
    const price = (await scene.stripe.prices.list({ lookup_keys: ['enterprise_year'] })).data[0]!;
    await scene.stripe.prices.update(price.id, { active: false });
    const answer = await call('POST', '/change-tier/preview', {
      by,
      body: { plan_key: 'enterprise', interval: 'year' },
    });
    expect(answer).toMatchObject({ status: 503, body: { code: 'payment_system_not_configured' } });
    expect(JSON.stringify(answer.body)).not.toContain('enterprise_year');
  });
});

describe('the document', () => {
  it('describes the checkout too', async () => {
    for (const body of [orderBody(), orderBody({ ui: 'redirect' }), orderBody({ plan: 'platinum' }), {}])
      conforms('POST', '/api/v1/billing/checkout', await scene.post(body));
  });

  it('was held against a real answer of every route', () => {
    const unseen = Object.entries(document.paths).flatMap(([path, operations]) =>
      Object.keys(operations)
        .map((method) => `${method.toUpperCase()} ${path}`)
        .filter((name) => [...(seen.get(name) ?? [])].every((status) => status >= 300)),
    );
    // Each of these has a file of its own, whose answers are held against it there.
    expect(unseen.sort()).toEqual([
      'DELETE /api/v1/billing/addons/{id}',
      'GET /api/v1/billing/addons',
      'GET /api/v1/billing/my-addons',
      'GET /api/v1/features',
      'GET /api/v1/features/{feature}',
      'GET /api/v1/usage',
      'POST /api/v1/billing/addons/preview',
      'POST /api/v1/billing/addons/purchase',
      'POST /api/v1/billing/invoices/{id}/pay',
      'POST /api/v1/usage',
    ]);
  });

  it('has no code that docs/ do not explain', () => {
    const docs = ['billing-api', 'checkout-api']
      .map((name) => readFileSync(`docs/${name}.md`, 'utf8'))
      .join();
    const codes = [...JSON.stringify(document).matchAll(/"code":\{"enum":(\[[^\]]*\])/g)].flatMap(
      ([, list]) => JSON.parse(list!) as string[],
    );
    expect(codes.length).toBeGreaterThan(100);
    expect([...new Set(codes)].filter((code) => !docs.includes(`\`${code}\``))).toEqual([]);
  });

  it('is served, and readable as a page without anybody else’s scripts', async () => {
    const served = await fetch(`${scene.api}/openapi.json`);
    const { servers, ...rest } = (await served.json()) as Json;
    const { servers: _ours, ...printed } = JSON.parse(JSON.stringify(document)) as Json;
    expect(rest).toEqual(printed);
    expect(servers).toEqual([{ url: scene.api }]);
    const page = await (await fetch(`${scene.api}/docs`)).text();
    for (const path of Object.keys(document.paths)) expect(page).toContain(path);
    expect(page).not.toMatch(/<script|https?:\/\/(?!127)/);
  });
});
