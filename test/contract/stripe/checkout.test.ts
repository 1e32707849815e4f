import { beforeAll, expect, test } from 'vitest';
import { type Account, makePrices, openAccount, payingCustomer, refusal } from './account.ts';

let account: Account;
beforeAll(async () => {
  account = await openAccount();
});

async function sessionParams() {
  const { setup, monthly } = await makePrices({ ...account, run: `${account.run}_${Date.now()}` });
  const customer = await payingCustomer(account);
  return {
    mode: 'subscription' as const,
    customer: customer.id,
    line_items: [
      { price: setup.id, quantity: 1 },
      { price: monthly.id, quantity: 1 },
    ],
    client_reference_id: 'order_1',
    metadata: { order_id: '1' },
    subscription_data: { metadata: { order_id: '1' } },
  };
}

test('an embedded session mixes set-up and subscription; nothing is subscribed before payment', async () => {
  const { stripe } = account;
  const params = await sessionParams();
  const session = await stripe.checkout.sessions.create({
    ...params,
    ui_mode: 'embedded_page',
    return_url: 'https://shop.example.com/orders/x?session={CHECKOUT_SESSION_ID}',
  });
  expect(session).toMatchObject({
    status: 'open',
    url: null,
    subscription: null,
    invoice: null,
    amount_total: 175_000,
    client_reference_id: 'order_1',
  });
  expect(session.client_secret).toContain('_secret_');
  expect((await stripe.subscriptions.list({ customer: params.customer, status: 'all' })).data).toEqual([]);
  const lines = await stripe.checkout.sessions.listLineItems(session.id);
  expect(lines.data.map(({ amount_total }) => amount_total).sort()).toEqual([150_000, 25_000]);
  expect((await stripe.checkout.sessions.expire(session.id)).status).toBe('expired');
  expect((await refusal(stripe.checkout.sessions.expire(session.id))).statusCode).toBe(400);
});

test('a hosted session has an address', async () => {
  const session = await account.stripe.checkout.sessions.create({
    ...(await sessionParams()),
    success_url: 'https://shop.example.com/done',
    cancel_url: 'https://shop.example.com/back',
  });
  expect(session).toMatchObject({ ui_mode: 'hosted_page', client_secret: null });
  expect(session.url).toMatch(/^https?:/);
});

test('former names and impossible carts are refused', async () => {
  const { stripe } = account;
  const params = await sessionParams();
  const success_url = 'https://shop.example.com/done';
  const refused = (changes: object) =>
    refusal(stripe.checkout.sessions.create({ ...params, success_url, ...changes } as never));
  expect(await refused({ ui_mode: 'hosted' })).toMatchObject({ statusCode: 400, param: 'ui_mode' });
  expect(await refused({ payment_method_types: ['card'] })).toMatchObject({ statusCode: 400 });
  expect(await refused({ line_items: [params.line_items[0]] })).toMatchObject({ statusCode: 400 });
  expect(await refused({ expires_at: Math.floor(Date.now() / 1000) + 60 })).toMatchObject({
    statusCode: 400,
  });
  expect(await refused({ customer: 'cus_contract_none' })).toMatchObject({ code: 'resource_missing' });
});
