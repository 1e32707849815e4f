/** A sale in the ERP's pipeline from its first minute: opened, changed, abandoned, lost, taken up again, won; always one. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { checkout, draft, eventually, runOf, type TestConnector } from '../support/connector.ts';
import { openScene, type Scene } from '../support/scene.ts';

const DAY_MS = 86_400_000;
const PAST_MS = 25 * 3_600_000;

let scene: Scene;
/** How far the connector's clock is ahead. */
let aheadMs = 0;

async function start(database: 'pglite' | 'postgres' = 'pglite'): Promise<TestConnector> {
  aheadMs = 0;
  scene = await openScene({ database, now: () => new Date(Date.now() + aheadMs) });
  return scene.connector;
}

afterEach(() => scene?.close());

const leads = () => scene.world.systems.odoo.records('crm.lead');
const oneLead = () =>
  eventually('the opportunity', async () => (leads().length === 1 ? leads()[0] : undefined));
const activities = () => scene.world.systems.odoo.records('mail.activity');
const companies = (name: string) =>
  scene.world.systems.odoo.records('res.partner').filter((each) => each.name === name);
const stageOf = (lead: Record<string, unknown> | undefined) =>
  scene.world.systems.odoo.read('crm.stage', Number((lead?.stage_id as [number])?.[0] ?? lead?.stage_id));
const nameOf = (body: Record<string, unknown>) => (body.organisation as { name: string }).name;

async function abandon(): Promise<void> {
  await scene.world.clock.advance(PAST_MS);
}

describe.each(['pglite', 'postgres'] as const)('an opportunity (%s)', (kind) => {
  it('is born with the payment page and won with the payment: one, with one company', async () => {
    const { publicUrl } = await start(kind);
    const body = draft();
    const reply = await checkout(publicUrl, body);
    const born = await oneLead();
    expect(born).toMatchObject({ type: 'opportunity', active: true, expected_revenue: 1750 });
    expect(stageOf(born)?.is_won).toBe(false);
    // Nobody's customers yet: the company and its contact alone.
    expect(scene.world.systems.odoo.records('res.partner').filter((each) => each.email === 'ines@x')).toEqual(
      [],
    );
    expect(companies('Ines Manager')).toEqual([]);
    scene.world.systems.stripe.payCheckout(reply.body.session_id);
    await runOf(scene.connector, scene.db, reply.body.session_id);
    const won = await oneLead();
    expect(won.id).toBe(born.id);
    expect(stageOf(won)?.is_won).toBe(true);
    expect(companies(nameOf(body))).toHaveLength(1);
    expect(companies('Ines Manager')).toHaveLength(1);
    expect(companies('Ada Contact')).toHaveLength(1);
  });

  it('paid in the very moment it is opened, twenty times at once: one each, all won', {
    timeout: 150_000,
  }, async () => {
    const { publicUrl } = await start(kind);
    const replies = await Promise.all(Array.from({ length: 20 }, () => checkout(publicUrl, draft())));
    for (const { body } of replies) scene.world.systems.stripe.payCheckout(body.session_id);
    for (const { body } of replies) await runOf(scene.connector, scene.db, body.session_id, ['done'], 80_000);
    await eventually(
      'nothing is left to be shown',
      async () => {
        const { rowCount } = await scene.db.query(
          "select 1 from opportunities where wanted <> 'paid' or held_by is not null",
        );
        return rowCount === 0;
      },
      60_000,
    );
    expect(leads()).toHaveLength(20);
    expect(leads().every((lead) => stageOf(lead)?.is_won === true && lead.active === true)).toBe(true);
  });
});

it('follows a changed draft, but not over what staff have changed', async () => {
  const { publicUrl } = await start();
  const body = draft();
  const first = await checkout(publicUrl, body);
  const born = await oneLead();
  scene.world.systems.odoo.staff.edit('crm.lead', Number(born.id), { name: 'Ours, says Sales' });
  const again = await checkout(publicUrl, { ...body, plan: 'professional', order: first.body.order });
  expect(again.status).toBe(201);
  const followed = await eventually('the new price', async () =>
    leads().find((lead) => lead.expected_revenue !== 1750),
  );
  expect(followed).toMatchObject({ id: born.id, name: 'Ours, says Sales' });
  expect(leads()).toHaveLength(1);
});

