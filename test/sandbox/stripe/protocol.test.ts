import Stripe from 'stripe';
import { expect, test } from 'vitest';
import { makePrices, refusal, startStripe } from './support.ts';

test('a wrong key is 401, no key is 401, curl -u works', async () => {
  const { url } = await startStripe();
  const wrong = await fetch(`${url}/v1/account`, { headers: { authorization: 'Bearer sk_test_other' } });
  expect(wrong.status).toBe(401);
  expect(await wrong.json()).toMatchObject({ error: { type: 'invalid_request_error' } });
  expect((await fetch(`${url}/v1/account`)).status).toBe(401);
  const basic = `Basic ${Buffer.from('sk_test_sandbox:').toString('base64')}`;
  const right = await fetch(`${url}/v1/account`, { headers: { authorization: basic } });
  expect(await right.json()).toMatchObject({ id: 'acct_sandbox' });
  expect(right.headers.get('request-id')).toMatch(/^req_/);
});

test('what Stripe does not know is refused with its name', async () => {
  const { stripe } = await startStripe();
  const unknown = await refusal(stripe.customers.create({ name: 'x', idempotencyKey: 'k' } as never));
  expect(unknown).toMatchObject({ statusCode: 400, code: 'parameter_unknown', param: 'idempotencyKey' });
  const nested = await refusal(
    stripe.checkout.sessions.create({ mode: 'subscription', subscription_data: { coupon: 'x' } } as never),
  );
  expect(nested).toMatchObject({ code: 'parameter_unknown', param: 'subscription_data[coupon]' });
  const gone = await refusal(
    stripe.checkout.sessions.create({ mode: 'subscription', payment_method_types: ['card'] } as never),
  );
  expect(gone).toMatchObject({ code: 'parameter_unknown', param: 'payment_method_types' });
  const oldName = await refusal(
    stripe.checkout.sessions.create({ mode: 'subscription', ui_mode: 'embedded' } as never),
  );
  expect(oldName).toMatchObject({ statusCode: 400, param: 'ui_mode' });
  const missing = await refusal(stripe.products.create({} as never));
  expect(missing).toMatchObject({ code: 'parameter_missing', param: 'name' });
  const text = await refusal(
    stripe.prices.create({ currency: 'usd', product_data: { name: 'x' }, unit_amount: 'much' } as never),
  );
  expect(text).toMatchObject({ code: 'parameter_invalid_integer' });
  const url = await refusal(
    stripe.rawRequest('POST', '/v1/subscription_items/si_1/usage_records', {}) as never,
  );
  expect(url).toMatchObject({ statusCode: 404 });
});

test('an absent object is 404 in the path and 400 in a parameter', async () => {
  const { stripe } = await startStripe();
  expect(await refusal(stripe.customers.retrieve('cus_none'))).toMatchObject({
    statusCode: 404,
    code: 'resource_missing',
    param: 'id',
  });
  expect(
    await refusal(stripe.subscriptions.create({ customer: 'cus_none', items: [{ price: 'price_none' }] })),
  ).toMatchObject({ statusCode: 400, code: 'resource_missing', param: 'customer' });
});

test('metadata merges, clears a key by an empty value, and all by an empty string', async () => {
  const { stripe, sandbox } = await startStripe();
  const { id } = await stripe.customers.create({ metadata: { a: '1', b: '2' } });
  const merged = await stripe.customers.update(id, { metadata: { b: '', c: '3' } });
  expect(merged.metadata).toEqual({ a: '1', c: '3' });
  expect(sandbox.events().at(-1)).toMatchObject({
    type: 'customer.updated',
    data: { previous_attributes: { metadata: { b: '2', c: null } } },
  });
  expect((await stripe.customers.update(id, { metadata: '' })).metadata).toEqual({});
  expect(await refusal(stripe.customers.update(id, { metadata: { k: 'x'.repeat(501) } }))).toMatchObject({
    statusCode: 400,
    param: 'metadata[k]',
  });
});

test('lists page newest first in both directions and by time', async () => {
  const { stripe } = await startStripe();
  const made: string[] = [];
  for (let n = 0; n < 7; n += 1)
    made.push((await stripe.customers.create({ email: `c${n}@example.com` })).id);
  const newest = [...made].reverse();
  const first = await stripe.customers.list({ limit: 3 });
  expect(first).toMatchObject({ has_more: true });
  expect(first.data.map(({ id }) => id)).toEqual(newest.slice(0, 3));
  const last = await stripe.customers.list({ limit: 3, starting_after: newest[5]! });
  expect(last).toMatchObject({ has_more: false });
  const before = await stripe.customers.list({ limit: 2, ending_before: newest[4]! });
  expect(before.data.map(({ id }) => id)).toEqual(newest.slice(2, 4));
  const all: string[] = [];
  for await (const customer of stripe.customers.list({ limit: 2 })) all.push(customer.id);
  expect(all).toEqual(newest);
  expect((await stripe.customers.list({ email: 'c3@example.com' })).data).toHaveLength(1);
  expect((await stripe.customers.list({ created: { gt: Math.floor(Date.now() / 1000) + 60 } })).data).toEqual(
    [],
  );
  expect(await refusal(stripe.customers.list({ limit: 101 }))).toMatchObject({
    statusCode: 400,
    param: 'limit',
  });
});

