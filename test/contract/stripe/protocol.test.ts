import { beforeAll, describe, expect, test } from 'vitest';
import { type Account, API_VERSION, makePrices, openAccount, payingCustomer, refusal } from './account.ts';

let account: Account;
beforeAll(async () => {
  account = await openAccount();
});

test('the account tells its id, and the pinned version answers', async () => {
  const me = await account.stripe.accounts.retrieveCurrent();
  expect(me.id).toMatch(/^acct_/);
  expect(me.lastResponse.apiVersion).toBe(API_VERSION);
});

describe('idempotency keys', () => {
  test('replay the first answer, and refuse another body', async () => {
    const { stripe, run, tidy } = account;
    const options = { idempotencyKey: `${run}-replay` };
    const first = await stripe.customers.create({ name: run }, options);
    tidy(() => stripe.customers.del(first.id));
    const again = await stripe.customers.create({ name: run }, options);
    expect(again.id).toBe(first.id);
    expect(again.lastResponse.headers['idempotent-replayed']).toBe('true');
    const other = await refusal(stripe.customers.create({ name: 'other' }, options));
    expect(other).toMatchObject({ type: 'StripeIdempotencyError', statusCode: 400 });
  });

  // "saving the resulting status code and body … regardless of whether it succeeds or fails" (Idempotent requests)
  test('replay a refusal as well, though by now it would succeed', async () => {
    const { stripe, run } = account;
    const { monthly } = await makePrices({ ...account, run: `${run}_declined` });
    const customer = await payingCustomer(account, { card: 'pm_card_chargeCustomerFail' });
    const subscribe = () =>
      stripe.subscriptions.create(
        {
          customer: customer.id,
          items: [{ price: monthly.id }],
          payment_behavior: 'error_if_incomplete',
        },
        { idempotencyKey: `${run}-declined` },
      );
    expect(await refusal(subscribe())).toMatchObject({ statusCode: 402, code: 'card_declined' });
    const good = await stripe.paymentMethods.attach('pm_card_visa', { customer: customer.id });
    await stripe.customers.update(customer.id, { invoice_settings: { default_payment_method: good.id } });
    const again = await refusal(subscribe());
    expect(again).toMatchObject({ statusCode: 402, code: 'card_declined' });
    expect(again.headers?.['idempotent-replayed']).toBe('true');
    expect((await stripe.subscriptions.list({ customer: customer.id, status: 'all' })).data).toEqual([]);
  });

  // "If incoming parameters fail validation … we don't save the idempotent result" (Idempotent requests)
  test('are not used up by a request that was refused before it ran', async () => {
    const { stripe, run, tidy } = account;
    const options = { idempotencyKey: `${run}-corrected` };
    const wrong = stripe.customers.create({ nonsense: '1' } as never, options);
    expect((await refusal(wrong)).code).toBe('parameter_unknown');
    const made = await stripe.customers.create({ name: run }, options);
    tidy(() => stripe.customers.del(made.id));
    expect(made.name).toBe(run);
  });
});

describe('refusals', () => {
  test.each([
    ['an unknown parameter', { nonsense: '1' }, 'nonsense'],
    ['a key among the parameters', { idempotencyKey: 'k' }, 'idempotencyKey'],
  ])('%s', async (_, params, param) => {
    expect(await refusal(account.stripe.customers.create(params as never))).toMatchObject({
      statusCode: 400,
      code: 'parameter_unknown',
      param,
    });
  });

  test('an absent customer is 404', async () => {
    expect(await refusal(account.stripe.customers.retrieve('cus_contract_none'))).toMatchObject({
      statusCode: 404,
      code: 'resource_missing',
    });
  });
});

test('metadata merges and clears', async () => {
  const { stripe } = account;
  const { id } = await payingCustomer(account);
  const merged = await stripe.customers.update(id, { metadata: { run: '', a: '1' } });
  expect(merged.metadata).toEqual({ a: '1' });
});

