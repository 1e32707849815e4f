/** Another plan: what is there of the customer follows; what is over the new limits is listed, and nothing taken away. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { eventually } from '../support/connector.ts';
import { type Customer, type Life, openLife } from './life-scene.ts';

let life: Life;
beforeEach(async () => {
  life = await openLife();
});
afterEach(() => life?.close());

const crowd = (size: number) => {
  const domain = `crowd${process.pid}x${size}.example`;
  return Array.from({ length: size }, (_, at) => ({
    name: `Person ${at}`,
    email: `p${at}@${domain}`,
    role: at === 0 ? 'information_manager' : 'appointed_party',
  }));
};

const versionDays = async (customer: Customer): Promise<unknown> => {
  const { bucket } = await life.storage(customer);
  const [rule] = bucket!.lifecycleRules as { daysFromHidingToDeleting: number }[];
  return rule?.daysFromHidingToDeleting;
};

const limitsActivity = () =>
  life.world.systems.odoo
    .records('mail.activity')
    .filter(({ summary }) => String(summary).includes('over the limits'));

const noteSays = (text: RegExp) =>
  eventually(`a note says ${text}`, async () =>
    life.world.systems.odoo.records('mail.message').some(({ body }) => text.test(String(body))),
  );

it('up: old versions are kept longer at once; down: what is over is listed, and everybody keeps access', async () => {
  const people = crowd(12);
  const customer = await life.buy({ plan: 'professional', stakeholders: people });
  expect(await versionDays(customer)).toBe(90);
  expect(await life.change(customer, 'enterprise')).toBe('changed');
  await life.done(customer.subscriptionId, 'change_plan');
  expect(await versionDays(customer)).toBe(365);
  await noteSays(/Plan is now Enterprise.*within its limits/);
  expect(limitsActivity()).toEqual([]);

  expect(await life.change(customer, 'starter')).toBe('scheduled');
  await life.world.clock.advance(32 * 86_400_000);
  await life.sync(customer);
  await eventually('the run of the smaller plan', async () => {
    const { rows } = await life.db.query<{ n: number }>(
      "select count(*)::int as n from runs where kind = 'change_plan' and status = 'done'",
    );
    return rows[0]!.n === 2;
  });
  await noteSays(/Plan is now Starter.*Over its limits, nothing was taken away/);
  const [activity] = limitsActivity();
  expect(String(activity!.note)).toMatch(/Users: 12, the plan has 10 \(p10@.*, p11@.*\)/);
  expect(String(activity!.note)).toMatch(/Days old versions are kept: 365, the plan has 30/);
  expect(await versionDays(customer)).toBe(365);
  expect(life.active(customer)).toEqual(people.map(() => true));
  // Nobody's access is forgotten by a later look either.
  const outcomes = await life.db.query<{ outcome: string }>('select distinct outcome from portal_access');
  expect(outcomes.rows).toEqual([{ outcome: 'created' }]);

  expect(await life.change(customer, 'professional')).toBe('changed');
  // The seats fit again; versions kept longer than the plan asks for stay, and stay told.
  const left = await eventually('the new plan’s activity', async () => {
    const open = limitsActivity();
    return open.length === 1 && String(open[0]!.summary).includes('Professional') ? open[0] : undefined;
  });
  expect(String(left.note)).not.toContain('Users');
  expect(String(left.note)).toMatch(/Days old versions are kept: 365, the plan has 90/);
});

it('who comes back within retention on a smaller plan has everybody back; later seats are given anew, and grow', async () => {
  const people = crowd(12);
  const customer = await life.buy({ plan: 'professional', stakeholders: people });
  await life.end(customer);
  await life.tick(30.1);
  await life.done(customer.subscriptionId, 'archive_access');
  const back = { ...customer, subscriptionId: await life.comeBack(customer, 'starter') };
  await life.done(back.subscriptionId, 'restore');
  expect(life.active(customer)).toEqual(people.map(() => true));
  await eventually('what is over is listed', async () => limitsActivity().length === 1);
  const { rows } = await life.db.query<{ providerId: string }>(
    'select provider_id as "providerId" from subscriptions where id = $1',
    [back.subscriptionId],
  );
  await life.end({ ...back, ...rows[0]! });
  await life.tick(30.1);
  await life.done(back.subscriptionId, 'archive_access');
  await life.tick(46);
  await life.done(back.subscriptionId, 'announce_deletion');
  await life.tick(14.1);
  await life.done(back.subscriptionId, 'delete_data');

  const anew = { ...customer, subscriptionId: await life.comeBack(customer, 'starter') };
  await life.done(anew.subscriptionId, 'provision');
  expect(life.active(customer).filter(Boolean)).toHaveLength(10);
  expect(await life.change(anew, 'professional')).toBe('changed');
  await life.done(anew.subscriptionId, 'change_plan');
  expect(life.active(customer)).toEqual(people.map(() => true));
  expect((await life.subjects(people[11]!.email)).length).toBeGreaterThan(1);
});
