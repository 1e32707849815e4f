/** A checkout left open until it closed: told by Stripe, the order is abandoned; its link works on. */
import { expect, it, onTestFinished } from 'vitest';
import { checkout, draft, eventually, runOf } from '../support/connector.ts';
import { openScene } from '../support/scene.ts';

it('an order left unpaid is abandoned, and bought all the same when the customer comes back', async () => {
  const { world, db, connector, close } = await openScene();
  onTestFinished(close);
  const body = draft();
  const first = await checkout(connector.publicUrl, body);
  const state = async () => {
    const { rows } = await db.query<{ state: string }>(
      'select o.state from orders o join checkout_sessions c on c.order_id = o.id where c.provider_id = $1',
      [first.body.session_id],
    );
    return rows[0]!.state;
  };
  expect(await state()).toBe('open');
  await world.clock.advance(25 * 3_600_000);
  await eventually('the order is abandoned', async () => (await state()) === 'abandoned');

  const again = await checkout(connector.publicUrl, { ...body, order: first.body.order });
  expect(again.status).toBe(201);
  expect(await state()).toBe('open');
  world.systems.stripe.payCheckout(again.body.session_id);
  await runOf(connector, db, again.body.session_id);
  expect(await state()).toBe('paid');
});
