/** Stripe, our records, the ERP and storage come to disagree; the slow pass finds it, mends what is safe, tells the rest. */
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createB2Storage } from '../../connector/b2/storage.ts';
import { lifecycleRenew } from '../../scripts/commands/lifecycle.ts';
import { runSync } from '../../scripts/commands/sync.ts';
import { silent } from '../jobs/support.ts';
import { eventually } from '../support/connector.ts';
import { type KeepingScene, openKeeping } from './keeping-scene.ts';

let scene: KeepingScene;
beforeAll(async () => {
  scene = await openKeeping();
});
afterAll(() => scene?.close());
beforeEach(() => scene.listen());

/** As somebody at the provider's console does. */
async function removeBucket(bucketId: string): Promise<void> {
  const storage = createB2Storage({
    keyId: scene.env.B2_APPLICATION_KEY_ID!,
    key: scene.env.B2_APPLICATION_KEY!,
    apiUrl: scene.env.B2_API_URL,
    log: silent,
  });
  while ((await storage.deleteFilePage({ bucketId, prefix: '' })).more);
  await storage.deleteBucket(bucketId);
}

describe('cli sync --full', () => {
  it('finds nothing where everything agrees, and says so', async () => {
    const { pass: done, drifts } = await scene.full();
    expect(done).toMatchObject({ looked: expect.any(Number), found: {}, cause: null });
    expect(done.looked).toBeGreaterThanOrEqual(3); // one subscription, its ERP record, its storage key
    expect(drifts).toEqual([]);
    expect(await runSync(['--full'], scene.env)).toBe(0);
    expect(scene.said.join('\n')).toContain('Everything agrees.');
  });

  it('a change nobody told us of: shown by a dry run, mended by a real one', async () => {
    const { providerId } = await scene.ours();
    const subscription = scene.world.systems.stripe.subscriptions().find((each) => each.id === providerId)!;
    await scene.db.query("update subscriptions set status = 'past_due' where provider_id = $1", [providerId]);
    expect(subscription.status).toBe('active');
    const looked = await scene.full('--dry-run');
    expect(looked.pass.found).toMatchObject({ subscription_differs: 1 });
    expect(looked.pass.findings[0]).toMatchObject({
      kind: 'subscription_differs',
      subject: providerId,
      severity: 'info',
      treatment: 'mends',
    });
    scene.forget();
    expect(await runSync(['--full', '--dry-run'], scene.env)).toBe(0);
    expect(scene.said.join('\n')).toMatch(
      new RegExp(`subscription_differs +${providerId} .*here: past_due, stripe: active +would be mended`),
    );
    expect(looked.drifts).toEqual([]);
    expect((await scene.ours()).status).toBe('past_due');
    expect((await scene.full()).pass.found).toMatchObject({ subscription_differs: 1 });
    await eventually('it is mended', async () => (await scene.ours()).status === 'active');
    const later = await scene.full();
    expect(later.pass.found.subscription_differs).toBeUndefined();
    await eventually('nothing is known to disagree', async () => {
      const { drifts } = await scene.full();
      return drifts.length === 0;
    });
  });

  it('an ERP record that staff set back is written again', async () => {
    const { providerId, version } = await scene.ours();
    const record = scene.recordOf(providerId)!;
    scene.world.systems.odoo.staff.edit('x_stripe_subscription', record.id, {
      x_version: version - 1,
      x_status: 'unpaid',
    });
    expect((await scene.full()).pass.found).toEqual({ erp_behind: 1 });
    await eventually('it is written', async () => scene.recordOf(providerId)?.x_status === 'active');
  });

  it('a subscription Stripe does not have, and a storage key that is gone: staff are told until it is over', async () => {
    const { id } = await scene.ours();
    await scene.db.query(
      `insert into subscriptions (provider_id, customer_id, organisation_id, plan_key, currency, recurring_amount, status, created)
       select 'sub_nowhere', customer_id, organisation_id, plan_key, currency, recurring_amount, 'active', created
         from subscriptions where id = $1`,
      [id],
    );
    const key = await scene.db.query<{ keyId: string }>('select key_id as "keyId" from storages');
    await scene.db.query("update storages set key_id = 'gone'");
    const { drifts } = await scene.full();
    expect(drifts.map(({ kind, severity, subject }) => [kind, severity, subject]).sort()).toEqual([
      ['storage_key_missing', 'critical', expect.stringMatching(/^cde-/)],
      ['subscription_missing', 'critical', 'sub_nowhere'],
    ]);
    const told = [
      'Subscription is not at Stripe',
      'Storage key is gone: the customer cannot reach the storage',
    ];
    await eventually('staff are told', async () =>
      told.every((summary) => scene.activities(summary).length === 1),
    );
    scene.forget();
    expect(await runSync(['--full'], scene.env)).toBe(0);
    expect(scene.said.join('\n')).toMatch(/For a person:.*sub_nowhere/s);
    expect(told.map((summary) => scene.activities(summary).length)).toEqual([1, 1]);

    await scene.db.query("delete from subscriptions where provider_id = 'sub_nowhere'");
    await scene.db.query('update storages set key_id = $1', [key.rows[0]!.keyId]);
    expect((await scene.full()).drifts).toEqual([]);
    await eventually('the activities are gone', async () =>
      told.every((each) => scene.activities(each).length === 0),
    );
  });

  it('a dry run looks at the ERP and storage too, and leaves both and our records alone', async () => {
    const { id, providerId, version } = await scene.ours();
    const record = scene.recordOf(providerId)!;
    scene.world.systems.odoo.staff.edit('x_stripe_subscription', record.id, { x_version: version - 1 });
    const key = await scene.db.query<{ keyId: string }>('select key_id as "keyId" from storages');
    await scene.db.query("update storages set key_id = 'gone'");
    const { pass: looked, drifts } = await scene.full('--dry-run');
    expect(looked.found).toEqual({ erp_behind: 1, storage_key_missing: 1 });
    expect(looked.findings.map(({ kind, treatment }) => [kind, treatment])).toEqual([
      ['erp_behind', 'mends'],
      ['storage_key_missing', 'tells'],
    ]);
    expect(drifts).toEqual([]);
    expect((await scene.ours()).version).toBe(version);
    const waiting = await scene.db.query('select 1 from erp_outbox where external_id like $1', [
      `%subscription_${id}_%`,
    ]);
    expect(waiting.rowCount).toBe(0);
    await scene.db.query('update storages set key_id = $1', [key.rows[0]!.keyId]);
    await scene.full();
    await eventually('it is written', async () => scene.recordOf(providerId)?.x_version === version);
  });

  it('is not told two things at once', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => {});
    expect(await runSync(['cus_1', '--full'], scene.env)).toBe(2);
  });
});