test('lists page by cursor, newest first', async () => {
  const { stripe, run, tidy } = account;
  const email = `${run}@example.com`;
  const made: string[] = [];
  for (let n = 0; n < 3; n += 1) {
    const { id } = await stripe.customers.create({ email });
    tidy(() => stripe.customers.del(id));
    made.push(id);
  }
  const first = await stripe.customers.list({ email, limit: 2 });
  expect(first.has_more).toBe(true);
  const rest = await stripe.customers.list({ email, limit: 2, starting_after: first.data[1]!.id });
  expect(rest.has_more).toBe(false);
  expect([...first.data, ...rest.data].map(({ id }) => id).sort()).toEqual(made.sort());
});

test('a page holds a hundred at most, and goes back as well', async () => {
  const { stripe, run, tidy } = account;
  const email = `${run}-back@example.com`;
  for (let n = 0; n < 2; n += 1) {
    const { id } = await stripe.customers.create({ email });
    tidy(() => stripe.customers.del(id));
  }
  expect((await refusal(stripe.customers.list({ limit: 101 }))).statusCode).toBe(400);
  const all = await stripe.customers.list({ email, limit: 100 });
  const [newest, oldest] = all.data;
  const before = await stripe.customers.list({ email, ending_before: oldest!.id });
  expect(before.data.map(({ id }) => id)).toEqual([newest!.id]);
});

test('what is no reference cannot be expanded, and not deeper than four levels', async () => {
  const { stripe } = account;
  const { id } = await payingCustomer(account);
  for (const path of ['name', 'subscriptions.data.latest_invoice.payments.data.payment']) {
    const refused = await refusal(stripe.customers.retrieve(id, { expand: [path] }));
    expect(refused, path).toMatchObject({ statusCode: 400, type: 'StripeInvalidRequestError' });
  }
});

test('a lookup key finds its price and moves only when told to', async () => {
  const { stripe, run } = account;
  const { product, monthly } = await makePrices(account);
  const raised = {
    product: product.id,
    currency: 'usd',
    unit_amount: 30_000,
    recurring: { interval: 'month' as const },
    lookup_key: `${run}_month`,
  };
  expect((await refusal(stripe.prices.create(raised))).statusCode).toBe(400);
  const next = await stripe.prices.create({ ...raised, transfer_lookup_key: true });
  const found = await stripe.prices.list({ lookup_keys: [`${run}_month`] });
  expect(found.data.map(({ id }) => id)).toEqual([next.id]);
  expect((await stripe.prices.retrieve(monthly.id)).lookup_key).toBeNull();
  const many = Array.from({ length: 11 }, (_, n) => `${run}_${n}`);
  expect((await refusal(stripe.prices.list({ lookup_keys: many }))).statusCode).toBe(400);
});

test('a webhook endpoint shows its secret once and keeps its version', async () => {
  const { stripe, tidy } = account;
  const made = await stripe.webhookEndpoints.create({
    url: 'https://contract.example.com/webhooks/stripe',
    enabled_events: ['invoice.paid'],
    api_version: API_VERSION,
  });
  tidy(() => stripe.webhookEndpoints.del(made.id));
  expect(made.secret).toMatch(/^whsec_/);
  const changed = await stripe.webhookEndpoints.update(made.id, {
    enabled_events: ['invoice.paid', 'customer.deleted'],
  });
  expect(changed.secret).toBeUndefined();
  expect(changed.api_version).toBe(API_VERSION);
  expect((await stripe.webhookEndpoints.retrieve(made.id)).secret).toBeUndefined();
  const refused = await refusal(
    stripe.webhookEndpoints.update(made.id, { api_version: API_VERSION } as never),
  );
  expect(refused).toMatchObject({ code: 'parameter_unknown' });
});

test('events take at most twenty types', async () => {
  const types = Array.from({ length: 21 }, () => 'customer.created');
  expect((await refusal(account.stripe.events.list({ types }))).statusCode).toBe(400);
});
