/** What the operator is told of each thing Stripe may answer, and whether work is tried again. */
import Stripe from 'stripe';
import { describe, expect, it } from 'vitest';
import { ConnectorError } from '../../connector/errors.ts';
import { absentAsNull } from '../../connector/stripe/absent-as-null.ts';
import { createStripe } from '../../connector/stripe/client.ts';
import { classifyStripe, stripeCall } from '../../connector/stripe/errors.ts';
import { refusedCode } from '../../connector/stripe/promotion-codes.ts';
import { startTestWorld } from '../support/sandbox.ts';

const { errors } = Stripe;
const raw = (change: object) => ({ type: 'invalid_request_error', message: 'No.', ...change }) as never;

describe('an error of Stripe’s', () => {
  it.each<[string, Stripe.errors.StripeError, object]>([
    ['no connection', new errors.StripeConnectionError(raw({})), { kind: 'retryable', unreachable: true }],
    [
      'too many calls',
      new errors.StripeRateLimitError(raw({ statusCode: 429, headers: { 'retry-after': '3' } })),
      { kind: 'retryable', code: 'stripe_rate_limited', retryAfterMs: 3000 },
    ],
    [
      'a fault of Stripe’s',
      new errors.StripeAPIError(raw({ statusCode: 503 })),
      { kind: 'retryable', code: 'stripe_api_error', effectUnknown: true, retryAfterMs: undefined },
    ],
    [
      'a lock on the object',
      new errors.StripeInvalidRequestError(raw({ statusCode: 409, code: 'lock_timeout' })),
      { kind: 'retryable', code: 'stripe_in_progress', effectUnknown: false },
    ],
    [
      'nothing there',
      new errors.StripeInvalidRequestError(raw({ statusCode: 404 })),
      { kind: 'absent', code: 'stripe_not_found' },
    ],
    [
      'a parameter that names nothing',
      new errors.StripeInvalidRequestError(
        raw({ statusCode: 400, code: 'resource_missing', param: 'customer', requestId: 'req_1' }),
      ),
      { kind: 'absent', details: { param: 'customer', stripeRequestId: 'req_1', status: 400 } },
    ],
    [
      'a key that is no key',
      new errors.StripeAuthenticationError(raw({ statusCode: 401 })),
      { kind: 'permanent', code: 'stripe_authentication' },
    ],
    [
      'a restricted key',
      new errors.StripePermissionError(raw({ statusCode: 403 })),
      { kind: 'permanent', code: 'stripe_permission' },
    ],
    [
      'another request under the same key',
      new errors.StripeIdempotencyError(raw({ statusCode: 400 })),
      { kind: 'bug', code: 'stripe_idempotency_conflict' },
    ],
    [
      'a card',
      new errors.StripeCardError(raw({ statusCode: 402, code: 'card_declined' })),
      { kind: 'permanent', code: 'stripe_card', details: { stripeCode: 'card_declined' } },
    ],
    [
      'a class that came after this was written',
      new errors.StripeError(raw({ statusCode: 400 }), 'StripeWeatherError' as never),
      { kind: 'permanent', code: 'stripe_invalid_request' },
    ],
  ])('%s', (_what, thrown, told) => {
    const error = classifyStripe(thrown);
    expect(error).toMatchObject({ system: 'stripe', message: 'Stripe: No.', cause: thrown, ...told });
    expect(error.advice).toMatch(/\.$/);
  });

  it.each<[string, unknown, string]>([
    ['an error of the language', new TypeError('x is not a function'), 'x is not a function'],
    ['something that is no error', 'out of cheese', 'out of cheese'],
  ])('%s is a bug of ours', (_what, thrown, message) => {
    expect(classifyStripe(thrown)).toMatchObject({ kind: 'bug', code: 'stripe_unexpected', message });
  });

  it('that is classified already stays as it is, however many calls it passes', async () => {
    const first = classifyStripe(new errors.StripeCardError(raw({ statusCode: 402 })));
    const again = stripeCall(() => stripeCall(() => Promise.reject(first)));
    await expect(again).rejects.toBe(first);
  });
});

it('only what is not there is nothing; anything else that is wrong is told', async () => {
  const refused = (thrown: Error) => absentAsNull(() => Promise.reject(thrown));
  expect(await refused(new errors.StripeInvalidRequestError(raw({ statusCode: 404 })))).toBeNull();
  await expect(refused(new errors.StripePermissionError(raw({ statusCode: 403 })))).rejects.toMatchObject({
    code: 'stripe_permission',
  });
});

describe('a refused promotion code', () => {
  const refusal = (change: object, kind: 'permanent' | 'retryable' = 'permanent') =>
    new ConnectorError({ kind, code: 'stripe_invalid_request', system: 'stripe', message: 'No.', ...change });

  it.each([['discounts[0][promotion_code]'], ['promotion_code'], ['coupon'], ['discounts']])(
    'is told as one: %s',
    async (param) => {
      const call = refusedCode(() => Promise.reject(refusal({ details: { param } })));
      await expect(call).rejects.toMatchObject({ kind: 'permanent', code: 'promotion_code_invalid' });
    },
  );

  it.each<[string, Error]>([
    ['of another parameter', refusal({ details: { param: 'items[0][price]' } })],
    ['of no parameter', refusal({})],
    ['that may be tried again', refusal({ details: { param: 'discounts' } }, 'retryable')],
    ['of another system', refusal({ system: 'odoo', details: { param: 'coupon' } })],
    ['that is none', new TypeError('discounts')],
  ])('is not made of a refusal %s', async (_what, thrown) => {
    await expect(refusedCode(() => Promise.reject(thrown))).rejects.toBe(thrown);
  });
});

describe('the client', () => {
  it.each([
    [undefined, { protocol: 'https', host: 'api.stripe.com', port: '443' }],
    ['http://stripe.test', { protocol: 'http', host: 'stripe.test', port: 80 }],
    ['http://stripe.test:12111', { protocol: 'http', host: 'stripe.test', port: 12111 }],
    ['https://stripe.test', { protocol: 'https', host: 'stripe.test', port: 443 }],
    ['https://stripe.test:8443', { protocol: 'https', host: 'stripe.test', port: 8443 }],
  ])('asks at %s', (apiUrl, where) => {
    const stripe = createStripe({ secretKey: 'sk_test_x', apiUrl });
    const asked = Object.fromEntries(
      Object.keys(where).map((key) => [key, stripe.getApiField(key as 'host')]),
    );
    expect(asked).toEqual(where);
  });

  it('gives up in its time and says that nobody knows what became of it', async () => {
    const world = await startTestWorld();
    world.faults.add({ system: 'stripe', times: 3, kind: 'timeout' });
    const stripe = createStripe({ secretKey: 'sk_test_x', apiUrl: world.urls.stripe, timeoutMs: 50 });
    await expect(stripeCall(() => stripe.customers.create({ name: 'Ada' }))).rejects.toMatchObject({
      kind: 'retryable',
      code: 'stripe_unreachable',
      effectUnknown: true,
    });
  });
});
