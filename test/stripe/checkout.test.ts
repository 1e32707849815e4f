/** The checkout gateway over Stripe: what is made once, what may be taken away, and what a session has become. */
import { describe, expect, it } from 'vitest';
import type { SessionRequest } from '../../connector/billing/checkout-gateway.ts';
import { createCheckoutGateway } from '../../connector/stripe/checkout.ts';
import { openShop } from './shop.ts';

const { world, stripe, product, price, customer } = await openShop();
const gateway = createCheckoutGateway({ stripe, installation: 'here' });

const ada = (organisationId: number) => ({
  organisationId,
  name: 'Harbour Works',
  email: `ada${organisationId}@harbour.example`,
  country: 'BE',
  vatId: null,
  locale: 'en',
});
const request = (change: Partial<SessionRequest> & Pick<SessionRequest, 'customerId' | 'lines'>) => ({
  orderId: 17,
  trialDays: 0,
  automaticTax: false,
  promotionCodes: false,
  locale: 'en',
  ui: 'redirect' as const,
  returnUrl: 'https://connect.example/done',
  cancelUrl: 'https://connect.example/back',
  ...change,
});
let keys = 0;
const create = (change: Parameters<typeof request>[0]) =>
  gateway.createSession(request(change), { requestHash: 'hash', key: `session_${++keys}` });

describe('a customer of an organisation', () => {
  it('is found again after an error, and never one of another installation', async () => {
    const first = await gateway.createCustomer(ada(1), 0);
    expect(await gateway.createCustomer(ada(1), 1)).toEqual(first);
    const elsewhere = createCheckoutGateway({ stripe, installation: 'there' });
    expect(await elsewhere.createCustomer(ada(1), 1)).not.toEqual(first);
    expect(await gateway.createCustomer({ ...ada(2), email: ada(1).email }, 1)).not.toEqual(first);
  });

  it('nothing came of is taken away, once', async () => {
    const { customerId } = await gateway.createCustomer(ada(3), 0);
    expect(await gateway.deleteUnusedCustomer({ customerId, organisationId: 3 })).toBe(true);
    expect(await stripe.customers.retrieve(customerId)).toMatchObject({ deleted: true });
    expect(await gateway.deleteUnusedCustomer({ customerId, organisationId: 3 })).toBe(true);
  });

  it.each<[string, number, (customerId: string) => Promise<unknown>]>([
    ['of another organisation', 9, async () => {}],
    [
      'of another installation',
      4,
      (id) => stripe.customers.update(id, { metadata: { installation: 'there' } }),
    ],
    [
      'with a card of its own',
      4,
      async (id) => {
        const method = await stripe.paymentMethods.attach('pm_card_visa', { customer: id });
        await stripe.customers.update(id, { invoice_settings: { default_payment_method: method.id } });
      },
    ],
    [
      'with a subscription, over or not',
      4,
      async (id) => {
        const { id: made } = world.systems.stripe.createDashboardSubscription({
          customer: id,
          prices: [(await price()).id],
        });
        await stripe.subscriptions.cancel(made);
      },
    ],
  ])('stays when it is one %s', async (_which, organisationId, make) => {
    const { customerId } = await gateway.createCustomer({ ...ada(4), email: `${++keys}@x.example` }, 0);
    await make(customerId);
    expect(await gateway.deleteUnusedCustomer({ customerId, organisationId })).toBe(false);
    expect(await stripe.customers.retrieve(customerId)).not.toHaveProperty('deleted');
  });
});

