import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { issueOrganisationToken } from '../../connector/billing/organisation-token.ts';
import { CONNECTOR_SECRET, type Front, INSTALLATION, orderBody, startFront } from '../support/front.ts';

let front: Front;
beforeAll(async () => {
  front = await startFront({ trialDays: 0 });
});
afterAll(() => front.stop());

const key = () => `key-${crypto.randomUUID()}`;
const count = async (table: string) =>
  (await front.db.query<{ n: number }>(`select count(*)::int as n from ${table}`)).rows[0]!.n;
const session = (id: unknown) => front.world.systems.stripe.sessions().find((one) => one.id === id)!;
const openSessions = (orderId: string) =>
  front.world.systems.stripe
    .sessions()
    .filter(({ metadata, status }) => metadata!.order_id === orderId && status === 'open');

/** A paid order, brought in step, as `order` token. */
async function paidOrder() {
  const { body } = await front.post(orderBody());
  front.pay(body.session_id);
  const customerId = await front.sync(body.session_id);
  return { token: body.order, customerId, sessionId: body.session_id };
}

describe('POST /api/v1/billing/checkout', () => {
  it('opens an embedded session with set-up and recurring line for a new customer', async () => {
    const request = orderBody();
    const { status, body, headers } = await front.post(request);
    expect(body).toMatchObject({ publishable_key: 'pk_test_sandbox', client_secret: expect.any(String) });
    expect(body).not.toHaveProperty('checkout_url');
    expect(status).toBe(201);
    expect(headers.get('cache-control')).toBe('no-store');
    const made = session(body.session_id);
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
    const paid = session(body.session_id);
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
    expect(session(body.session_id)).toMatchObject({
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
    expect(session(body.session_id).amount_total).toBe(150_000 + 250_000);
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
    const orders = await count('orders');
    const after = await front.post(request, headers);
    expect(after.status).toBe(201);
    expect(await count('orders')).toBe(orders);
  });
});

describe('an Idempotency-Key', () => {
  it('gives the same answer to the same request, at once and together', async () => {
    const request = orderBody();
    const headers = { 'idempotency-key': key() };
    const orders = await count('orders');
    const answers = await Promise.all([front.post(request, headers), front.post(request, headers)]);
    answers.push(await front.post(request, headers));
    for (const { status, body } of answers) {
      expect(status).toBe(201);
      expect(body).toEqual(answers[0]!.body);
    }
    expect(await count('orders')).toBe(orders + 1);
  });

  it('is refused with another body, or when it could be guessed', async () => {
    const headers = { 'idempotency-key': key() };
    const request = orderBody();
    await front.post(request, headers);
    expect(await front.post({ ...request, plan: 'starter' }, headers)).toMatchObject({
      status: 422,
      body: { code: 'idempotency_key_reused' },
    });
    expect(await front.post(orderBody(), { 'idempotency-key': '1' })).toMatchObject({
      status: 400,
      body: { code: 'idempotency_key_invalid' },
    });
  });

  it('of one caller means nothing to another who has chosen the same', async () => {
    const headers = { 'idempotency-key': key() };
    const one = await front.post(orderBody(), headers);
    const other = await front.post(orderBody(), headers);
    expect([one.status, other.status]).toEqual([201, 201]);
    expect(other.body.order).not.toBe(one.body.order);
  });

  it('repeated late does not end what was opened since', async () => {
    const request = orderBody();
    const { body } = await front.post(request);
    const change = (plan: string, idempotencyKey: string) =>
      front.post({ ...request, plan, order: body.order }, { 'idempotency-key': idempotencyKey });
    const keys = [key(), key()] as const;
    const first = await change('starter', keys[0]);
    const second = await change('enterprise', keys[1]);
    const repeated = await change('starter', keys[0]);
    expect(repeated.body).toEqual(first.body);
    expect(session(second.body.session_id).status).toBe('open');
    expect(openSessions(session(second.body.session_id).metadata!.order_id!)).toHaveLength(1);
  });

  it('is kept with a sealed answer, and forgotten after a day', async () => {
    const request = orderBody();
    const headers = { 'idempotency-key': key() };
    const { body } = await front.post(request, headers);
    const { rows } = await front.db.query('select * from api_idempotency');
    expect(JSON.stringify(rows)).not.toContain(body.order);
    expect(JSON.stringify(rows)).not.toContain(headers['idempotency-key']);
    await front.db.query("update api_idempotency set created_at = created_at - interval '25 hours'");
    const later = await front.post(request, headers);
    expect(later.body.order).not.toBe(body.order);
  });

  it('finds the session again after a crash between Stripe’s answer and our row', async () => {
    const request = orderBody();
    const headers = { 'idempotency-key': key() };
    const first = await front.post(request, headers);
    const orderId = session(first.body.session_id).metadata!.order_id!;
    // As a process leaves it that died before its row: the claim of the key stands, its answer does not.
    await front.db.query('delete from checkout_sessions where order_id = $1', [orderId]);
    await front.db.query('update api_idempotency set status = null');
    const again = await front.post(request, headers);
    expect(again.body.session_id).toBe(first.body.session_id);
    expect(openSessions(orderId)).toHaveLength(1);
  });

  it('tries anew after a final error, which Stripe would only repeat, and makes nothing twice', async () => {
    for (const operation of ['POST /v1/customers', 'POST /v1/checkout/sessions']) {
      const request = orderBody();
      const headers = { 'idempotency-key': key() };
      const customers = front.world.systems.stripe.customers().length;
      front.world.systems.stripe.failNext(operation);
      expect((await front.post(request, headers)).status).toBe(503);
      const after = await front.post(request, headers);
      expect(after.status).toBe(201);
      expect(front.world.systems.stripe.customers()).toHaveLength(customers + 1);
      expect(openSessions(session(after.body.session_id).metadata!.order_id!)).toHaveLength(1);
    }
  });

  it('leaves one payable session when Stripe’s answer is lost on the way', async () => {
    const request = orderBody();
    const headers = { 'idempotency-key': key() };
    front.world.faults.add({
      system: 'stripe',
      operation: 'POST /v1/checkout/sessions',
      times: 3,
      kind: 'reset_after',
    });
    const lost = await front.post(request, headers);
    expect([201, 503]).toContain(lost.status);
    front.world.faults.clear();
    const after = await front.post(request, headers);
    expect(after.status).toBe(201);
    expect(openSessions(session(after.body.session_id).metadata!.order_id!)).toHaveLength(1);
  });
});

describe('one draft is one order', () => {
  it('takes up the open session when nothing has changed', async () => {
    const request = orderBody();
    const first = await front.post(request);
    const again = await front.post({ ...request, order: first.body.order });
    expect(again.body.session_id).toBe(first.body.session_id);
    expect(again.body.client_secret).toBe(first.body.client_secret);
  });

  it('ends the earlier session when the draft changes, and changes the order', async () => {
    const request = orderBody();
    const first = await front.post(request);
    const changed = await front.post({
      ...request,
      plan: 'enterprise',
      organisation: { ...(request.organisation as object), name: 'Renamed Ltd' },
      order: first.body.order,
    });
    expect(changed.status).toBe(201);
    expect(changed.body.session_id).not.toBe(first.body.session_id);
    expect(session(first.body.session_id).status).toBe('expired');
    expect(() => front.pay(first.body.session_id)).toThrow();
    const made = session(changed.body.session_id);
    expect(made.amount_total).toBe(700_000);
    expect(made.metadata!.order_id).toBe(session(first.body.session_id).metadata!.order_id);
    const customer = front.world.systems.stripe.customers().find(({ id }) => id === made.customer);
    expect(customer!.name).toBe('Renamed Ltd');
  });

  it('ends the embedded session when the hosted page is chosen', async () => {
    const request = orderBody();
    const first = await front.post(request);
    const hosted = await front.post({ ...request, ui: 'redirect', order: first.body.order });
    expect(hosted.body.checkout_url).toBeDefined();
    expect(openSessions(session(first.body.session_id).metadata!.order_id!)).toHaveLength(1);
  });

  it('never leaves two payable sessions, however many requests come at once', async () => {
    const request = orderBody();
    const first = await front.post(request);
    const answers = await Promise.all(
      ['embedded', 'redirect', 'embedded', 'redirect'].map((ui) =>
        front.post({ ...request, ui, order: first.body.order }),
      ),
    );
    for (const { status, body } of answers)
      expect([201, 'checkout_in_progress']).toContain(status === 201 ? status : body.code);
    expect(openSessions(session(first.body.session_id).metadata!.order_id!)).toHaveLength(1);
  });

  it('is paid once: before and after the webhook has come', async () => {
    const request = orderBody();
    const { body } = await front.post(request);
    front.pay(body.session_id);
    for (const changes of [{}, { plan: 'starter' }]) {
      expect(await front.post({ ...request, ...changes, order: body.order })).toMatchObject({
        status: 409,
        body: { code: 'order_already_paid' },
      });
    }
    const { rows } = await front.db.query<{ plan: string }>(
      'select plan_key as plan from orders order by id desc limit 1',
    );
    expect(rows[0]!.plan).toBe('professional');
    await front.sync(body.session_id);
    expect(await front.post({ ...request, order: body.order })).toMatchObject({
      status: 409,
      body: { code: 'order_already_paid' },
    });
  });

  it('opens a new session when the last one has expired', async () => {
    const request = orderBody();
    const first = await front.post(request);
    await front.stripe.checkout.sessions.expire(first.body.session_id);
    const second = await front.post({ ...request, order: first.body.order });
    expect(second.status).toBe(201);
    expect(second.body.session_id).not.toBe(first.body.session_id);
  });

  it('cannot be touched with another token', async () => {
    const request = orderBody();
    await front.post(request);
    expect(await front.post({ ...request, order: 'A'.repeat(43) })).toMatchObject({
      status: 404,
      body: { code: 'order_not_found' },
    });
    const { body } = await front.post(request);
    await front.db.query("update orders set token_expires_at = '2000-01-01'");
    expect((await front.post({ ...request, order: body.order })).status).toBe(404);
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

describe('a stranger', () => {
  it('who names an existing company and its people changes nothing that exists', async () => {
    const request = orderBody();
    const first = await front.post(request);
    front.pay(first.body.session_id);
    const customerId = await front.sync(first.body.session_id);
    const snapshot = async () => {
      const { rows } = await front.db.query(
        `select g.*, p.name as project, o.state, o.plan_key, c.version from organisations g
         join projects p on p.organisation_id = g.id join orders o on o.organisation_id = g.id
         join customers c on c.id = g.provider_customer_id where g.provider_customer_id = $1`,
        [customerId],
      );
      return JSON.stringify([
        rows,
        front.world.systems.stripe.customers().find(({ id }) => id === customerId),
      ]);
    };
    const before = await snapshot();
    const stranger = await front.post({ ...request, plan: 'starter' });
    expect(stranger.status).toBe(201);
    expect(await snapshot()).toBe(before);
    const made = session(stranger.body.session_id);
    expect(made.customer).not.toBe(customerId);
    const { rows } = await front.db.query<{ like: number; original: number }>(
      `select n.looks_like_duplicate_of as like, o.id as original from organisations n, organisations o
       where n.provider_customer_id = $1 and o.provider_customer_id = $2`,
      [made.customer, customerId],
    );
    expect(rows[0]!.like).toBe(rows[0]!.original);
  });

  it('is flagged by VAT id or e-mail domain, not by a public mail provider', async () => {
    const flagOf = async (organisation: object) => {
      const { body } = await front.post(orderBody({ organisation }));
      const { rows } = await front.db.query<{ flag: number | null; id: number }>(
        `select looks_like_duplicate_of as flag, id from organisations where provider_customer_id = $1`,
        [session(body.session_id).customer],
      );
      return rows[0]!;
    };
    const base = { country: 'DE', contact_name: 'A', contact_email: 'a@first-one.example' };
    const original = await flagOf({ ...base, name: 'First One', vat_id: 'DE 123.456.789' });
    expect(original.flag).toBeNull();
    const byVat = await flagOf({
      ...base,
      name: 'Other',
      vat_id: 'de123456789',
      contact_email: 'b@second.example',
    });
    expect(byVat.flag).toBe(original.id);
    expect((await flagOf({ ...base, name: 'Third', contact_email: 'x@FIRST-ONE.example' })).flag).toBe(
      original.id,
    );
    expect((await flagOf({ ...base, name: 'Mail A', contact_email: 'm@gmail.com' })).flag).toBeNull();
    expect((await flagOf({ ...base, name: 'Mail B', contact_email: 'n@gmail.com' })).flag).toBeNull();
  });

  it('gains nothing with a forged, expired or unpaid proof', async () => {
    const { body } = await front.post(orderBody());
    const signer = { connectorSecrets: [CONNECTOR_SECRET], now: front.world.clock.now };
    const other = { ...signer, connectorSecrets: [Buffer.alloc(32, 9).toString('base64')] };
    for (const token of [
      body.order,
      issueOrganisationToken(other, 1),
      issueOrganisationToken(signer, 1, -1),
      issueOrganisationToken(signer, 999_999),
      `${issueOrganisationToken(signer, 1)}x`.replace('org.1', 'org.2'),
    ])
      expect(await front.post(orderBody(), { authorization: `Bearer ${token}` })).toMatchObject({
        status: 401,
        body: { code: 'token_refused' },
      });
    expect((await front.post(orderBody(), { authorization: 'Basic x' })).status).toBe(401);
  });
});

describe('a known organisation', () => {
  it('buys a second project by the token of its paid order: same organisation, same customer', async () => {
    const { token, customerId } = await paidOrder();
    const { organisation: _, ...request } = orderBody({ project: { name: 'Second', code: 'P-2' } });
    const organisations = await count('organisations');
    const { status, body } = await front.post(request, { authorization: `Bearer ${token}` });
    expect(status).toBe(201);
    expect(session(body.session_id).customer).toBe(customerId);
    expect(await count('organisations')).toBe(organisations);
  });

  it('keeps its own name whatever the request claims', async () => {
    const { token, customerId } = await paidOrder();
    const before = JSON.stringify(front.world.systems.stripe.customers().find(({ id }) => id === customerId));
    const request = orderBody({ project: { name: 'Third', code: 'P-3' } });
    const first = await front.post(request, { authorization: `Bearer ${token}` });
    await front.post({ ...request, plan: 'starter', order: first.body.order });
    expect(JSON.stringify(front.world.systems.stripe.customers().find(({ id }) => id === customerId))).toBe(
      before,
    );
    const { rows } = await front.db.query<{ name: string }>(
      'select name from organisations where provider_customer_id = $1',
      [customerId],
    );
    expect(rows[0]!.name).not.toBe((request.organisation as { name: string }).name);
  });

  it('is known by a signed organisation token too', async () => {
    const { customerId } = await paidOrder();
    const { rows } = await front.db.query<{ id: number }>(
      'select id from organisations where provider_customer_id = $1',
      [customerId],
    );
    const token = issueOrganisationToken(
      { connectorSecrets: [CONNECTOR_SECRET], now: front.world.clock.now },
      rows[0]!.id,
    );
    const { organisation: _, ...request } = orderBody();
    const headers = { authorization: `Bearer ${token}`, 'idempotency-key': key() };
    const { body } = await front.post(request, headers);
    expect(session(body.session_id).customer).toBe(customerId);
    expect((await front.post(request, headers)).body).toEqual(body);
  });

  it('has one customer at Stripe, though the first try to make it ended in an error', async () => {
    const request = orderBody();
    const headers = { 'idempotency-key': key() };
    const customers = front.world.systems.stripe.customers().length;
    front.world.systems.stripe.failNext('POST /v1/customers');
    expect((await front.post(request, headers)).status).toBe(503);
    const { rows } = await front.db.query<{ id: number }>('select max(id) as id from organisations');
    const token = issueOrganisationToken(
      { connectorSecrets: [CONNECTOR_SECRET], now: front.world.clock.now },
      rows[0]!.id,
    );
    const bearer = { authorization: `Bearer ${token}` };
    // Another order of it starts where the first one's try left off: Stripe would only repeat that error.
    const both = await Promise.all([
      front.post(request, headers),
      front.post(orderBody(), bearer),
      front.post(orderBody(), bearer),
    ]);
    expect(both.map(({ status }) => status)).toEqual([201, 201, 201]);
    expect(front.world.systems.stripe.customers()).toHaveLength(customers + 1);
    expect(new Set(both.map(({ body }) => session(body.session_id).customer)).size).toBe(1);
  });

  it('must be proven: without a token an organisation is required', async () => {
    const { organisation: _, ...request } = orderBody();
    const { status, body } = await front.post(request);
    expect(status).toBe(422);
    expect(pointers(body)).toEqual(['/organisation']);
  });
});

describe('a request that is not acceptable', () => {
  const refused: readonly (readonly [string, Record<string, unknown>, string])[] = [
    ['an unknown plan', { plan: 'gold' }, '/plan plan'],
    ['an unknown interval', { interval: 'week' }, '/interval interval'],
    ['a missing project', { project: undefined }, '/project required'],
    ['an unknown field', { colour: 'red' }, '/colour unknown_field'],
    [
      'a line break in a name',
      { project: { name: 'a\r\nBcc: x@y.example', code: 'A' } },
      '/project/name characters',
    ],
    ['a code with spaces', { project: { name: 'a', code: 'A B' } }, '/project/code project_code'],
    ['a name too long', { project: { name: 'x'.repeat(201), code: 'A' } }, '/project/name too_long'],
    ['half a surrogate pair', { project: { name: '\ud83c', code: 'A' } }, '/project/name characters'],
    [
      'nobody managing information',
      { stakeholders: [{ name: 'A', email: 'a@b.example', role: 'appointed_party' }] },
      '/stakeholders information_manager',
    ],
    ['nobody at all', { stakeholders: [] }, '/stakeholders required'],
    [
      'a role that is none',
      { stakeholders: [{ name: 'A', email: 'a@b.example', role: 'king' }] },
      '/stakeholders/0/role role',
    ],
    [
      'an address without domain',
      { stakeholders: [{ name: 'A', email: 'a@b', role: 'information_manager' }] },
      '/stakeholders/0/email email',
    ],
    [
      'an address with a line break',
      {
        stakeholders: [{ name: 'A', email: 'a@b.example\r\nBcc: c@d.example', role: 'information_manager' }],
      },
      '/stakeholders/0/email email',
    ],
    [
      'somebody twice',
      {
        stakeholders: [
          { name: 'A', email: 'a@b.example', role: 'information_manager' },
          { name: 'B', email: 'A@B.example', role: 'appointed_party' },
        ],
      },
      '/stakeholders/1/email listed_twice',
    ],
    ['a wrong type', { stakeholders: 'me' }, '/stakeholders type'],
    ['an unknown user interface', { ui: 'popup' }, '/ui ui'],
    ['an order token that is none', { order: '../../etc' }, '/order order'],
  ];
  for (const [name, changes, expected] of refused)
    it(`is told what is wrong: ${name}`, async () => {
      const { status, body, headers } = await front.post(orderBody(changes));
      expect(status).toBe(422);
      expect(headers.get('content-type')).toContain('application/problem+json');
      expect(body.code).toBe('invalid_request');
      const errors = body.errors!;
      expect(errors.map(({ pointer, code }) => `${pointer} ${code}`)).toContain(expected);
      for (const { detail } of errors) expect(detail.length).toBeGreaterThan(5);
    });

  it('may list 500 people, not 501', async () => {
    const people = (n: number) =>
      Array.from({ length: n }, (_, index) => ({
        name: `Person ${index}`,
        email: `p${index}@many.example`,
        role: 'information_manager',
      }));
    // Of the plans only this one has seats for so many.
    const order = (n: number) => orderBody({ plan: 'enterprise', stakeholders: people(n) });
    expect((await front.post(order(500))).status).toBe(201);
    const { status, body } = await front.post(order(501));
    expect(status).toBe(422);
    expect(body.errors).toMatchObject([{ pointer: '/stakeholders', code: 'too_many', limit: 500 }]);
  });

  it('may be written in any script', async () => {
    const names = ['مهندس المشروع', '桥梁 🌉', '<script>alert(1)</script>', "Robert'); drop table orders;--"];
    const stakeholders = names.map((name, index) => ({
      name,
      email: `n${index}@any.example`,
      role: 'information_manager',
    }));
    const { status, body } = await front.post(orderBody({ stakeholders }));
    expect(status).toBe(201);
    const { rows } = await front.db.query<{ name: string }>(
      'select s.name from stakeholders s join orders o on o.project_id = s.project_id where o.id = $1 order by position',
      [session(body.session_id).metadata!.order_id],
    );
    expect(rows.map(({ name }) => name)).toEqual(names);
  });

  it('has a stated answer for a body that cannot be read', async () => {
    const text = (body: string | Uint8Array, headers = {}) => front.post(body, headers);
    expect(await text('{')).toMatchObject({ status: 400, body: { code: 'body_not_json' } });
    expect(await text(new Uint8Array([0x22, 0xff, 0x22]))).toMatchObject({
      status: 400,
      body: { code: 'body_not_utf8' },
    });
    expect(await text('{}', { 'content-type': 'text/plain' })).toMatchObject({
      status: 415,
      body: { code: 'unsupported_media_type' },
    });
    expect(await text(`"${'x'.repeat(600_000)}"`)).toMatchObject({
      status: 413,
      body: { code: 'body_too_large' },
    });
    expect(await text('{}', { 'content-encoding': 'zip' })).toMatchObject({ status: 415 });
    expect(await text('[]')).toMatchObject({ status: 422 });
    const poisoned = JSON.stringify(orderBody()).replace('{', '{"__proto__":{"plan":"starter"},');
    expect(await text(poisoned)).toMatchObject({ status: 422, body: { code: 'invalid_request' } });
  });
});

function pointers(body: { errors?: unknown }): string[] {
  return (body.errors as { pointer: string }[]).map(({ pointer }) => pointer);
}
