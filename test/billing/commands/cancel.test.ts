import { afterAll, beforeAll, expect, it } from 'vitest';
import { cancel } from '../../../connector/billing/commands/cancel.ts';
import { subscriptionNumber } from '../../../connector/billing/commands/change.ts';
import { reactivate } from '../../../connector/billing/commands/reactivate.ts';
import { ConnectorError } from '../../../connector/errors.ts';
import { type Scene, startScene } from './scene.ts';

let scene: Scene;
beforeAll(async () => {
  scene = await startScene();
});
afterAll(() => scene.stop());

it('ends with the period, keeps the reason at Stripe, and is taken back and asked for again', async () => {
  const { subscriptionId, providerId } = await scene.buy();
  const reason = { feedback: 'too_expensive', comment: 'next year perhaps' } as const;
  const cancelled = await cancel(scene.deps, { subscriptionId, when: 'period_end', reason });
  expect(cancelled).toMatchObject({ status: 'active', cancelAtPeriodEnd: true });
  expect(cancelled.cancelAt).toEqual(cancelled.currentPeriodEnd);
  expect((await scene.stripe.subscriptions.retrieve(providerId)).cancellation_details).toMatchObject({
    ...reason,
    reason: 'cancellation_requested',
  });
  expect(await scene.row(subscriptionId)).toMatchObject({ cancel_at_period_end: true });

  expect(await reactivate(scene.deps, { subscriptionId })).toMatchObject({
    cancelAtPeriodEnd: false,
    cancelAt: null,
  });
  // The same words as the first time: not to be taken for its repetition.
  await cancel(scene.deps, { subscriptionId, when: 'period_end', reason });
  expect(await scene.row(subscriptionId)).toMatchObject({ cancel_at_period_end: true });
  // Once more: it is so already, and the first reason stays.
  expect(await cancel(scene.deps, { subscriptionId, when: 'period_end' })).toMatchObject({
    cancelAtPeriodEnd: true,
  });
  expect((await scene.stripe.subscriptions.retrieve(providerId)).cancellation_details).toMatchObject(reason);
  const told = (await scene.transitions(subscriptionId)).filter((kind) => kind.startsWith('cancel_'));
  expect(told).toEqual(['cancel_scheduled', 'cancel_revoked', 'cancel_scheduled']);
});

it('asks once more when the key belongs to an earlier wish: a crash before it was counted', async () => {
  const { subscriptionId, providerId } = await scene.buy();
  await cancel(scene.deps, { subscriptionId, when: 'period_end' });
  await scene.db.query('update subscriptions set change_attempt = 0 where id = $1', [subscriptionId]);
  await scene.stripe.subscriptions.update(providerId, { cancel_at_period_end: false });
  const again = await cancel(scene.deps, { subscriptionId, when: 'period_end' });
  expect(again.cancelAtPeriodEnd).toBe(true);
  expect((await scene.stripe.subscriptions.retrieve(providerId)).cancel_at_period_end).toBe(true);
});

it('ends now with what waited for the next invoice billed, and never what has not been used', async () => {
  const { subscriptionId, providerId, customerId } = await scene.buy({ plan: 'professional' });
  const [price] = (await scene.stripe.prices.list({ lookup_keys: ['premium_ssl_once'] })).data;
  await scene.stripe.invoiceItems.create({
    customer: customerId,
    subscription: providerId,
    pricing: { price: price!.id },
  });
  await cancel(scene.deps, { subscriptionId, when: 'now' });
  const invoices = (await scene.stripe.invoices.list({ customer: customerId })).data;
  expect(invoices.map(({ status, amount_paid }) => [status, amount_paid])).toEqual([
    ['paid', 9900],
    ['paid', 350_000],
  ]);
});

it('ends now, once', async () => {
  const { subscriptionId } = await scene.buy();
  const ended = await cancel(scene.deps, { subscriptionId, when: 'now', reason: { feedback: 'unused' } });
  expect(ended.status).toBe('canceled');
  expect(await scene.row(subscriptionId)).toMatchObject({ status: 'canceled' });
  expect(await scene.transitions(subscriptionId)).toContain('ended');
  await expect(cancel(scene.deps, { subscriptionId, when: 'now' })).rejects.toMatchObject({
    code: 'no_active_subscription',
  });
  await expect(reactivate(scene.deps, { subscriptionId })).rejects.toMatchObject({
    code: 'no_active_subscription',
  });
});

it('names what cannot be', async () => {
  const { subscriptionId, providerId } = await scene.buy();
  await expect(reactivate(scene.deps, { subscriptionId })).rejects.toMatchObject({
    code: 'subscription_not_cancelled',
  });
  await expect(cancel(scene.deps, { subscriptionId: 999, when: 'now' })).rejects.toMatchObject({
    kind: 'absent',
    code: 'subscription_not_found',
  });
  expect(await subscriptionNumber(scene.db, providerId)).toBe(subscriptionId);
  await expect(subscriptionNumber(scene.db, 'sub_none')).rejects.toMatchObject({
    code: 'subscription_not_found',
  });
});

it('a time-out is asked again under the same key: it may have taken effect', async () => {
  const { subscriptionId } = await scene.buy();
  const keys: string[] = [];
  const deps = {
    ...scene.deps,
    gateway: {
      ...scene.deps.gateway,
      async cancelAtPeriodEnd(...[id, reason, key]: Parameters<typeof scene.deps.gateway.cancelAtPeriodEnd>) {
        keys.push(key);
        if (keys.length === 1)
          throw new ConnectorError({ kind: 'retryable', code: 'stripe_unreachable', message: 'no answer' });
        return scene.deps.gateway.cancelAtPeriodEnd(id, reason, key);
      },
    },
  };
  const ask = () => cancel(deps, { subscriptionId, when: 'period_end' });
  await expect(ask()).rejects.toMatchObject({ code: 'stripe_unreachable' });
  expect(await ask()).toMatchObject({ cancelAtPeriodEnd: true });
  expect(keys).toHaveLength(2);
  expect(new Set(keys).size).toBe(1);
});

it('a final refusal is asked again under another key', async () => {
  const { subscriptionId } = await scene.buy();
  scene.world.systems.stripe.failNext('POST /v1/subscriptions/:id');
  await expect(cancel(scene.deps, { subscriptionId, when: 'period_end' })).rejects.toMatchObject({
    code: 'stripe_api_error',
  });
  // Stripe would repeat the 500 to the first key.
  expect(await cancel(scene.deps, { subscriptionId, when: 'period_end' })).toMatchObject({
    cancelAtPeriodEnd: true,
  });
});