it('of a checkout left open asks for a call at once, is lost later, and comes back with the customer', async () => {
  const { publicUrl } = await start();
  const body = draft();
  const first = await checkout(publicUrl, body);
  const born = await oneLead();
  await abandon();
  const call = await eventually('an activity', async () =>
    activities().find((each) => String(each.summary).startsWith('Checkout abandoned: call Ada Contact')),
  );
  expect(call).toMatchObject({ res_model: 'crm.lead', res_id: born.id });
  expect((await oneLead()).active).toBe(true);

  aheadMs = 15 * DAY_MS;
  const lost = await eventually('it is lost', async () => leads().find((lead) => lead.active === false));
  const reason = scene.world.systems.odoo.read('crm.lost.reason', Number([lost.lost_reason_id].flat()[0]));
  expect(reason?.name).toBe('Checkout abandoned');
  expect(activities().some((each) => each.id === call.id)).toBe(false);

  aheadMs = 0;
  const again = await checkout(publicUrl, { ...body, order: first.body.order });
  expect(again.status).toBe(201);
  await eventually('it is open again', async () => leads().some((lead) => lead.active === true));
  await abandon();
  await eventually('the call again', async () => activities().length > 0);
  const last = await checkout(publicUrl, { ...body, order: first.body.order });
  scene.world.systems.stripe.payCheckout(last.body.session_id);
  await runOf(scene.connector, scene.db, last.body.session_id);
  const won = await oneLead();
  expect(won).toMatchObject({ id: born.id, active: true });
  expect(stageOf(won)?.is_won).toBe(true);
  expect(activities().filter((each) => String(each.summary).startsWith('Checkout abandoned'))).toEqual([]);
});

it('that was lost is won when the money of an earlier session comes after all', async () => {
  const { publicUrl } = await start();
  const reply = await checkout(publicUrl, draft());
  const born = await oneLead();
  await scene.db.query("update opportunities set wanted = 'lost', version = version + 1");
  await eventually('it is lost', async () => leads().some((lead) => lead.active === false));
  scene.world.systems.stripe.payCheckout(reply.body.session_id);
  await runOf(scene.connector, scene.db, reply.body.session_id);
  const won = await oneLead();
  expect(won).toMatchObject({ id: born.id, active: true });
  expect(stageOf(won)?.is_won).toBe(true);
});

it('waits for an ERP that is away, and nobody who buys notices', async () => {
  const { publicUrl } = await start();
  await sleep(300);
  scene.world.faults.add({ system: 'odoo', kind: 'refused', times: Number.POSITIVE_INFINITY });
  const began = performance.now();
  const reply = await checkout(publicUrl, draft());
  expect(reply.status).toBe(201);
  expect(performance.now() - began).toBeLessThan(5_000);
  await sleep(1_000);
  expect(leads()).toEqual([]);
  scene.world.faults.clear();
  await oneLead();
  scene.world.systems.stripe.payCheckout(reply.body.session_id);
  await runOf(scene.connector, scene.db, reply.body.session_id);
  expect(leads()).toHaveLength(1);
});

it('of a company that looks like one staff have is flagged, and nothing is merged', async () => {
  const { publicUrl } = await start();
  const body = draft();
  const theirs = scene.world.systems.odoo.staff.create('res.partner', {
    name: nameOf(body).toUpperCase(),
    is_company: true,
  });
  await checkout(publicUrl, body);
  const lead = await oneLead();
  const flag = await eventually('the flag', async () =>
    activities().find((each) => String(each.summary).includes('may be a customer you have')),
  );
  expect(flag).toMatchObject({ res_model: 'crm.lead', res_id: lead.id });
  expect(String(flag.note)).toContain(nameOf(body).toUpperCase());
  expect(scene.world.systems.odoo.read('res.partner', theirs)?.name).toBe(nameOf(body).toUpperCase());
  expect(companies(nameOf(body))).toHaveLength(1);
});

it('is won although a "lost" was on its way when the money came', async () => {
  const { publicUrl } = await start();
  const reply = await checkout(publicUrl, draft());
  const born = await oneLead();
  await eventually(
    'it is shown',
    async () => (await scene.db.query("select 1 from opportunities where shown = 'open'")).rowCount === 1,
  );
  // Every call takes long: the sweep has asked whether it is open, and not yet sent "lost", when the payment comes.
  scene.world.delay('odoo', 400);
  await scene.db.query("update opportunities set wanted = 'lost', version = version + 1, retry_at = now()");
  await eventually(
    'the sweep holds it',
    async () =>
      (await scene.db.query('select 1 from opportunities where held_by is not null')).rowCount === 1,
  );
  scene.world.systems.stripe.payCheckout(reply.body.session_id);
  const run = await runOf(scene.connector, scene.db, reply.body.session_id);
  scene.world.delay('odoo', 0);
  expect(run.status).toBe('done');
  const won = await oneLead();
  expect(won).toMatchObject({ id: born.id, active: true });
  expect(stageOf(won)?.is_won).toBe(true);
});
