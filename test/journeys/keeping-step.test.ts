/** Stripe, our records, the ERP and storage come to disagree; the slow pass finds it, mends what is safe, tells the rest. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createB2Storage } from '../../connector/b2/storage.ts';
import type { DriftRow, PassDetails } from '../../connector/billing/passes/rows.ts';
import { createStripe } from '../../connector/stripe/client.ts';
import { runBackfill } from '../../scripts/commands/backfill.ts';
import { lifecycleRenew } from '../../scripts/commands/lifecycle.ts';
import { runImport, runSync } from '../../scripts/commands/sync.ts';
import type { World } from '../../scripts/sandbox/world.ts';
import { silent } from '../jobs/support.ts';
import {
  checkout,
  draft,
  eventually,
  runOf,
  startConnector,
  type TestConnector,
} from '../support/connector.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { startTestWorld } from '../support/sandbox.ts';

let world: World;
let db: TestDatabase;
let connector: TestConnector;
let env: NodeJS.ProcessEnv;
let said: string[];

beforeAll(async () => {
  world = await startTestWorld();
  db = await openTestDatabase();
  connector = await startConnector({ world, db });
  env = { ...connector.env, CONNECTOR_URL: connector.publicUrl };
  const { body } = await checkout(connector.publicUrl, draft());
  world.systems.stripe.payCheckout(body.session_id);
  await runOf(connector, db, body.session_id);
  await world.systems.stripe.deliveriesIdle();
});
afterAll(async () => {
  await connector?.stop();
  await db?.close();
});
beforeEach(() => {
  said = [];
  vi.spyOn(console, 'log').mockImplementation((line) => void said.push(String(line)));
});
afterEach(() => {
  vi.restoreAllMocks();
});

interface Outcome {
  readonly pass: PassDetails;
  readonly drifts: readonly DriftRow[];
}

async function pass(command: typeof runSync, ...argv: string[]): Promise<Outcome> {
  said = [];
  expect(await command([...argv, '--json'], env)).toBe(0);
  return JSON.parse(said.join(''));
}
const full = (...argv: string[]) => pass(runSync, '--full', ...argv);

/** As somebody at the provider's console does. */
async function removeBucket(bucketId: string): Promise<void> {
  const storage = createB2Storage({
    keyId: env.B2_APPLICATION_KEY_ID!,
    key: env.B2_APPLICATION_KEY!,
    apiUrl: env.B2_API_URL,
    log: silent,
  });
  while ((await storage.deleteFilePage({ bucketId, prefix: '' })).more);
  await storage.deleteBucket(bucketId);
}

/** What happens at Stripe meanwhile is never delivered. */
async function undelivered(work: () => unknown): Promise<void> {
  world.systems.stripe.holdDeliveries();
  await work();
  await world.systems.stripe.releaseDeliveries({
    drop: world.systems.stripe.heldDeliveries().map((event) => event.id),
  });
}

const ours = async () => {
  const { rows } = await db.query<{
    id: number;
    providerId: string;
    customerId: string;
    status: string;
    version: number;
  }>(
    'select id, provider_id as "providerId", customer_id as "customerId", status, version from subscriptions where order_id is not null',
  );
  return rows[0]!;
};
const recordOf = (stripeId: string) =>
  world.systems.odoo.find('x_stripe_subscription', (record) => record.x_stripe_id === stripeId);
const activities = (summary: string) =>
  world.systems.odoo.records('mail.activity').filter((each) => each.summary === summary);

