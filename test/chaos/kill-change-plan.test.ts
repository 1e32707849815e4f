/**
 * kill -9 inside every step of a changed plan. Another process goes on, and in the end storage, seats, invitations and
 * notes follow the new plan, each once.
 */
import { afterAll, expect, it } from 'vitest';
import { eventually } from '../support/connector.ts';
import type { KillPoint } from './point.ts';
import { stepPoints } from './points.ts';
import { openScene, type Purchase, type Scene } from './scene.ts';
import { strikeAll, untilQueued } from './strike.ts';

let scene: Scene | undefined;
afterAll(async () => scene?.close());

const POINTS: readonly KillPoint[] = [
  ...stepPoints('change_plan').filter(({ name }) => name.startsWith('inside ')),
  { name: 'invited, not recorded', statement: 'insert into portal_access', when: 'before' },
];
/** One dies at each. */
const CUSTOMERS = POINTS.length;
/** The smaller plan's seats, all taken; two more people wait. */
const SEATS = 10;
const PEOPLE = 12;

const crowd = (team: number, from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => index + from).map((at) => ({
    name: `Person ${at}`,
    email: `p${at}@team${process.pid}x${team}.example`,
    role: at === 0 ? 'information_manager' : 'appointed_party',
  }));

it('kill -9 while a plan changes lets everybody in once, and tells it once', {
  timeout: 300_000,
}, async () => {
  scene = await openScene('postgres');
  const { world, withDatabase } = scene;
  const { odoo } = world.systems;
  const front = await scene.start({ slots: { lane: 4, run: 0 } }, { front: true });
  await front.ready;
  const purchases: Purchase[] = [];
  for (let team = 0; team < CUSTOMERS; team += 1)
    purchases.push(await scene.buy(undefined, { plan: 'starter', stakeholders: crowd(team, 0, SEATS) }));
  await untilQueued(front, CUSTOMERS);
  await strikeAll(scene, { points: [], expected: CUSTOMERS });
  const active = () =>
    odoo.records('res.users').filter(({ login }) => /^p\d+@team/.test(String(login))).length;
  expect(active()).toBe(SEATS * CUSTOMERS);

  const { rows } = await withDatabase(async (db) => {
    const found = await db.query<{ id: number; subscription: number; project: number }>(
      `select organisation_id as id, id as subscription, project_id as project from subscriptions order by id`,
    );
    for (const [team, { subscription, project }] of found.rows.entries()) {
      for (const [at, { name, email, role }] of crowd(team, SEATS, PEOPLE).entries()) {
        await db.query(
          `with person as (insert into stakeholders (project_id, position, name, email, role)
             values ($1, $2, $3, $4, $5) returning id)
           insert into portal_access (stakeholder_id, subscription_id, outcome, reason)
           select id, $6, 'over_limit', 'seats_10' from person`,
          [project, SEATS + at, name, email, role, subscription],
        );
      }
    }
    return found;
  });
  for (const { id } of rows) {
    const { token } = await front.admin.request<{ token: string }>('POST', `/organisations/${id}/token`);
    const answer = await fetch(`${scene.env.PUBLIC_URL}/api/v1/billing/subscription`, {
      method: 'PATCH',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ plan_key: 'professional' }),
    });
    expect([answer.status, await answer.json()]).toMatchObject([200, { outcome: 'changed' }]);
  }
  await untilQueued(front, CUSTOMERS);
  const { missed } = await strikeAll(scene, { points: POINTS, expected: 2 * CUSTOMERS });
  expect(missed).toEqual([]);

  expect(active()).toBe(PEOPLE * CUSTOMERS);
  expect(world.systems.b2.buckets().map(({ lifecycleRules }) => lifecycleRules)).toEqual(
    purchases.map(() => [expect.objectContaining({ daysFromHidingToDeleting: 90 })]),
  );
  // Each person's own, and for each contact "received" and "welcome": every mail once.
  const ids = (await world.systems.mail.deliveries()).map(({ messageId }) => messageId);
  expect(ids.length).toBe((2 + PEOPLE) * CUSTOMERS);
  expect(new Set(ids).size).toBe(ids.length);
  await scene.passLease();
  const told = () =>
    odoo
      .records('mail.message')
      .filter(
        ({ model, body }) =>
          model === 'x_stripe_subscription' && String(body).includes('Plan is now Professional'),
      ).length;
  await eventually('the chatter tells of every new plan', async () => told() >= CUSTOMERS);
  expect(told()).toBe(CUSTOMERS);
});
