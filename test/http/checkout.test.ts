/** The checkout API: a session for a new customer, embedded or hosted, and what its gateway says of Stripe. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { INSTALLATION, orderBody } from '../support/front.ts';
import { type CheckoutScene, key, pointers, startCheckout } from './checkout-scene.ts';

let front: CheckoutScene;
beforeAll(async () => {
  front = await startCheckout();
});
afterAll(() => front?.stop());
describe('POST /api/v1/billing/checkout', () => {
  it('opens an embedded session with set-up and recurring line for a new customer', async () => {
    const request = orderBody();
    const { status, body, headers } = await front.post(request);
    expect(body).toMatchObject({ publishable_key: 'pk_test_sandbox', client_secret: expect.any(String) });
    expect(body).not.toHaveProperty('checkout_url');
    expect(status).toBe(201);
    expect(headers.get('cache-control')).toBe('no-store');
    const made = front.session(body.session_id);
    const orderId = made.metadata!.order_id!;
    expect(made).toMatchObject({
      mode: 'subscription',
      ui_mode: 'embedded_page',
      status: 'open',
      amount_total: 350_000,
      client_reference_id: `order_${orderId}`,
      return_url: `${body.order_url}?session_id={CHECKOUT_SESSION_ID}`,
      metadata: { installation: INSTALLATION },
    });
    const customer = front.world.systems.stripe.customers().find(({ id }) => id === made.customer)!;
    const organisation = request.organisation as { name: string; contact_email: string };
    expect(customer).toMatchObject({
      name: organisation.name,
      email: organisation.contact_email,
      metadata: { installation: INSTALLATION },
    });
    const { rows } = await front.db.query(
      `select o.state, o.plan_key, o.quantity, g.provider_customer_id, s.status, o.token_hash
       from orders o join organisations g on g.id = o.organisation_id join checkout_sessions s on s.order_id = o.id
       where o.id = $1`,
      [orderId],
    );
    expect(rows).toEqual([
      {
        state: 'open',
        plan_key: 'professional',
        quantity: 1,
        provider_customer_id: made.customer,
        status: 'open',
        token_hash: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
    ]);
    expect(JSON.stringify(rows)).not.toContain(body.order);
  });

  it('gives the subscription our order, whichever way it is paid', async () => {
    const { body } = await front.post(orderBody());
    front.pay(body.session_id);
    const paid = front.session(body.session_id);
    const subscription = front.world.systems.stripe
      .subscriptions()
      .find(({ id }) => id === paid.subscription)!;
    expect(subscription.metadata).toEqual({ order_id: paid.metadata!.order_id, installation: INSTALLATION });
  });

  it('opens a hosted session for ui redirect, back to allowed origins only', async () => {
    const { status, body } = await front.post(
      orderBody({ ui: 'redirect', success_url: `${front.url}/thanks`, cancel_url: `${front.url}/shop` }),
    );
    expect(status).toBe(201);
    expect(body.checkout_url).toMatch(/^http/);
    expect(body).not.toHaveProperty('client_secret');
    expect(front.session(body.session_id)).toMatchObject({
      ui_mode: 'hosted_page',
      success_url: `${front.url}/thanks`,
      cancel_url: `${front.url}/shop`,
    });
    const stray = await front.post(
      orderBody({
        ui: 'redirect',
        success_url: 'https://evil.example/',
        cancel_url: `${front.url}@evil.example/`,
      }),
    );
    expect(stray).toMatchObject({ status: 422, body: { code: 'invalid_request' } });
    expect(pointers(stray.body)).toEqual(['/success_url', '/cancel_url']);
    const broken = await front.post(orderBody({ ui: 'redirect', success_url: 'https://[thanks' }));
    expect(pointers(broken.body)).toEqual(['/success_url']);
  });

  it('sells yearly too', async () => {
    const { body } = await front.post(orderBody({ plan: 'starter', interval: 'year' }));
    expect(front.session(body.session_id).amount_total).toBe(150_000 + 250_000);
  });

  it('says 503 with Retry-After while Stripe is away, and goes on with the same key', async () => {
    const request = orderBody();
    const headers = { 'idempotency-key': key() };
    front.world.faults.add({
      system: 'stripe',
      operation: 'POST /v1/checkout/sessions',
      times: 20,
      kind: 'server_error',
    });
    const away = await front.post(request, headers);
    expect(away).toMatchObject({ status: 503, body: { code: 'temporarily_unavailable' } });
    expect(away.headers.get('retry-after')).toMatch(/^\d+$/);
    front.world.faults.clear();
    const orders = await front.count('orders');
    const after = await front.post(request, headers);
    expect(after.status).toBe(201);
    expect(await front.count('orders')).toBe(orders);
  });
});

describe('the gateway', () => {
  it('says what a session is that can no longer be ended', async () => {
    const { body } = await front.post(orderBody());
    front.pay(body.session_id);
    expect(await front.gateway.expireSession(body.session_id)).toMatchObject({ status: 'complete' });
    await expect(front.gateway.expireSession('cs_test_nothing')).rejects.toMatchObject({ kind: 'absent' });
  });

  it('says which prices Stripe lacks and what to do', async () => {
    const keys = ['starter_month', ...Array.from({ length: 12 }, (_, index) => `none_${index}`)];
    await expect(front.gateway.prices(keys)).rejects.toMatchObject({
      code: 'price_missing',
      details: { missing: keys.slice(1) },
    });
  });

  it('looks for the customer of an earlier try before it makes another', async () => {
    const organisation = {
      organisationId: 777,
      name: 'Twice',
      email: 'twice@gateway.example',
      country: 'GB',
      vatId: 'GB1234567',
      locale: 'en',
    };
    const first = await front.gateway.createCustomer(organisation, 0);
    expect(await front.gateway.createCustomer(organisation, 1)).toEqual(first);
    expect(await front.gateway.createCustomer({ ...organisation, organisationId: 778 }, 1)).not.toEqual(
      first,
    );
  });
});