test('a deleted customer is a stump, refused as a parameter', async () => {
  const { stripe } = await startStripe();
  const { id } = await stripe.customers.create({ name: 'Gone Ltd' });
  await stripe.customers.del(id);
  expect(await stripe.customers.retrieve(id)).toMatchObject({ id, deleted: true });
  expect((await stripe.customers.list()).data).toEqual([]);
  expect(await refusal(stripe.billingPortal.sessions.create({ customer: id }))).toMatchObject({
    code: 'resource_missing',
  });
});

test('tax ids belong to their customer; a malformed one is refused', async () => {
  const { stripe } = await startStripe();
  const { id } = await stripe.customers.create({ tax_id_data: [{ type: 'eu_vat', value: 'DE123456789' }] });
  await stripe.customers.createTaxId(id, { type: 'gb_vat', value: 'GB123456789' });
  const customer = await stripe.customers.retrieve(id, { expand: ['tax_ids'] });
  expect((customer as Stripe.Customer).tax_ids?.data.map((one) => one.type)).toEqual(['gb_vat', 'eu_vat']);
  expect(
    await refusal(stripe.customers.createTaxId(id, { type: 'eu_vat', value: 'nonsense' })),
  ).toMatchObject({
    code: 'tax_id_invalid',
  });
  const [taxId] = (await stripe.customers.listTaxIds(id)).data;
  expect(await stripe.customers.deleteTaxId(id, taxId!.id)).toMatchObject({ deleted: true });
});

test('a lookup key moves only when told to, and ten are the most', async () => {
  const { stripe } = await startStripe();
  const { product, monthly } = await makePrices(stripe);
  const raised = {
    product: product.id,
    currency: 'usd',
    unit_amount: 30_000,
    recurring: { interval: 'month' as const },
    lookup_key: 'starter_month',
  };
  expect(await refusal(stripe.prices.create(raised))).toMatchObject({ statusCode: 400, param: 'lookup_key' });
  const next = await stripe.prices.create({ ...raised, transfer_lookup_key: true });
  const found = await stripe.prices.list({ lookup_keys: ['starter_month', 'starter_setup'] });
  expect(found.data.map(({ id }) => id)).toContain(next.id);
  expect(found.data).toHaveLength(2);
  expect((await stripe.prices.retrieve(monthly.id)).lookup_key).toBeNull();
  expect(String(next.unit_amount_decimal)).toBe('30000');
  const eleven = Array.from({ length: 11 }, (_, n) => `k${n}`);
  expect(await refusal(stripe.prices.list({ lookup_keys: eleven }))).toMatchObject({ param: 'lookup_keys' });
  expect((await stripe.prices.list({ product: product.id, type: 'one_time' })).data).toHaveLength(1);
  expect(await refusal(stripe.products.del(product.id))).toMatchObject({ statusCode: 400 });
  expect((await stripe.prices.update(monthly.id, { active: false })).active).toBe(false);
});

test('reads above the limit are 429 with Retry-After', async () => {
  const { stripe, sandbox, url } = await startStripe();
  sandbox.limitReadsPerSecond(2);
  await stripe.customers.list();
  await stripe.customers.list();
  const refused = await refusal(stripe.customers.list());
  expect(refused).toMatchObject({ statusCode: 429, code: 'rate_limit', headers: { 'retry-after': '1' } });
  expect(refused).toBeInstanceOf(Stripe.errors.StripeRateLimitError);
  expect((await stripe.customers.create({})).id).toMatch(/^cus_/);
  sandbox.limitReadsPerSecond(undefined);
  expect(
    (await fetch(`${url}/v1/account`, { headers: { authorization: 'Bearer sk_test_sandbox' } })).status,
  ).toBe(200);
});

test('an expansion that is none is refused', async () => {
  const { stripe } = await startStripe();
  const { id } = await stripe.customers.create({});
  expect(await refusal(stripe.customers.retrieve(id, { expand: ['nothing'] }))).toMatchObject({
    param: 'expand',
  });
  const expanded = (await stripe.customers.retrieve(id, { expand: ['subscriptions'] })) as Stripe.Customer;
  expect(expanded.subscriptions).toMatchObject({ object: 'list', data: [] });
});

test('metered prices need a meter, and use is recorded once per identifier', async () => {
  const { stripe } = await startStripe();
  const metered = { interval: 'month' as const, usage_type: 'metered' as const };
  const price = { currency: 'usd', unit_amount: 1, product_data: { name: 'Requests' } };
  expect(await refusal(stripe.prices.create({ ...price, recurring: metered }))).toMatchObject({
    param: 'recurring[meter]',
  });
  const meter = await stripe.billing.meters.create({
    display_name: 'AI requests',
    event_name: 'ai_request',
    default_aggregation: { formula: 'sum' },
  });
  const made = await stripe.prices.create({ ...price, recurring: { ...metered, meter: meter.id } });
  expect(made.recurring?.meter).toBe(meter.id);
  expect((await stripe.billing.meters.list({ status: 'active' })).data.map(({ id }) => id)).toEqual([
    meter.id,
  ]);
  const use = {
    event_name: 'ai_request',
    identifier: 'u1',
    payload: { stripe_customer_id: 'cus_1', value: '25' },
  };
  expect((await stripe.billing.meterEvents.create(use)).payload).toEqual(use.payload);
  expect(await refusal(stripe.billing.meterEvents.create(use))).toMatchObject({ param: 'identifier' });
  expect(
    await refusal(stripe.billing.meterEvents.create({ ...use, identifier: 'u2', timestamp: 1_000_000 })),
  ).toMatchObject({ param: 'timestamp' });
  expect((await stripe.billing.meters.deactivate(meter.id)).status).toBe('inactive');
});
