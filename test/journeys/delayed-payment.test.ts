/** A bank debit as the customer sees it: on its way for days, then there, or failed and paid another way. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkout, draft, eventually, runOf } from '../support/connector.ts';
import { openScene, type Scene } from '../support/scene.ts';

interface Timeline {
  readonly state: string;
  readonly pay_url: string | null;
}

// The page asks about one order once in four seconds at most.
const PAGE_ASKS_AGAIN_MS = 4_100;

describe.each(['pglite', 'postgres'] as const)('a delayed payment (%s)', (kind) => {
  let scene: Scene;

  beforeAll(async () => {
    scene = await openScene({ database: kind });
  });
  afterAll(() => scene?.close());

  async function buyLater() {
    const body = draft();
    const reply = await checkout(scene.connector.publicUrl, body);
    const session = scene.world.systems.stripe.payCheckoutLater(reply.body.session_id);
    const { session_id, order, order_url } = reply.body;
    const company = (body.organisation as { name: string }).name;
    return { body, order, orderUrl: order_url, sessionId: session_id, session, company };
  }
  type Purchase = Awaited<ReturnType<typeof buyLater>>;

  async function timeline({ orderUrl }: Purchase): Promise<Timeline> {
    return (await (await fetch(`${orderUrl}/timeline.json`)).json()) as Timeline;
  }

  const shows = (purchase: Purchase, state: string) =>
    eventually(`the order page says ${state}`, async () => {
      const shown = await timeline(purchase);
      return shown.state === state && shown;
    });

  const again = (purchase: Purchase) =>
    checkout(scene.connector.publicUrl, { ...purchase.body, order: purchase.order });

  const companies = (name: string) =>
    scene.world.systems.odoo.records('res.partner').filter((each) => each.name === name);

  const subscriptionOf = (purchase: Purchase) =>
    scene.world.systems.stripe.subscriptions().find(({ id }) => id === purchase.session.subscription)!;

  it('is on its way without anybody asking Stripe over and over, and everything is made once it has come', async () => {
    const purchase = await buyLater();
    expect(await shows(purchase, 'on_its_way')).toMatchObject({ pay_url: null });
    expect(await again(purchase)).toMatchObject({ status: 409, body: { code: 'payment_under_way' } });
    await scene.world.systems.stripe.deliveriesIdle();
    await eventually('its events, and what the page asked for, are worked off', async () => {
      const { rowCount } = await scene.db.query(
        `select 1 from events where state = 'open' union all
         select 1 from pgboss.job where name = 'lane' and state in ('created', 'retry', 'active')`,
      );
      return rowCount === 0;
    });

    const asked = scene.world.counts.of('stripe');
    for (let look = 0; look < 2; look += 1) {
      await sleep(PAGE_ASKS_AGAIN_MS);
      expect((await timeline(purchase)).state).toBe('on_its_way');
    }
    expect(scene.world.counts.of('stripe')).toBe(asked);
    expect(scene.world.systems.b2.buckets()).toEqual([]);
    expect(scene.world.systems.odoo.records('x_stripe_subscription')).toEqual([]);

    scene.world.systems.stripe.settleCheckout(purchase.sessionId, 'succeeded');
    await runOf(scene.connector, scene.db, purchase.sessionId);
    await shows(purchase, 'done');
    expect(companies(purchase.company)).toHaveLength(1);
  });

  it('is seen by the page when no event comes, with one sync', async () => {
    scene.world.systems.stripe.holdDeliveries();
    const purchase = await buyLater();
    await shows(purchase, 'on_its_way');
    const mirrored = () =>
      scene.db.query('select 1 from subscriptions where provider_id = $1', [purchase.session.subscription]);
    await eventually('the customer was read anew', async () => (await mirrored()).rowCount === 1);
    await scene.world.systems.stripe.releaseDeliveries();
    scene.world.systems.stripe.settleCheckout(purchase.sessionId, 'succeeded');
    await runOf(scene.connector, scene.db, purchase.sessionId);
  });

  it('that fails is paid at the invoice’s own page, and provisioned then', async () => {
    const purchase = await buyLater();
    await shows(purchase, 'on_its_way');
    scene.world.systems.stripe.settleCheckout(purchase.sessionId, 'failed');
    const invoice = scene.world.systems.stripe.invoices().find(({ id }) => id === purchase.session.invoice)!;
    expect(await shows(purchase, 'payment_failed')).toMatchObject({ pay_url: invoice.hosted_invoice_url });
    const page = await (await fetch(purchase.orderUrl)).text();
    expect(page).toContain('Payment failed');
    expect(page).toContain(`href="${invoice.hosted_invoice_url}"`);
    // Two invoices of one order could both be paid.
    expect(await again(purchase)).toMatchObject({ status: 409, body: { code: 'payment_under_way' } });

    scene.world.systems.stripe.payInvoice(invoice.id);
    await runOf(scene.connector, scene.db, purchase.sessionId);
    await shows(purchase, 'done');
    expect(companies(purchase.company)).toHaveLength(1);
  });

  it('whose subscription is over is paid in a new session of the same order', async () => {
    const purchase = await buyLater();
    scene.world.systems.stripe.settleCheckout(purchase.sessionId, 'failed');
    scene.world.systems.stripe.cancelSubscription(subscriptionOf(purchase).id);
    expect(await shows(purchase, 'unpaid')).toMatchObject({ pay_url: '/services/comply/pay' });

    const reply = await again(purchase);
    expect(reply.status).toBe(201);
    expect(reply.body.session_id).not.toBe(purchase.sessionId);
    scene.world.systems.stripe.payCheckout(reply.body.session_id);
    await runOf(scene.connector, scene.db, reply.body.session_id);
    await shows(purchase, 'done');
    expect(companies(purchase.company)).toHaveLength(1);
    expect(await again(purchase)).toMatchObject({ status: 409, body: { code: 'order_already_paid' } });
  });
});
