import { expect, test } from 'vitest';
import { makePrices, refusal, startStripe } from './support.ts';

test('a product is made with its first price, changed, listed and deleted', async () => {
  const { stripe, sandbox } = await startStripe();
  const made = await stripe.products.create({
    id: 'starter',
    name: 'Starter',
    marketing_features: [{ name: 'One project' }],
    default_price_data: { currency: 'usd', unit_amount: 100 },
  });
  expect(made.default_price).toMatch(/^price_/);
  expect(await refusal(stripe.products.create({ id: 'starter', name: 'x' }))).toMatchObject({
    code: 'resource_already_exists',
  });
  const changed = await stripe.products.update('starter', {
    description: 'Small',
    metadata: { plan_key: 'starter' },
  });
  expect(changed).toMatchObject({ description: 'Small', metadata: { plan_key: 'starter' }, name: 'Starter' });
  const events = sandbox.events().length;
  await stripe.products.update('starter', { description: 'Small' });
  expect(sandbox.events()).toHaveLength(events);
  expect((await stripe.products.update('starter', { description: '' })).description).toBeNull();
  const bare = await stripe.products.create({ name: 'Bare', active: false });
  expect((await stripe.products.list({ active: true })).data.map(({ id }) => id)).toEqual(['starter']);
  expect((await stripe.products.list({ ids: [bare.id] })).data).toHaveLength(1);
  expect(await stripe.products.del(bare.id)).toMatchObject({ deleted: true });
  expect(await refusal(stripe.products.retrieve(bare.id))).toMatchObject({ statusCode: 404 });
});

test('a price needs one product and an amount; a fraction of a cent is a decimal', async () => {
  const { stripe } = await startStripe();
  const { product } = await makePrices(stripe);
  expect(await refusal(stripe.prices.create({ currency: 'usd', unit_amount: 1 }))).toMatchObject({
    param: 'product',
  });
  expect(await refusal(stripe.prices.create({ currency: 'usd', product: product.id }))).toMatchObject({
    param: 'unit_amount',
  });
  const fine = await stripe.prices.create({
    currency: 'USD',
    product: product.id,
    unit_amount_decimal: '0.5' as never,
  });
  expect(fine).toMatchObject({ unit_amount: null, currency: 'usd', type: 'one_time' });
  expect(String(fine.unit_amount_decimal)).toBe('0.5');
});

test('a price keeps its amount; its key, name and metadata change', async () => {
  const { stripe } = await startStripe();
  const { monthly } = await makePrices(stripe);
  expect(await refusal(stripe.prices.update(monthly.id, { unit_amount: 1 } as never))).toMatchObject({
    code: 'parameter_unknown',
  });
  const changed = await stripe.prices.update(monthly.id, {
    lookup_key: 'other',
    nickname: 'Old',
    metadata: { plan_key: 'x' },
  });
  expect(changed).toMatchObject({ lookup_key: 'other', nickname: 'Old', metadata: { plan_key: 'x' } });
  const found = await stripe.prices.list({ recurring: { interval: 'month' }, currency: 'usd', active: true });
  expect(found.data.map(({ id }) => id)).toEqual([monthly.id]);
});