describe('a bucket somebody deleted at the storage provider', () => {
  it('is told, and made anew when an operator asks for it', async () => {
    const { providerId, customerId } = await scene.ours();
    const { bucketId, bucket } = (
      await scene.db.query<{ bucketId: string; bucket: string }>(
        'select bucket_id as "bucketId", bucket_name as bucket from storages',
      )
    ).rows[0]!;
    const keys = (await scene.db.query<{ id: string }>('select key_id as id from storages')).rows.map(
      ({ id }) => id,
    );
    await removeBucket(bucketId);
    const { drifts } = await scene.full();
    expect(drifts).toMatchObject([
      { kind: 'storage_bucket_missing', severity: 'critical', subject: bucket, customerId },
    ]);
    await eventually(
      'staff are told',
      async () => scene.activities('Storage bucket is gone with its files').length === 1,
    );
    expect(await lifecycleRenew([providerId], scene.env)).toBe(0);
    const made = async () => scene.world.systems.b2.buckets().find(({ bucketName }) => bucketName === bucket);
    await eventually('a new one', async () => (await made()) !== undefined);
    await eventually('no run is left', async () => {
      const runs = await scene.db.query("select 1 from runs where status not in ('done', 'superseded')");
      return runs.rowCount === 0;
    });
    await eventually('nothing is known to disagree', async () => (await scene.full()).drifts.length === 0);
    const now = await scene.db.query<{ id: string }>('select key_id as id from storages');
    expect(keys).not.toContain(now.rows[0]!.id);
    expect((await scene.ours()).status).toBe('active');
  });
});

describe('an ERP record that staff deleted', () => {
  it('is not made again: staff are told on the customer', async () => {
    const { id, providerId, customerId } = await scene.ours();
    scene.world.systems.odoo.staff.delete('x_stripe_subscription', scene.recordOf(providerId)!.id);
    expect((await scene.full('--dry-run')).pass.found).toEqual({ erp_record_gone: 1 });
    const { drifts } = await scene.full();
    expect(drifts).toMatchObject([{ kind: 'erp_record_gone', customerId, healed: false }]);
    expect(drifts[0]!.subject).toContain(`subscription_${id}_`);
    await eventually(
      'staff are told',
      async () => scene.activities('Subscription record was deleted').length === 1,
    );
    expect(scene.recordOf(providerId)).toBeUndefined();
  });
});
