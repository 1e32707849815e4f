import { beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { drainOutbox, type OutboxDeps, startOutbox } from '../../connector/crm/outbox.ts';
import { takeLease } from '../../connector/crm/outbox-lease.ts';
import { putInOutbox } from '../../connector/crm/outbox-rows.ts';
import type { Database } from '../../connector/db/database.ts';
import { ConnectorError } from '../../connector/errors.ts';
import { createLog } from '../../connector/log.ts';
import type { Odoo } from '../../connector/odoo/odoo.ts';
import type { World } from '../../scripts/sandbox/world.ts';
import { openErpStage } from './erp-stage.ts';

let world: World;
let db: Database;
let admin: Odoo;
let deps: OutboxDeps;
// Ahead of the database's own clock, by which a new row is due at once.
let clock = new Date(Date.now() + 60_000);
let count = 0;

beforeAll(async () => {
  const stage = await openErpStage();
  ({ world, db, admin } = stage);
  deps = { ...stage.deps, now: () => clock };
});
beforeEach(async () => {
  world.faults.clear();
  await db.query('delete from erp_outbox');
  await db.query("delete from cursors where name = 'erp_outbox_lease'");
});

/** A record in the ERP, bound, and a version of it in the outbox. */
async function waiting(
  values: Record<string, string | number>,
  version = 2,
): Promise<{ id: number; name: string }> {
  count += 1;
  const name = `stripe_connector.subscription_${count}_record`;
  const [id] = await deps.odoo.load('x_stripe_subscription', ['id', 'x_name'], [[name, `record ${count}`]]);
  await db.query('insert into erp_records (external_id, model, res_id, version) values ($1, $2, $3, 1)', [
    name,
    'x_stripe_subscription',
    id,
  ]);
  await put(name, values, version);
  return { id: id!, name };
}

const put = (externalId: string, values: Record<string, string | number>, version: number) =>
  db.tx((tx) => putInOutbox(tx, { externalId, model: 'x_stripe_subscription', version, values }));

async function statusOf(id: number): Promise<unknown> {
  const [row] = await admin.call<{ x_status: unknown }[]>('x_stripe_subscription', 'read', {
    ids: [id],
    fields: ['x_status'],
  });
  return row?.x_status;
}

const rows = async () =>
  (
    await db.query<{ attempts: number; retry_at: Date; cause: { code: string } | null }>(
      'select attempts, retry_at, parked_cause as cause from erp_outbox order by external_id',
    )
  ).rows;

describe('the outbox', () => {
  test('nothing waits: the ERP is not asked', async () => {
    world.counts.reset();
    expect(await drainOutbox(deps)).toEqual({ written: 0, posted: 0, parked: 0, busy: false });
    expect(world.counts.of('odoo')).toBe(0);
  });

  test('many rows of two shapes are a load a shape', async () => {
    for (let index = 0; index < 120; index += 1)
      await waiting(index % 2 === 0 ? { x_status: 'active' } : { x_status: 'active', x_plan: 'p' });
    world.counts.reset();
    expect(await drainOutbox(deps)).toMatchObject({ written: 120 });
    expect(world.counts.of('odoo', 'x_stripe_subscription.load')).toBe(2);
    expect(await rows()).toEqual([]);
  });

  test('an ERP that is away costs no attempt; what it answers late costs one; both are written in the end', async () => {
    const { id } = await waiting({ x_status: 'past_due' });
    world.faults.add({ system: 'odoo', times: 1, kind: 'refused' });
    expect(await drainOutbox(deps)).toMatchObject({ written: 0 });
    expect(await rows()).toMatchObject([{ attempts: 0, cause: null }]);
    clock = new Date(clock.getTime() + 60_000);
    world.faults.clear();
    world.faults.add({ system: 'odoo', times: 1, kind: 'rate_limited', retryAfterSeconds: 5 });
    expect(await drainOutbox(deps)).toMatchObject({ written: 0 });
    const [row] = await rows();
    expect(row).toMatchObject({ attempts: 1 });
    expect(row!.retry_at.getTime()).toBe(clock.getTime() + 5_000);
    world.faults.clear();
    expect(await drainOutbox(deps)).toMatchObject({ written: 0 });
    clock = new Date(clock.getTime() + 5_000);
    expect(await drainOutbox(deps)).toMatchObject({ written: 1 });
    expect(await statusOf(id)).toBe('past_due');
  });

  test('a reset after the effect: written again, the same', async () => {
    const { id } = await waiting({ x_status: 'canceled' });
    world.faults.add({
      system: 'odoo',
      operation: 'x_stripe_subscription.load',
      times: 1,
      kind: 'reset_after',
    });
    expect(await drainOutbox(deps)).toMatchObject({ written: 0 });
    clock = new Date(clock.getTime() + 5_000);
    expect(await drainOutbox(deps)).toMatchObject({ written: 1 });
    expect(await statusOf(id)).toBe('canceled');
  });

  test('a foreign ERP parks nothing', async () => {
    const { id } = await waiting({ x_status: 'unpaid' });
    await waiting({ x_status: 'unpaid' });
    const guard = () =>
      Promise.reject(
        new ConnectorError({ kind: 'conflict', code: 'erp_belongs_to_another_installation', message: 'x' }),
      );
    expect(await drainOutbox({ ...deps, guard })).toEqual({ written: 0, posted: 0, parked: 0, busy: false });
    expect((await rows()).map(({ cause }) => cause)).toEqual([null, null]);
    expect(await statusOf(id)).not.toBe('unpaid');
  });

  test('a deleted record parks its row, a merged one is followed', async () => {
    const gone = await waiting({ x_status: 'active' });
    await admin.call('x_stripe_subscription', 'unlink', { ids: [gone.id] });
    const merged = await waiting({ x_status: 'past_due' });
    const [survivor] = await admin.call<number[]>('x_stripe_subscription', 'create', {
      vals_list: [{ x_name: 'survivor' }],
    });
    const [data] = await admin.call<number[]>('ir.model.data', 'search', {
      domain: [
        ['module', '=', 'stripe_connector'],
        ['name', '=', merged.name.split('.')[1]],
      ],
    });
    await admin.call('ir.model.data', 'write', { ids: [data!], vals: { res_id: survivor } });
    await admin.call('x_stripe_subscription', 'unlink', { ids: [merged.id] });
    expect(await drainOutbox(deps)).toMatchObject({ written: 1, parked: 1 });
    expect(await statusOf(survivor!)).toBe('past_due');
    expect(await rows()).toMatchObject([{ cause: { code: 'erp_record_gone' } }]);
    const { rows: bound } = await db.query<{ gone_at: Date | null }>(
      'select gone_at from erp_records where external_id = $1',
      [gone.name],
    );
    expect(bound[0]!.gone_at).toEqual(clock);
    await put(gone.name, { x_status: 'active' }, 3);
    expect((await rows())[0]!.cause).toBeNull();
  });

  test('one process at a time; the lease of one that died runs out', async () => {
    const { id } = await waiting({ x_status: 'trialing' });
    expect(await takeLease(db, 'another', clock)).toBe(true);
    expect(await drainOutbox(deps)).toEqual({ written: 0, posted: 0, parked: 0, busy: true });
    clock = new Date(clock.getTime() + 151_000);
    expect(await drainOutbox(deps)).toMatchObject({ written: 1, busy: false });
    expect(await statusOf(id)).toBe('trialing');
  });

  test('whose lease another has taken writes no further batch', async () => {
    const ids = [await waiting({ x_status: 'active' }), await waiting({ x_status: 'active', x_plan: 'p' })];
    const guard: OutboxDeps['guard'] = async (call) => {
      const answer = await call();
      // It hung for so long that it was taken for dead.
      clock = new Date(clock.getTime() + 151_000);
      expect(await takeLease(db, 'another', clock)).toBe(true);
      return answer;
    };
    expect(await drainOutbox({ ...deps, guard })).toEqual({ written: 1, posted: 0, parked: 0, busy: true });
    const written = await Promise.all(ids.map(({ id }) => statusOf(id)));
    expect(written.filter((status) => status === 'active')).toHaveLength(1);
    expect(await rows()).toHaveLength(1);
  });

  test('a database that fails half-way fails the drain, and the lease is given back', async () => {
    await waiting({ x_status: 'active' });
    const broken = {
      ...db,
      query: (text: string, params?: unknown[]) =>
        /from erp_notes/.test(text) ? Promise.reject(new Error('gone')) : db.query(text, params),
    } as Database;
    await expect(drainOutbox({ ...deps, db: broken })).rejects.toThrow('gone');
    expect(await rows()).toEqual([]);
    expect(await takeLease(db, 'another', clock)).toBe(true);
  });

  test('drains after a hint and by the timer, and stops', async () => {
    const first = await waiting({ x_status: 'active' });
    const outbox = startOutbox(deps, { everyMs: 50 });
    outbox.hint();
    outbox.hint();
    await vi.waitFor(async () => expect(await statusOf(first.id)).toBe('active'));
    const second = await waiting({ x_status: 'past_due' });
    await vi.waitFor(async () => expect(await statusOf(second.id)).toBe('past_due'));
    await outbox.stop();
    const third = await waiting({ x_status: 'past_due' });
    await new Promise((resolve) => setTimeout(resolve, 120));
    expect(await statusOf(third.id)).toBe(false);
  });

  test('a database that fails is logged, not thrown', async () => {
    const lines: string[] = [];
    const log = createLog({ destination: { write: (line: string) => void lines.push(line) } });
    const broken = { ...db, query: () => Promise.reject(new Error('gone')) } as unknown as Database;
    const outbox = startOutbox({ ...deps, db: broken, log }, { everyMs: 60_000 });
    outbox.hint();
    await outbox.stop();
    expect(lines.join()).toContain('the ERP outbox could not be drained');
  });
});
