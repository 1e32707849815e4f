import { afterAll, beforeAll, expect, it } from 'vitest';
import { createClosedSessions } from '../../connector/billing/closed-sessions.ts';
import { type Front, orderBody, startFront } from '../support/front.ts';

let front: Front;
beforeAll(async () => {
  front = await startFront();
});
afterAll(() => front.stop());

const sessionOf = (id: string) => front.world.systems.stripe.sessions().find((each) => each.id === id)!;

async function told(sessionId: string): Promise<void> {
  const write = await createClosedSessions(front)(String(sessionOf(sessionId).customer));
  await front.db.tx(write);
}

async function stateOf(sessionId: string) {
  const { rows } = await front.db.query<{ state: string; sessions: string[] }>(
    `select state, (select array_agg(status order by status) from checkout_sessions where order_id = o.id) as sessions
       from orders o where id = $1`,
    [sessionOf(sessionId).metadata!.order_id],
  );
  return rows[0]!;
}

it('an order is abandoned when its last session closed, and open again when somebody begins to pay', async () => {
  const request = orderBody();
  const { body } = await front.post(request);
  await told(body.session_id);
  expect(await stateOf(body.session_id)).toEqual({ state: 'open', sessions: ['open'] });

  await front.world.clock.advance(25 * 3_600_000);
  expect(sessionOf(body.session_id).status).toBe('expired');
  await told(body.session_id);
  expect(await stateOf(body.session_id)).toEqual({ state: 'abandoned', sessions: ['expired'] });

  const again = await front.post({ ...request, order: body.order });
  expect(again.status).toBe(201);
  await told(body.session_id);
  expect(await stateOf(body.session_id)).toEqual({ state: 'open', sessions: ['expired', 'open'] });
});

it('an order that is paid, or whose payment is on its way, is not abandoned by a session that closed before', async () => {
  for (const finish of ['payCheckout', 'payCheckoutLater'] as const) {
    const request = orderBody();
    const first = await front.post(request);
    const second = await front.post({ ...request, ui: 'redirect', order: first.body.order });
    front.world.systems.stripe[finish](second.body.session_id);
    await told(first.body.session_id);
    expect(await stateOf(first.body.session_id)).toEqual({
      state: 'open',
      sessions: ['complete', 'expired'],
    });
  }
});

it('nothing of anybody else is touched', async () => {
  const other = await front.post(orderBody());
  const { body } = await front.post(orderBody());
  await front.stripe.checkout.sessions.expire(body.session_id);
  await front.stripe.checkout.sessions.expire(other.body.session_id);
  await told(body.session_id);
  expect((await stateOf(body.session_id)).state).toBe('abandoned');
  expect((await stateOf(other.body.session_id)).state).toBe('open');
});

it('a customer with no payment page open costs no call: Stripe may be away', async () => {
  const { body } = await front.post(orderBody());
  await front.stripe.checkout.sessions.expire(body.session_id);
  await told(body.session_id);
  front.world.faults.add({ system: 'stripe', times: 50, kind: 'server_error' });
  try {
    await told(body.session_id);
  } finally {
    front.world.faults.clear();
  }
  expect((await stateOf(body.session_id)).state).toBe('abandoned');
});
