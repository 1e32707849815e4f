/** kill -9 while an order's opportunity is being made, at the checkout: another process goes on, and there is one of everything. */
import { afterAll, expect, it } from 'vitest';
import { eventually } from '../support/connector.ts';
import { readTraces } from './once.ts';
import type { KillPoint } from './point.ts';
import { openScene, type Purchase, type Scene } from './scene.ts';
import { untilDone } from './strike.ts';

const POINTS: readonly KillPoint[] = [
  {
    name: 'the wish is written, the checkout not answered',
    statement: '^insert into opportunities as o',
    when: 'committed',
  },
  {
    name: 'company meant to be made',
    statement: '^insert into erp_records',
    params: ['^res.partner$'],
    when: 'committed',
  },
  {
    name: 'company made, not bound',
    statement: '^update erp_records r set res_id',
    params: ['org_\\d+_partner'],
    when: 'before',
  },
  {
    name: 'opportunity meant to be made',
    statement: '^insert into erp_records',
    params: ['^crm.lead$'],
    when: 'committed',
  },
  {
    name: 'opportunity made, not bound',
    statement: '^update erp_records r set res_id',
    params: ['order_\\d+_opportunity'],
    when: 'before',
  },
  {
    name: 'its note not left',
    statement: '^insert into erp_notes',
    params: ['^opened$'],
    when: 'before',
  },
  { name: 'shown, not looked for doubles', statement: '^update opportunities set looked_at', when: 'before' },
];

let scene: Scene | undefined;
afterAll(async () => scene?.close());

it('kill -9 in the birth of an opportunity leaves one, and one company, wherever it strikes', {
  timeout: 300_000,
}, async () => {
  scene = await openScene('pglite');
  const { world } = scene;
  const sessions: string[] = [];
  const note = (id: string) => void sessions.push(id);
  const purchases: Purchase[] = [];
  for (const point of POINTS) {
    const doomed = await scene.start({ point }, { front: true });
    await doomed.ready;
    // The process may die before it can answer the checkout.
    const bought = scene.buy(note).catch(() => undefined);
    expect(await doomed.gone, point.name).toBe('SIGKILL');
    const purchase = await bought;
    if (purchase !== undefined) purchases.push(purchase);
  }
  const survivor = await scene.start({}, { front: true });
  await survivor.ready;
  purchases.push(await scene.buy(note));
  const opened = () =>
    world.systems.odoo
      .records('mail.message')
      .filter((each) => String(each.body).includes('payment page opened'));
  await eventually(
    'every opportunity stands there with its note',
    async () => opened().length >= purchases.length,
    60_000,
  );
  for (const id of sessions) world.systems.stripe.payCheckout(id);
  await untilDone(survivor, purchases.length);
  await eventually(
    'all are provisioned',
    async () =>
      world.systems.odoo.records('x_stripe_subscription').filter((each) => each.x_access === 'provisioned')
        .length === purchases.length,
  );
  await survivor.stop();
  await scene.withDatabase(async (db) => {
    const traces = await readTraces(world, db);
    const calm = await traces.shapeOf(purchases.at(-1)!);
    expect(calm).toMatchObject({ companies: 1, opportunities: 1, won: true, records: 1 });
    for (const purchase of purchases) expect(await traces.shapeOf(purchase), purchase.company).toEqual(calm);
  });
  // Also of those nobody could be answered: not more than one each.
  expect(world.systems.odoo.count('crm.lead')).toBeLessThanOrEqual(POINTS.length + 1);
  expect(new Set(world.systems.odoo.records('crm.lead').map(({ name }) => name)).size).toBe(
    world.systems.odoo.count('crm.lead'),
  );
});
