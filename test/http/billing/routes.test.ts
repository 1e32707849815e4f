/** What holds of every route of the billing API: keys, a payment system that is not set up, and the OpenAPI document. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { orderBody } from '../../support/front.ts';
import { type Call, type Json, startByCustomer } from './by-customer.ts';
import { conforms, document, SEEN_IN, unseen } from './conforms.ts';
import type { BillingScene } from './scene.ts';

let scene: BillingScene;
let call: Call;
beforeAll(async () => {
  ({ scene, call } = await startByCustomer());
});
afterAll(() => scene?.stop());
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
    expect(unseen('routes')).toEqual([]);
    const documented = Object.entries(document.paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
    );
    // Each of these has a file of its own, whose answers are held against it there.
    const elsewhere = [
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
    ];
    expect([...Object.values(SEEN_IN).flat(), ...elsewhere].sort()).toEqual(documented.sort());
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
