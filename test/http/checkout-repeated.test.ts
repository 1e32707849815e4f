/** A checkout asked for again, with the same key or of the same draft: one order, one payable session, paid once. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { orderBody } from '../support/front.ts';
import { type CheckoutScene, key, startCheckout } from './checkout-scene.ts';

let front: CheckoutScene;
beforeAll(async () => {
  front = await startCheckout();
});
afterAll(() => front?.stop());
describe('an Idempotency-Key', () => {
  it('gives the same answer to the same request, at once and together', async () => {
    const request = orderBody();
    const headers = { 'idempotency-key': key() };
    const orders = await front.count('orders');
    const answers = await Promise.all([front.post(request, headers), front.post(request, headers)]);
    answers.push(await front.post(request, headers));
    for (const { status, body } of answers) {
      expect(status).toBe(201);
      expect(body).toEqual(answers[0]!.body);
    }
    expect(await front.count('orders')).toBe(orders + 1);
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
    expect(front.session(second.body.session_id).status).toBe('open');
    expect(front.openSessions(front.session(second.body.session_id).metadata!.order_id!)).toHaveLength(1);
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
    const orderId = front.session(first.body.session_id).metadata!.order_id!;
    // As a process leaves it that died before its row: the claim of the key stands, its answer does not.
    await front.db.query('delete from checkout_sessions where order_id = $1', [orderId]);
    await front.db.query('update api_idempotency set status = null');
    const again = await front.post(request, headers);
    expect(again.body.session_id).toBe(first.body.session_id);
    expect(front.openSessions(orderId)).toHaveLength(1);
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
      expect(front.openSessions(front.session(after.body.session_id).metadata!.order_id!)).toHaveLength(1);
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
    expect(front.openSessions(front.session(after.body.session_id).metadata!.order_id!)).toHaveLength(1);
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
    expect(front.session(first.body.session_id).status).toBe('expired');
    expect(() => front.pay(first.body.session_id)).toThrow();
    const made = front.session(changed.body.session_id);
    expect(made.amount_total).toBe(700_000);
    expect(made.metadata!.order_id).toBe(front.session(first.body.session_id).metadata!.order_id);
    const customer = front.world.systems.stripe.customers().find(({ id }) => id === made.customer);
    expect(customer!.name).toBe('Renamed Ltd');
  });

  it('ends the embedded session when the hosted page is chosen', async () => {
    const request = orderBody();
    const first = await front.post(request);
    const hosted = await front.post({ ...request, ui: 'redirect', order: first.body.order });
    expect(hosted.body.checkout_url).toBeDefined();
    expect(front.openSessions(front.session(first.body.session_id).metadata!.order_id!)).toHaveLength(1);
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
    expect(front.openSessions(front.session(first.body.session_id).metadata!.order_id!)).toHaveLength(1);
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
