/** A subscription is made at the provider at once, and our record of it comes later: the answer says so, once. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type BillingScene, startBilling } from './scene.ts';

let scene: BillingScene;
beforeAll(async () => {
  scene = await startBilling({ lanesBusy: true });
});
afterAll(() => scene?.stop());

it('is accepted with its id at the provider, and is there to be read once the lane has come to it', async () => {
  const by = await scene.customer();
  const wish = {
    token: by.token,
    headers: { 'idempotency-key': 'one-more-and-soon-01' },
    body: { plan_key: 'starter', interval: 'month' },
  };
  const made = await scene.call('POST', '/subscription', wish);
  expect(made).toMatchObject({ status: 202, body: { provider: 'stripe', status: 'active' } });
  const ofCustomer = () =>
    scene.world.systems.stripe.subscriptions().filter((each) => each.customer === by.customerId);
  expect(ofCustomer().map(({ id }) => id)).toContain(made.body.provider_id);
  await scene.syncCustomer(by.customerId);
  const { body } = await scene.call<{ subscriptions: Record<string, unknown>[] }>('GET', '/summary', by);
  expect(body.subscriptions[0]).toMatchObject({ provider_id: made.body.provider_id, plan_key: 'starter' });
  expect(await scene.call('POST', '/subscription', wish)).toMatchObject({ status: 202, body: made.body });
  expect(ofCustomer()).toHaveLength(2);
});
