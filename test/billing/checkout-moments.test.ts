/** What a checkout answers when something else happens to its order at the worst moment. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type CheckoutAnswer,
  type CheckoutRequest,
  createCheckout,
} from '../../connector/billing/checkout.ts';
import type { OrderInput } from '../../connector/billing/order-form.ts';
import type { Database } from '../../connector/db/database.ts';
import { newToken } from '../../connector/secrets/token.ts';
import { type Front, orderBody, startFront } from '../support/front.ts';

let front: Front;
beforeAll(async () => {
  front = await startFront();
});
afterAll(() => front.stop());

const request = (change: Partial<CheckoutRequest> = {}): CheckoutRequest => ({
  input: orderBody() as unknown as OrderInput,
  ui: 'embedded',
  ...change,
});

/** The same service on another instance: just before it writes the order, `act` has happened. */
function meanwhile(act: () => Promise<unknown>) {
  let happened = false;
  const db: Database = {
    ...front.db,
    async tx(work) {
      if (!happened) {
        happened = true;
        await act();
      }
      return front.db.tx(work);
    },
  };
  return createCheckout({ ...front.deps, db });
}

/** Stripe cannot be reached: the order is stored, and nothing of it is at Stripe. */
async function interrupted(given: CheckoutRequest): Promise<void> {
  front.world.faults.add({ system: 'stripe', times: 100, kind: 'server_error' });
  await expect(front.checkout.start(given)).rejects.toMatchObject({ kind: 'retryable' });
  front.world.faults.clear();
}

const payAndHear = async (sessionId: string) => {
  front.pay(sessionId);
  await front.sync(sessionId);
};
const session = (id: string) => front.world.systems.stripe.sessions().find((each) => each.id === id)!;
const sessionsOf = (id: string) =>
  front.world.systems.stripe
    .sessions()
    .filter(({ metadata }) => metadata!.order_id === session(id).metadata!.order_id);

describe('the same request with the same key', () => {
  it('on two instances at once opens one session', async () => {
    const given = request({ idempotencyKey: 'one-wish-two-clicks' });
    let first: unknown;
    const second = await meanwhile(async () => {
      first = await front.checkout.start(given);
    }).start(given);
    expect(second).toEqual(first);
    expect(sessionsOf(second.sessionId)).toHaveLength(1);
  });

  it('is answered as the first time, though its order has been changed since', async () => {
    const { idempotencyKey, ...rest } = request({ idempotencyKey: 'one-wish-and-another' });
    const answers: CheckoutAnswer[] = [];
    const late = await meanwhile(async () => {
      const first = await front.checkout.start({ ...rest, idempotencyKey: idempotencyKey! });
      const input = { ...rest.input, plan: 'enterprise' };
      answers.push(first, await front.checkout.start({ ...rest, input, orderToken: first.orderToken }));
    }).start({ ...rest, idempotencyKey: idempotencyKey! });
    expect(late).toEqual(answers[0]);
    expect(answers.map(({ sessionId }) => session(sessionId).status)).toEqual(['expired', 'open']);
  });

  it('that broke off does not open a second payment once its order is paid', async () => {
    const given = request({ ownToken: newToken(), idempotencyKey: 'broke-off-at-first' });
    await interrupted(given);
    const { idempotencyKey: _, ...another } = given;
    const { sessionId } = await front.checkout.start(another);
    await payAndHear(sessionId);
    await expect(front.checkout.start(given)).rejects.toMatchObject({ code: 'order_already_paid' });
    expect(sessionsOf(sessionId)).toHaveLength(1);
  });
});

describe('an order', () => {
  it('paid in that moment is not sold again', async () => {
    const given = request();
    const { orderToken, sessionId } = await front.checkout.start(given);
    const late = meanwhile(() => payAndHear(sessionId));
    await expect(late.start({ ...given, orderToken })).rejects.toMatchObject({ code: 'order_already_paid' });
  });

  it('paid in that moment stays as it was paid, whatever the late request wanted instead', async () => {
    const given = request();
    const { orderToken, sessionId } = await front.checkout.start(given);
    const orderId = session(sessionId).metadata!.order_id;
    const late = meanwhile(() => front.db.query("update orders set state = 'paid' where id = $1", [orderId]));
    const input = { ...given.input, plan: 'enterprise' };
    await expect(late.start({ ...given, input, orderToken })).rejects.toMatchObject({
      code: 'order_already_paid',
    });
    const { rows } = await front.db.query('select plan_key from orders where id = $1', [orderId]);
    expect(rows).toEqual([{ plan_key: 'professional' }]);
  });

  it('changed in that moment by another tab is the other tab’s', async () => {
    const given = request();
    const { orderToken } = await front.checkout.start(given);
    let other = '';
    const late = meanwhile(async () => {
      const input = { ...given.input, plan: 'enterprise' };
      other = (await front.checkout.start({ ...given, input, orderToken })).sessionId;
    });
    await expect(late.start({ ...given, orderToken })).rejects.toMatchObject({
      code: 'checkout_in_progress',
    });
    expect(session(other).status).toBe('open');
  });

  it('changed before Stripe ever heard of it is sold as it is now', async () => {
    const given = request({ ownToken: newToken() });
    await interrupted(given);
    const input = { ...given.input, plan: 'starter' };
    const { sessionId } = await front.checkout.start({ ...given, input });
    expect(session(sessionId).amount_total).toBe(150_000 + 25_000);
  });

  it('paid while its new session was being made leaves nothing to pay', async () => {
    const opened: string[] = [];
    const late = createCheckout({
      ...front.deps,
      gateway: {
        ...front.gateway,
        async createSession(input, options) {
          const made = await front.gateway.createSession(input, options);
          opened.push(made.id);
          await front.db.query("update orders set state = 'paid' where id = $1", [input.orderId]);
          return made;
        },
      },
    });
    await expect(late.start(request())).rejects.toMatchObject({ code: 'order_already_paid' });
    expect(opened.map((id) => session(id).status)).toEqual(['expired']);
  });

  it('whose bank debit failed and whose subscription is over may be changed and paid anew', async () => {
    const given = request();
    const { orderToken, sessionId } = await front.checkout.start(given);
    const { stripe } = front.world.systems;
    const { subscription } = stripe.payCheckoutLater(sessionId);
    const input = { ...given.input, plan: 'starter' };
    const again = () => front.checkout.start({ ...given, input, orderToken });
    await expect(again()).rejects.toMatchObject({ code: 'payment_under_way' });
    stripe.settleCheckout(sessionId, 'failed');
    stripe.cancelSubscription(String(subscription));
    await front.sync(sessionId);
    const { sessionId: next } = await again();
    expect(session(next)).toMatchObject({ status: 'open', amount_total: 150_000 + 25_000 });
  });
});

it('a link to an offer that is not there, or over, is answered so', async () => {
  await expect(front.checkout.start(request({ offerToken: newToken() }))).rejects.toMatchObject({
    kind: 'absent',
    code: 'offer_not_found',
  });
});