describe('cli sync --full', () => {
  it('finds nothing where everything agrees, and says so', async () => {
    const { pass: done, drifts } = await full();
    expect(done).toMatchObject({ looked: expect.any(Number), found: {}, cause: null });
    expect(done.looked).toBeGreaterThanOrEqual(3); // one subscription, its ERP record, its storage key
    expect(drifts).toEqual([]);
    expect(await runSync(['--full'], env)).toBe(0);
    expect(said.join('\n')).toContain('Everything agrees.');
  });

  it('a change nobody told us of: shown by a dry run, mended by a real one', async () => {
    const { providerId } = await ours();
    const subscription = world.systems.stripe.subscriptions().find((each) => each.id === providerId)!;
    await db.query("update subscriptions set status = 'past_due' where provider_id = $1", [providerId]);
    expect(subscription.status).toBe('active');
    const looked = await full('--dry-run');
    expect(looked.pass.found).toMatchObject({ subscription_differs: 1 });
    expect(looked.pass.findings[0]).toMatchObject({
      kind: 'subscription_differs',
      subject: providerId,
      severity: 'info',
      treatment: 'mends',
    });
    said = [];
    expect(await runSync(['--full', '--dry-run'], env)).toBe(0);
    expect(said.join('\n')).toMatch(
      new RegExp(`subscription_differs +${providerId} .*here: past_due, stripe: active +would be mended`),
    );
    expect(looked.drifts).toEqual([]);
    expect((await ours()).status).toBe('past_due');
    expect((await full()).pass.found).toMatchObject({ subscription_differs: 1 });
    await eventually('it is mended', async () => (await ours()).status === 'active');
    const later = await full();
    expect(later.pass.found.subscription_differs).toBeUndefined();
    await eventually('nothing is known to disagree', async () => {
      const { drifts } = await full();
      return drifts.length === 0;
    });
  });

  it('an ERP record that staff set back is written again', async () => {
    const { providerId, version } = await ours();
    const record = recordOf(providerId)!;
    world.systems.odoo.staff.edit('x_stripe_subscription', record.id, {
      x_version: version - 1,
      x_status: 'unpaid',
    });
    expect((await full()).pass.found).toEqual({ erp_behind: 1 });
    await eventually('it is written', async () => recordOf(providerId)?.x_status === 'active');
  });

  it('a subscription Stripe does not have, and a storage key that is gone: staff are told until it is over', async () => {
    const { id } = await ours();
    await db.query(
      `insert into subscriptions (provider_id, customer_id, organisation_id, plan_key, currency, recurring_amount, status, created)
       select 'sub_nowhere', customer_id, organisation_id, plan_key, currency, recurring_amount, 'active', created
         from subscriptions where id = $1`,
      [id],
    );
    const key = await db.query<{ keyId: string }>('select key_id as "keyId" from storages');
    await db.query("update storages set key_id = 'gone'");
    const { drifts } = await full();
    expect(drifts.map(({ kind, severity, subject }) => [kind, severity, subject]).sort()).toEqual([
      ['storage_key_missing', 'critical', expect.stringMatching(/^cde-/)],
      ['subscription_missing', 'critical', 'sub_nowhere'],
    ]);
    const told = [
      'Subscription is not at Stripe',
      'Storage key is gone: the customer cannot reach the storage',
    ];
    await eventually('staff are told', async () => told.every((summary) => activities(summary).length === 1));
    said = [];
    expect(await runSync(['--full'], env)).toBe(0);
    expect(said.join('\n')).toMatch(/For a person:.*sub_nowhere/s);
    expect(told.map((summary) => activities(summary).length)).toEqual([1, 1]);

    await db.query("delete from subscriptions where provider_id = 'sub_nowhere'");
    await db.query('update storages set key_id = $1', [key.rows[0]!.keyId]);
    expect((await full()).drifts).toEqual([]);
    await eventually('the activities are gone', async () =>
      told.every((each) => activities(each).length === 0),
    );
  });

  it('a dry run looks at the ERP and storage too, and leaves both and our records alone', async () => {
    const { id, providerId, version } = await ours();
    const record = recordOf(providerId)!;
    world.systems.odoo.staff.edit('x_stripe_subscription', record.id, { x_version: version - 1 });
    const key = await db.query<{ keyId: string }>('select key_id as "keyId" from storages');
    await db.query("update storages set key_id = 'gone'");
    const { pass: looked, drifts } = await full('--dry-run');
    expect(looked.found).toEqual({ erp_behind: 1, storage_key_missing: 1 });
    expect(looked.findings.map(({ kind, treatment }) => [kind, treatment])).toEqual([
      ['erp_behind', 'mends'],
      ['storage_key_missing', 'tells'],
    ]);
    expect(drifts).toEqual([]);
    expect((await ours()).version).toBe(version);
    const waiting = await db.query('select 1 from erp_outbox where external_id like $1', [
      `%subscription_${id}_%`,
    ]);
    expect(waiting.rowCount).toBe(0);
    await db.query('update storages set key_id = $1', [key.rows[0]!.keyId]);
    await full();
    await eventually('it is written', async () => recordOf(providerId)?.x_version === version);
  });

  it('is not told two things at once', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => {});
    expect(await runSync(['cus_1', '--full'], env)).toBe(2);
  });
});