describe('a price agreed with one customer', () => {
  const agreed = (productKey: string) => ({
    name: 'Enterprise, agreed',
    amount: 77_000,
    currency: 'usd',
    interval: 'month' as const,
    planKey: 'enterprise',
    productKey,
  });
  const soldOf = async (sessionId: string) => {
    world.systems.stripe.payCheckout(sessionId);
    const { subscription } = await stripe.checkout.sessions.retrieve(sessionId);
    const { items } = await stripe.subscriptions.retrieve(subscription as string);
    return stripe.products.retrieve(items.data[0]!.price.product as string);
  };

  it('is one of the plan’s own product, which is looked for once', async () => {
    const enterprise = await product({ product_key: 'enterprise', plan_key: 'enterprise' });
    await product();
    const before = world.counts.of('stripe', 'GET /v1/products');
    for (const setUp of [1, 2]) {
      const { id: customerId } = await customer();
      const { id } = await create({ customerId, lines: [agreed('enterprise')], orderId: setUp });
      expect((await soldOf(id)).id).toBe(enterprise);
    }
    expect(world.counts.of('stripe', 'GET /v1/products')).toBe(before + 1);
  });

  it('is of a product of its own that names the plan, where set-up never made one', async () => {
    const { id: customerId } = await customer();
    const { id } = await create({ customerId, lines: [agreed('never_made')] });
    expect(await soldOf(id)).toMatchObject({
      name: 'Enterprise, agreed',
      metadata: { plan_key: 'enterprise' },
    });
  });
});

describe('a session', () => {
  const opened = async (orderId = 17) => {
    const { id: customerId } = await customer();
    const lines = [{ priceId: (await price()).id, quantity: 1 }];
    return { customerId, session: await create({ customerId, lines, orderId }) };
  };

  it('that is ended is expired; one somebody paid first is told as it is', async () => {
    const { session } = await opened();
    expect(session).toMatchObject({ status: 'open', paid: false, subscriptionId: null, requestHash: 'hash' });
    expect(await gateway.expireSession(session.id)).toMatchObject({ status: 'expired', paid: false });
    const { session: second } = await opened();
    world.systems.stripe.payCheckout(second.id);
    expect(await gateway.expireSession(second.id)).toMatchObject({
      status: 'complete',
      paid: true,
      subscriptionId: expect.stringMatching(/^sub_/),
    });
  });

  it('that Stripe would not end is not said to be over', async () => {
    const { session } = await opened();
    const operation = 'POST /v1/checkout/sessions/:id/expire';
    world.faults.add({ system: 'stripe', operation, times: 1, kind: 'permanent' });
    await expect(gateway.expireSession(session.id)).rejects.toMatchObject({ code: 'stripe_invalid_request' });
    expect(await stripe.checkout.sessions.retrieve(session.id)).toMatchObject({ status: 'open' });
  });

  it('is alive for its order until it expires; those of others, and made elsewhere, are none of it', async () => {
    const { customerId, session } = await opened(17);
    const lines = [{ priceId: (await price()).id, quantity: 1 }];
    const paidOne = await create({ customerId, lines, orderId: 17 });
    world.systems.stripe.payCheckout(paidOne.id);
    const other = await create({ customerId, lines, orderId: 18 });
    const gone = await create({ customerId, lines, orderId: 17 });
    await gateway.expireSession(gone.id);
    const foreign = await stripe.checkout.sessions.create({
      mode: 'subscription',
      customer: customerId,
      line_items: [{ price: (await price()).id, quantity: 1 }],
      success_url: 'https://shop.example',
    });
    const live = await gateway.liveSessions({ customerId, orderId: 17 });
    expect(live.map(({ id }) => id).sort()).toEqual([session.id, paidOne.id].sort());
    const all = await gateway.sessionStatuses(customerId);
    expect(Object.fromEntries(all.map(({ id, status }) => [id, status]))).toEqual({
      [session.id]: 'open',
      [paidOne.id]: 'complete',
      [other.id]: 'open',
      [gone.id]: 'expired',
      [foreign.id]: 'open',
    });
    expect(await gateway.expireSession(foreign.id)).toMatchObject({ requestHash: null });
  });
});

it('prices that are not on sale are named, every one of them, beyond the ten that Stripe looks up at a time', async () => {
  const keys = Array.from({ length: 12 }, (_, place) => `sale_${place}`);
  const made = await Promise.all(keys.map((lookup_key) => price({ lookup_key })));
  expect(await gateway.prices(keys)).toEqual(
    Object.fromEntries(keys.map((key, place) => [key, made[place]!.id])),
  );
  await stripe.prices.update(made[11]!.id, { active: false });
  await expect(gateway.prices([...keys, 'never'])).rejects.toMatchObject({
    code: 'price_missing',
    details: { missing: ['sale_11', 'never'] },
  });
});
