/** Two hundred subscriptions of before our time are taken over, although the process is killed twice in the middle. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { PassDetails } from '../../connector/billing/passes/rows.ts';
import { eventually } from '../support/connector.ts';
import type { KillPoint } from './point.ts';
import { openScene, type Scene } from './scene.ts';

const COUNT = 210;
const READS_PER_SECOND = 50;

let scene: Scene;

beforeAll(async () => {
  scene = await openScene('postgres');
});
afterAll(async () => {
  await scene?.close();
});

/** As the page that ends at this subscription is written down. */
const atPageOf = (subscription: string, when: KillPoint['when']): KillPoint => ({
  name: `page of ${subscription} ${when}`,
  statement: '^update sync_passes set looked',
  params: [`^${subscription}$`],
  when,
});

/** A dead process is believed dead after a minute of silence. */
const aMinuteLater = () =>
  scene.withDatabase((db) =>
    db.query("update sync_passes set lease_until = lease_until - interval '61 seconds'"),
  );

it('is resumed at the page where it stood, counts nothing twice and keeps below Stripe’s limit', async () => {
  const { stripe, odoo } = scene.world.systems;
  const price = stripe.prices().find((each) => each.lookup_key === 'starter_month')!.id;
  stripe.holdDeliveries();
  for (let n = 0; n < COUNT; n += 1)
    stripe.createDashboardSubscription({
      name: `Works ${n}`,
      email: `office@w${n}.example`,
      prices: [price],
    });
  await stripe.releaseDeliveries({ drop: stripe.heldDeliveries().map(({ id }) => id) });
  // As Stripe lists them: newest first, also of those made within one second.
  const ids = stripe
    .subscriptions()
    .map(({ id }) => id)
    .toReversed();
  stripe.limitReadsPerSecond(READS_PER_SECOND);
  scene.world.trace.start();

  const env = { STRIPE_READS_PER_SECOND: String(READS_PER_SECOND * 0.9) };
  const first = await scene.start({ point: atPageOf(ids[99]!, 'committed') }, { env });
  await first.ready;
  const { id } = await first.admin.request<PassDetails>('POST', '/passes', { kind: 'import' });
  expect(await first.gone).toBe('SIGKILL');
  await aMinuteLater();

  const second = await scene.start({ point: atPageOf(ids[199]!, 'before') }, { env });
  expect(await second.gone).toBe('SIGKILL'); // it went on by itself
  await aMinuteLater();

  const third = await scene.start({}, { env });
  await third.ready;
  const show = () => third.admin.request<PassDetails>('GET', `/passes/${id}`);
  await eventually('the pass is done', async () => (await show()).finishedAt !== null);
  expect(await show()).toMatchObject({ looked: COUNT, found: { subscription_unknown: COUNT }, cause: null });
  await eventually('each has its record', async () => odoo.count('x_stripe_subscription') >= COUNT);
  expect(
    odoo
      .records('x_stripe_subscription')
      .map((each) => each.x_stripe_id)
      .toSorted(),
  ).toEqual(ids.toSorted());
  const runs = await scene.withDatabase((db) => db.query('select 1 from runs'));
  expect(runs.rowCount).toBe(0);

  const reads = scene.world.trace
    .stop()
    .filter(({ system, operation }) => system === 'stripe' && operation.startsWith('GET'));
  const mostInASecond = Math.max(
    ...reads.map(({ from }) => reads.filter((each) => each.from >= from && each.from < from + 1000).length),
  );
  expect(mostInASecond).toBeLessThanOrEqual(READS_PER_SECOND);
}, 240_000);