describe('cli sync cus_…', () => {
  it('prints what it changes; a dry run only that', async () => {
    const { providerId, customerId, version } = await ours();
    await db.query("update subscriptions set status = 'past_due' where provider_id = $1", [providerId]);
    expect(await runSync(['--customer', customerId, '--dry-run'], env)).toBe(0);
    expect(said.join('\n')).toMatch(new RegExp(`${providerId} +status +past_due +active`));
    expect(said.join('\n')).toMatch(/changed +sub_.*Dry run: nothing was changed\./s);
    expect((await ours()).status).toBe('past_due');
    expect((await ours()).version).toBe(version);
    said = [];
    expect(await runSync([customerId], env)).toBe(0);
    expect(said.join('\n')).toContain('It is read anew.');
    await eventually('it is mended', async () => (await ours()).status === 'active');
    said = [];
    expect(await runSync([customerId, '--dry-run', '--json'], env)).toBe(0);
    expect(JSON.parse(said.join(''))).toMatchObject({ subscriptions: [], invoices: [], transitions: [] });
  });

  it('a customer nobody has is no customer of ours afterwards', async () => {
    await expect(runSync(['cus_nobody'], env)).rejects.toThrow(/404: .*cus_nobody/);
    expect((await db.query("select 1 from customers where id = 'cus_nobody'")).rowCount).toBe(0);
  });
});

describe('cli sync', () => {
  it('fetches what changed since the last time and never came; a dry run only counts', async () => {
    const { customerId } = await ours();
    expect(await runSync([], env)).toBe(0);
    const before = (await db.query('select 1 from events')).rowCount;
    const stripe = createStripe({ secretKey: env.STRIPE_SECRET_KEY!, apiUrl: env.STRIPE_API_URL });
    await undelivered(() => stripe.customers.update(customerId, { phone: '+32 2 555 01 01' }));
    said = [];
    expect(await runSync(['--dry-run'], env)).toBe(0);
    expect(said.join('\n')).toMatch(/, 1 had been missed\..*Would be read anew: cus_.*Dry run/s);
    expect((await db.query('select 1 from events')).rowCount).toBe(before);
    said = [];
    expect(await runSync([], env)).toBe(0);
    expect(said.join('\n')).toMatch(/, 1 had been missed\..*Read anew: cus_/s);
    said = [];
    expect(await runSync(['--json'], env)).toBe(0);
    expect(JSON.parse(said.join(''))).toMatchObject({ gap: 0, customers: [] });
  });
});

describe('cli import', () => {
  it('takes over what was there before us: shown first, recorded then, nobody asked, nothing provisioned', async () => {
    const price = world.systems.stripe.prices().find((each) => each.lookup_key === 'starter_month')!.id;
    const made: string[] = [];
    await undelivered(() => {
      for (const name of ['Early Works', 'Older Works']) {
        const { id } = world.systems.stripe.createDashboardSubscription({
          name,
          email: `office@${name.split(' ')[0]!.toLowerCase()}.example`,
          prices: [price],
        });
        made.push(id);
      }
    });
    const runs = (await db.query('select 1 from runs')).rowCount;
    expect((await full()).drifts.map(({ kind, subject }) => [kind, subject]).sort()).toEqual(
      made.map((id) => ['subscription_unknown', id]).sort(),
    );
    expect((await pass(runImport, '--dry-run')).pass.found).toEqual({ subscription_unknown: 2 });
    expect(made.map(recordOf)).toEqual([undefined, undefined]);
    said = [];
    expect(await runImport([], env)).toBe(0);
    expect(said.join('\n')).toContain('2 subscription(s) are taken over');
    await eventually('their records', async () => made.every((id) => recordOf(id)?.x_status === 'active'));
    expect(activities('Subscription without an order')).toEqual([]);
    expect((await db.query('select 1 from runs')).rowCount).toBe(runs);
    expect((await pass(runImport)).pass.found).toEqual({});
    await eventually('the findings are over', async () => (await full()).drifts.length === 0);
  });
});

