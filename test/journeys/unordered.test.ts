/** What was bought past us: seen by staff, and nothing made by surprise. */

import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../support/connector.ts';
import { openScene, type Scene } from '../support/scene.ts';

let scene: Scene;

beforeAll(async () => {
  scene = await openScene();
});
afterAll(() => scene?.close());

const priceOf = (lookupKey: string) =>
  scene.world.systems.stripe.prices().find((price) => price.lookup_key === lookupKey)!.id;

const recordOf = (stripeId: string) =>
  scene.world.systems.odoo.find('x_stripe_subscription', (record) => record.x_stripe_id === stripeId);

it('a Dashboard subscription of our plan gets a record and an activity, later changes too, and nothing else', async () => {
  const made = scene.world.systems.stripe.createDashboardSubscription({
    name: 'Dashboard Works <b>',
    email: 'dash@works.example',
    prices: [priceOf('starter_month')],
  });
  const record = await eventually('its record', async () => recordOf(made.id));
  expect(record).toMatchObject({ x_plan: 'starter', x_status: 'active', x_amount: 250, x_access: 'none' });
  await eventually('the activity', async () =>
    scene.world.systems.odoo
      .records('mail.activity')
      .some((each) => each.res_model === 'x_stripe_subscription' && each.res_id === record.id),
  );
  scene.world.systems.stripe.cancelSubscription(made.id);
  await eventually('the end in the ERP', async () => recordOf(made.id)?.x_status === 'canceled');
  expect(await scene.db.query('select 1 from runs')).toMatchObject({ rowCount: 0 });
  expect(scene.world.systems.b2.buckets()).toEqual([]);
  expect(scene.world.systems.mail.count()).toBe(0);
});

it('a copy of a subscription with its metadata provisions nothing and leaves the customer’s key alone', async () => {
  await scene.buy();
  const first = scene.world.systems.stripe
    .subscriptions()
    .find((each) => each.metadata.order_id !== undefined)!;
  const keys = scene.world.systems.b2.keys();
  const mails = scene.world.systems.mail.count();
  const copy = scene.world.systems.stripe.createDashboardSubscription({
    customer: String(first.customer),
    prices: [priceOf('starter_month')],
    metadata: first.metadata,
  });
  await eventually('the copy’s record', async () => recordOf(copy.id));
  await sleep(1000);
  expect((await scene.db.query('select 1 from runs')).rowCount).toBe(1);
  expect(scene.world.systems.b2.keys()).toEqual(keys);
  expect(scene.world.systems.mail.count()).toBe(mails);
});
