/** Where the company's policy says that a dispute suspends: until the bank decides, or staff do. */
import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../support/connector.ts';
import { openScene, type Scene } from '../support/scene.ts';

let scene: Scene;

beforeAll(async () => {
  const mappings = join(mkdtempSync(join(tmpdir(), 'mappings-')), 'mappings');
  cpSync(new URL('../../mappings', import.meta.url), mappings, { recursive: true });
  const file = join(mappings, 'dunning.json');
  const policy = JSON.parse(readFileSync(file, 'utf8')) as { disputes: object };
  Object.assign(policy.disputes, { suspend: 'access', afterLost: 'keep' });
  writeFileSync(file, JSON.stringify(policy));
  scene = await openScene({ env: { MAPPINGS_DIR: mappings } });
});
afterAll(() => scene?.close());

async function buy() {
  const { customer, run } = await scene.buy();
  const charge = scene.world.systems.stripe.charges().find((each) => each.customer === customer)!;
  return { id: run.subscriptionId, sub: run.subscription, charge: charge.id };
}

const becomes = (id: number, wanted: string) =>
  eventually(`access is ${wanted}`, async () => {
    const { rows } = await scene.db.query('select 1 from subscriptions where id = $1 and access = $2', [
      id,
      wanted,
    ]);
    return rows.length === 1;
  });

it('access goes with the dispute and comes back when it is won', async () => {
  const { id, charge } = await buy();
  const dispute = scene.world.systems.stripe.openDispute(charge);
  await becomes(id, 'suspended');
  scene.world.systems.stripe.closeDispute(dispute.id, 'won');
  await becomes(id, 'provisioned');
});

it('lost, it stays away until staff give it back', async () => {
  const { id, sub, charge } = await buy();
  const dispute = scene.world.systems.stripe.openDispute(charge);
  await becomes(id, 'suspended');
  scene.world.systems.stripe.closeDispute(dispute.id, 'lost');
  await eventually('the loss is known', async () => {
    const { rowCount } = await scene.db.query(
      "select 1 from transitions where subscription_id = $1 and kind = 'dispute_closed'",
      [id],
    );
    return rowCount === 1;
  });
  const reasons = `/subscriptions/${sub}/suspensions`;
  const held = await scene.connector.admin.request<{ suspensions: unknown[] }>('GET', reasons);
  expect(held.suspensions).toMatchObject([{ about: dispute.id, level: 'access' }]);
  const lifted = await scene.connector.admin.request<{ lifted: unknown[] }>('POST', `${reasons}/lift`);
  expect(lifted.lifted).toEqual(held.suspensions);
  await becomes(id, 'provisioned');
  expect(await scene.connector.admin.request('POST', `${reasons}/lift`)).toEqual({ lifted: [] });
});

const tasks = (dispute: string) =>
  scene.world.systems.odoo
    .records('mail.activity')
    .filter(({ summary, note }) => /disputed/.test(String(summary)) && String(note).includes(dispute))
    .map(({ date_deadline: day }) => day);
const dayOf = (seconds: number | null) => new Date(seconds! * 1000).toISOString().slice(0, 10);

it('the bank’s question is a task and takes nothing; as a chargeback it has a new day, and takes access', async () => {
  const { id, charge } = await buy();
  const inquiry = scene.world.systems.stripe.openInquiry(charge);
  const asked = dayOf(inquiry.evidence_details.due_by);
  await eventually('staff are asked', async () => tasks(inquiry.id).join() === asked);
  await becomes(id, 'provisioned');
  const dispute = scene.world.systems.stripe.escalateDispute(inquiry.id);
  const due = dayOf(dispute.evidence_details.due_by);
  expect(due).not.toBe(asked);
  await becomes(id, 'suspended');
  await eventually('one task, by the new day', async () => tasks(dispute.id).join() === due);
  scene.world.systems.stripe.closeDispute(dispute.id, 'won');
  await becomes(id, 'provisioned');
  await eventually('no task is left', async () => tasks(dispute.id).length === 0);
});

it('lost and won on appeal, what was kept comes back', async () => {
  const { id, charge } = await buy();
  const dispute = scene.world.systems.stripe.openDispute(charge);
  await becomes(id, 'suspended');
  scene.world.systems.stripe.closeDispute(dispute.id, 'lost');
  await eventually('no task is left', async () => tasks(dispute.id).length === 0);
  const appeal = scene.world.systems.stripe.appealDispute(dispute.id);
  const due = dayOf(appeal.evidence_details.due_by);
  await eventually('staff are asked once more', async () => tasks(dispute.id).join() === due);
  scene.world.systems.stripe.closeDispute(dispute.id, 'won');
  await becomes(id, 'provisioned');
});
