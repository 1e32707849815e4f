/** What was missed or was there before us: one customer, the last events, subscriptions bought elsewhere are read anew or taken over. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runBackfill } from '../../scripts/commands/backfill.ts';
import { lifecycleRenew } from '../../scripts/commands/lifecycle.ts';
import { runImport, runSync } from '../../scripts/commands/sync.ts';
import { eventually } from '../support/connector.ts';
import { type KeepingScene, openKeeping } from './keeping-scene.ts';

let scene: KeepingScene;
beforeAll(async () => {
  scene = await openKeeping();
});
afterAll(() => scene?.close());
beforeEach(() => scene.listen());
/** What happens at Stripe meanwhile is never delivered. */
async function undelivered(work: () => unknown): Promise<void> {
  scene.world.systems.stripe.holdDeliveries();
  await work();
  await scene.world.systems.stripe.releaseDeliveries({
    drop: scene.world.systems.stripe.heldDeliveries().map((event) => event.id),
  });
}

describe('cli sync cus_…', () => {
  it('prints what it changes; a dry run only that', async () => {
    const { providerId, customerId, version } = await scene.ours();
    await scene.db.query("update subscriptions set status = 'past_due' where provider_id = $1", [providerId]);
    expect(await runSync(['--customer', customerId, '--dry-run'], scene.env)).toBe(0);
    expect(scene.said.join('\n')).toMatch(new RegExp(`${providerId} +status +past_due +active`));
    expect(scene.said.join('\n')).toMatch(/changed +sub_.*Dry run: nothing was changed\./s);
    expect((await scene.ours()).status).toBe('past_due');
    expect((await scene.ours()).version).toBe(version);
    scene.forget();
    expect(await runSync([customerId], scene.env)).toBe(0);
    expect(scene.said.join('\n')).toContain('It is read anew.');
    await eventually('it is mended', async () => (await scene.ours()).status === 'active');
    scene.forget();
    expect(await runSync([customerId, '--dry-run', '--json'], scene.env)).toBe(0);
    expect(JSON.parse(scene.said.join(''))).toMatchObject({
      subscriptions: [],
      invoices: [],
      transitions: [],
    });
  });

  it('a customer nobody has is no customer of ours afterwards', async () => {
    await expect(runSync(['cus_nobody'], scene.env)).rejects.toThrow(/404: .*cus_nobody/);
    expect((await scene.db.query("select 1 from customers where id = 'cus_nobody'")).rowCount).toBe(0);
  });
});

describe('cli sync', () => {
  it('fetches what changed since the last time and never came; a dry run only counts', async () => {
    const { customerId } = await scene.ours();
    expect(await runSync([], scene.env)).toBe(0);
    const before = (await scene.db.query('select 1 from events')).rowCount;
    await undelivered(() => scene.stripe.customers.update(customerId, { phone: '+32 2 555 01 01' }));
    scene.forget();
    expect(await runSync(['--dry-run'], scene.env)).toBe(0);
    expect(scene.said.join('\n')).toMatch(/, 1 had been missed\..*Would be read anew: cus_.*Dry run/s);
    expect((await scene.db.query('select 1 from events')).rowCount).toBe(before);
    scene.forget();
    expect(await runSync([], scene.env)).toBe(0);
    expect(scene.said.join('\n')).toMatch(/, 1 had been missed\..*Read anew: cus_/s);
    scene.forget();
    expect(await runSync(['--json'], scene.env)).toBe(0);
    expect(JSON.parse(scene.said.join(''))).toMatchObject({ gap: 0, customers: [] });
  });
});

describe('cli import', () => {
  it('takes over what was there before us: shown first, recorded then, nobody asked, nothing provisioned', async () => {
    const price = scene.world.systems.stripe.prices().find((each) => each.lookup_key === 'starter_month')!.id;
    const made: string[] = [];
    await undelivered(() => {
      for (const name of ['Early Works', 'Older Works']) {
        const { id } = scene.world.systems.stripe.createDashboardSubscription({
          name,
          email: `office@${name.split(' ')[0]!.toLowerCase()}.example`,
          prices: [price],
        });
        made.push(id);
      }
    });
    const runs = (await scene.db.query('select 1 from runs')).rowCount;
    expect((await scene.full()).drifts.map(({ kind, subject }) => [kind, subject]).sort()).toEqual(
      made.map((id) => ['subscription_unknown', id]).sort(),
    );
    expect((await scene.pass(runImport, '--dry-run')).pass.found).toEqual({ subscription_unknown: 2 });
    expect(made.map(scene.recordOf)).toEqual([undefined, undefined]);
    scene.forget();
    expect(await runImport([], scene.env)).toBe(0);
    expect(scene.said.join('\n')).toContain('2 subscription(s) are taken over');
    await eventually('their records', async () =>
      made.every((id) => scene.recordOf(id)?.x_status === 'active'),
    );
    expect(scene.activities('Subscription without an order')).toEqual([]);
    expect((await scene.db.query('select 1 from runs')).rowCount).toBe(runs);
    expect((await scene.pass(runImport)).pass.found).toEqual({});
    await eventually('the findings are over', async () => (await scene.full()).drifts.length === 0);
  });
});

describe('a subscription bought past us that Stripe no longer has', () => {
  it('is told on its record: the ERP has nothing else of it', async () => {
    const { rows } = await scene.db.query<{ id: number; providerId: string }>(
      `select id, provider_id as "providerId" from subscriptions where organisation_id is null order by id limit 1`,
    );
    const { id, providerId } = rows[0]!;
    const record = scene.recordOf(providerId)!.id;
    await scene.db.query("update subscriptions set provider_id = 'sub_vanished' where id = $1", [id]);
    await scene.full();
    await eventually('staff are told', async () =>
      scene
        .activities('Subscription is not at Stripe')
        .some((each) => each.res_model === 'x_stripe_subscription' && each.res_id === record),
    );
    await scene.db.query('update subscriptions set provider_id = $2 where id = $1', [id, providerId]);
    await scene.full();
    await eventually(
      'it is over',
      async () => scene.activities('Subscription is not at Stripe').length === 0,
    );
  });
});

describe('cli backfill', () => {
  it('fetches what was never delivered, and says how much is here', async () => {
    const price = scene.world.systems.stripe.prices().find((each) => each.lookup_key === 'starter_month')!.id;
    let id = '';
    await undelivered(() => {
      id = scene.world.systems.stripe.createDashboardSubscription({
        name: 'Lost Works',
        email: 'office@lost.example',
        prices: [price],
      }).id;
    });
    const since = new Date(Date.now() - 3 * 3_600_000).toISOString();
    expect(await runBackfill(['--since', since], scene.env)).toBe(0);
    expect(scene.said[0]).toMatch(/^\d+ event\(s\) listed, [1-9]\d* had been missed\.$/);
    expect(scene.said.at(-1)).toMatch(/^last \d+ h: \d+ at Stripe, \d+ here, 0 missing$/);
    await eventually('its record', async () => scene.recordOf(id));
    scene.forget();
    expect(await runBackfill(['--json'], scene.env)).toBe(0);
    expect(JSON.parse(scene.said[0]!)).toEqual({ last_day: expect.objectContaining({ missing: 0 }) });
  });
});

describe('a bucket somebody deleted at the storage provider', () => {
  it('nothing is renewed for somebody who has no access', async () => {
    const { rows } = await scene.db.query<{ id: number }>(
      "select id from subscriptions where access = 'none' limit 1",
    );
    await expect(lifecycleRenew([String(rows[0]!.id)], scene.env)).rejects.toThrow(/409: .* is none/);
  });
});
