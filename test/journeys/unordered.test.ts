/** What was bought past us: seen by staff, and nothing made by surprise. */

import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { World } from '../../scripts/sandbox/world.ts';
import {
  checkout,
  draft,
  eventually,
  runOf,
  startConnector,
  type TestConnector,
} from '../support/connector.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { startTestWorld } from '../support/sandbox.ts';

let world: World;
let db: TestDatabase;
let connector: TestConnector;

beforeAll(async () => {
  world = await startTestWorld();
  db = await openTestDatabase();
  connector = await startConnector({ world, db });
});

afterAll(async () => {
  await connector?.stop();
  await db?.close();
});

const priceOf = (lookupKey: string) =>
  world.systems.stripe.prices().find((price) => price.lookup_key === lookupKey)!.id;

const recordOf = (stripeId: string) =>
  world.systems.odoo.find('x_stripe_subscription', (record) => record.x_stripe_id === stripeId);

it('a Dashboard subscription of our plan gets a record and an activity, later changes too, and nothing else', async () => {
  const made = world.systems.stripe.createDashboardSubscription({
    name: 'Dashboard Works <b>',
    email: 'dash@works.example',
    prices: [priceOf('starter_month')],
  });
  const record = await eventually('its record', async () => recordOf(made.id));
  expect(record).toMatchObject({ x_plan: 'starter', x_status: 'active', x_amount: 250, x_access: 'none' });
  await eventually('the activity', async () =>
    world.systems.odoo
      .records('mail.activity')
      .some((each) => each.res_model === 'x_stripe_subscription' && each.res_id === record.id),
  );
  world.systems.stripe.cancelSubscription(made.id);
  await eventually('the end in the ERP', async () => recordOf(made.id)?.x_status === 'canceled');
  expect(await db.query('select 1 from runs')).toMatchObject({ rowCount: 0 });
  expect(world.systems.b2.buckets()).toEqual([]);
  expect(world.systems.mail.count()).toBe(0);
});

it('a copy of a subscription with its metadata provisions nothing and leaves the customer’s key alone', async () => {
  const reply = await checkout(connector.publicUrl, draft());
  world.systems.stripe.payCheckout(reply.body.session_id);
  await runOf(connector, db, reply.body.session_id);
  const first = world.systems.stripe.subscriptions().find((each) => each.metadata.order_id !== undefined)!;
  const keys = world.systems.b2.keys();
  const mails = world.systems.mail.count();
  const copy = world.systems.stripe.createDashboardSubscription({
    customer: String(first.customer),
    prices: [priceOf('starter_month')],
    metadata: first.metadata,
  });
  await eventually('the copy’s record', async () => recordOf(copy.id));
  await sleep(1000);
  expect((await db.query('select 1 from runs')).rowCount).toBe(1);
  expect(world.systems.b2.keys()).toEqual(keys);
  expect(world.systems.mail.count()).toBe(mails);
});