describe('a subscription bought past us that Stripe no longer has', () => {
  it('is told on its record: the ERP has nothing else of it', async () => {
    const { rows } = await db.query<{ id: number; providerId: string }>(
      `select id, provider_id as "providerId" from subscriptions where organisation_id is null order by id limit 1`,
    );
    const { id, providerId } = rows[0]!;
    const record = recordOf(providerId)!.id;
    await db.query("update subscriptions set provider_id = 'sub_vanished' where id = $1", [id]);
    await full();
    await eventually('staff are told', async () =>
      activities('Subscription is not at Stripe').some(
        (each) => each.res_model === 'x_stripe_subscription' && each.res_id === record,
      ),
    );
    await db.query('update subscriptions set provider_id = $2 where id = $1', [id, providerId]);
    await full();
    await eventually('it is over', async () => activities('Subscription is not at Stripe').length === 0);
  });
});

describe('cli backfill', () => {
  it('fetches what was never delivered, and says how much is here', async () => {
    const price = world.systems.stripe.prices().find((each) => each.lookup_key === 'starter_month')!.id;
    let id = '';
    await undelivered(() => {
      id = world.systems.stripe.createDashboardSubscription({
        name: 'Lost Works',
        email: 'office@lost.example',
        prices: [price],
      }).id;
    });
    const since = new Date(Date.now() - 3 * 3_600_000).toISOString();
    expect(await runBackfill(['--since', since], env)).toBe(0);
    expect(said[0]).toMatch(/^\d+ event\(s\) listed, [1-9]\d* had been missed\.$/);
    expect(said.at(-1)).toMatch(/^last \d+ h: \d+ at Stripe, \d+ here, 0 missing$/);
    await eventually('its record', async () => recordOf(id));
    said = [];
    expect(await runBackfill(['--json'], env)).toBe(0);
    expect(JSON.parse(said[0]!)).toEqual({ last_day: expect.objectContaining({ missing: 0 }) });
  });
});

describe('a bucket somebody deleted at the storage provider', () => {
  it('is told, and made anew when an operator asks for it', async () => {
    const { providerId, customerId } = await ours();
    const { bucketId, bucket } = (
      await db.query<{ bucketId: string; bucket: string }>(
        'select bucket_id as "bucketId", bucket_name as bucket from storages',
      )
    ).rows[0]!;
    const keys = (await db.query<{ id: string }>('select key_id as id from storages')).rows.map(
      ({ id }) => id,
    );
    await removeBucket(bucketId);
    const { drifts } = await full();
    expect(drifts).toMatchObject([
      { kind: 'storage_bucket_missing', severity: 'critical', subject: bucket, customerId },
    ]);
    await eventually(
      'staff are told',
      async () => activities('Storage bucket is gone with its files').length === 1,
    );
    expect(await lifecycleRenew([providerId], env)).toBe(0);
    const made = async () => world.systems.b2.buckets().find(({ bucketName }) => bucketName === bucket);
    await eventually('a new one', async () => (await made()) !== undefined);
    await eventually('no run is left', async () => {
      const runs = await db.query("select 1 from runs where status not in ('done', 'superseded')");
      return runs.rowCount === 0;
    });
    await eventually('nothing is known to disagree', async () => (await full()).drifts.length === 0);
    const now = await db.query<{ id: string }>('select key_id as id from storages');
    expect(keys).not.toContain(now.rows[0]!.id);
    expect((await ours()).status).toBe('active');
  });

  it('nothing is renewed for somebody who has no access', async () => {
    const { rows } = await db.query<{ id: number }>(
      "select id from subscriptions where access = 'none' limit 1",
    );
    await expect(lifecycleRenew([String(rows[0]!.id)], env)).rejects.toThrow(/409: .* is none/);
  });
});

describe('an ERP record that staff deleted', () => {
  it('is not made again: staff are told on the customer', async () => {
    const { id, providerId, customerId } = await ours();
    world.systems.odoo.staff.delete('x_stripe_subscription', recordOf(providerId)!.id);
    expect((await full('--dry-run')).pass.found).toEqual({ erp_record_gone: 1 });
    const { drifts } = await full();
    expect(drifts).toMatchObject([{ kind: 'erp_record_gone', customerId, healed: false }]);
    expect(drifts[0]!.subject).toContain(`subscription_${id}_`);
    await eventually(
      'staff are told',
      async () => activities('Subscription record was deleted').length === 1,
    );
    expect(recordOf(providerId)).toBeUndefined();
  });
});
