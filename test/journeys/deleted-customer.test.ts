/** Somebody deletes a customer in Stripe's Dashboard: its subscriptions end with it, and so does what they gave. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../support/connector.ts';
import { openScene, type Scene } from '../support/scene.ts';

let scene: Scene;

beforeAll(async () => {
  scene = await openScene();
});
afterAll(() => scene?.close());

it('is recorded as deleted, its subscription as ended, and access ends', async () => {
  const { customer, run } = await scene.buy();
  await scene.stripe.customers.del(customer);
  const seen = await eventually('the deletion is known', async () => {
    const { rows } = await scene.db.query<{
      deleted: boolean;
      parked: boolean;
      status: string;
      access: string;
    }>(
      `select c.deleted, c.parked_at is not null as parked, s.status, s.access
         from customers c join subscriptions s on s.customer_id = c.id where c.id = $1 and c.deleted`,
      [customer],
    );
    return rows[0];
  });
  expect(seen).toEqual({ deleted: true, parked: false, status: 'canceled', access: 'deprovisioned' });
  await eventually('the storage key is replaced by one that only reads', async () => {
    const { rowCount } = await scene.db.query(
      'select 1 from storages t join subscriptions s on s.project_id = t.project_id where s.id = $1 and t.key_read_only',
      [run.subscriptionId],
    );
    return rowCount === 1;
  });
});
