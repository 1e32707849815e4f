import Stripe from 'stripe';
import { expect, test } from 'vitest';
import { DAY_MS, refusal, startStripe } from './support.ts';

test('the same key and body give the first answer and one object', async () => {
  const { stripe, sandbox } = await startStripe();
  const first = await stripe.customers.create({ name: 'A' }, { idempotencyKey: 'k1' });
  const again = await stripe.customers.create({ name: 'A' }, { idempotencyKey: 'k1' });
  expect(again.id).toBe(first.id);
  expect(again.lastResponse.headers['idempotent-replayed']).toBe('true');
  expect(sandbox.customers()).toHaveLength(1);
  expect(sandbox.events()[0]!.request.idempotency_key).toBe('k1');
});

test('the same key with another body is an idempotency error', async () => {
  const { stripe } = await startStripe();
  await stripe.customers.create({ name: 'A' }, { idempotencyKey: 'k1' });
  const error = await refusal(stripe.customers.create({ name: 'B' }, { idempotencyKey: 'k1' }));
  expect(error).toBeInstanceOf(Stripe.errors.StripeIdempotencyError);
  expect(error?.statusCode).toBe(400);
});

test('a 500 is replayed for its key, and nowhere else', async () => {
  const { stripe, sandbox } = await startStripe();
  sandbox.failNext('POST /v1/customers');
  for (const _ of [1, 2]) {
    expect(await refusal(stripe.customers.create({}, { idempotencyKey: 'k1' }))).toMatchObject({
      statusCode: 500,
    });
  }
  expect((await stripe.customers.create({}, { idempotencyKey: 'k2' })).id).toMatch(/^cus_/);
});

test('what was refused before it ran leaves the key free', async () => {
  const { stripe } = await startStripe();
  const options = { idempotencyKey: 'k1' };
  expect(await refusal(stripe.customers.create({ oops: 1 } as never, options))).toMatchObject({
    statusCode: 400,
  });
  expect((await stripe.customers.create({ name: 'A' }, options)).name).toBe('A');
});

test('while the first is in progress a second is 409', async () => {
  const { stripe, sandbox } = await startStripe();
  sandbox.settings.slowWritesMs = 150;
  const first = stripe.customers.create({ name: 'A' }, { idempotencyKey: 'k1' });
  await new Promise((resolve) => setTimeout(resolve, 50));
  const second = await refusal(stripe.customers.create({ name: 'A' }, { idempotencyKey: 'k1' }));
  expect(second).toMatchObject({ statusCode: 409, code: 'idempotency_key_in_use' });
  expect((await first).id).toBe((await stripe.customers.create({ name: 'A' }, { idempotencyKey: 'k1' })).id);
});

test('after a day the key is forgotten', async () => {
  const { stripe, clock } = await startStripe();
  const first = await stripe.customers.create({}, { idempotencyKey: 'k1' });
  await clock.advance(DAY_MS + 1000);
  expect((await stripe.customers.create({}, { idempotencyKey: 'k1' })).id).not.toBe(first.id);
});
