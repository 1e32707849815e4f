/** The storage steps where a project's storage is not as the run before left it: shared, lost, used by others, or none. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sweepKeys } from '../../connector/provisioning/sweep-keys.ts';
import { type SeededSale, seedRun, seedSale } from '../support/seed.ts';
import { openSteps, type Steps } from '../support/steps.ts';

let steps: Steps;
let sale: SeededSale;
let runId: string;

beforeAll(async () => {
  steps = await openSteps();
});
afterAll(() => steps?.db.close());
beforeEach(async () => {
  sale = await seedSale(steps.db);
  runId = await running(sale);
});

async function running({ subscriptionId }: SeededSale, kind = 'provision'): Promise<string> {
  const id = await seedRun(steps.db, subscriptionId, kind);
  await steps.db.query("update runs set status = 'running' where id = $1", [id]);
  return id;
}

const step = (name: Parameters<Steps['step']>[0], more: object = {}) =>
  steps.step(name, { subscriptionId: sale.subscriptionId, runId, ...more }) as Promise<
    Record<string, unknown>
  >;
const makeBucket = (more: object = {}) => steps.step('bucket', { ...sale, runId, ...more });
const makeKey = async () => {
  const bucket = await makeBucket();
  return { bucket, ...(await steps.step('storage_key', { ...sale, runId, results: { bucket } })) };
};
const rowOf = async ({ projectId } = sale) =>
  (
    await steps.db.query<{ strategy: string; keyId: string | null; keyName: string }>(
      'select strategy, key_id as "keyId", key_name as "keyName" from storages where project_id = $1',
      [projectId],
    )
  ).rows[0];
const liveKeys = async () => {
  const row = await rowOf();
  return steps.world.systems.b2.keys().filter((key) => key.keyName === row!.keyName);
};
const lifecycleOf = (bucketId: string) =>
  steps.world.systems.b2.buckets().find((bucket) => bucket.bucketId === bucketId)!.lifecycleRules;
/** Another subscription that lives on the same project. */
async function servedByAnother(): Promise<void> {
  const other = await seedSale(steps.db);
  await steps.db.query("update subscriptions set project_id = $2, access = 'provisioned' where id = $1", [
    other.subscriptionId,
    sale.projectId,
  ]);
}
async function share(prefix: string): Promise<string> {
  const { bucketId } = await makeBucket();
  await steps.db.query("update storages set strategy = 'prefix', prefix = $2 where project_id = $1", [
    sale.projectId,
    prefix,
  ]);
  return bucketId;
}
const put = (bucketId: string, fileName: string) =>
  steps.deps.storage.upload({
    bucketId,
    bucketName: 'unused',
    fileName,
    contentType: 'application/pdf',
    content: Buffer.from('%PDF-1.7'),
  });

describe('the bucket', () => {
  it('keeps every version for ever under a plan nobody describes any more', async () => {
    await steps.db.query("update subscriptions set plan_key = 'withdrawn' where id = $1", [
      sale.subscriptionId,
    ]);
    const { bucketId } = await makeBucket();
    expect(lifecycleOf(bucketId)).toEqual([]);
  });

  it('says what it meets otherwise, and stores nothing as made', async () => {
    steps.world.faults.add({ system: 'b2', operation: 'b2_create_bucket', kind: 'permanent', times: 1 });
    await expect(makeBucket()).rejects.toMatchObject({ code: 'b2_bad_request' });
    const { rows } = await steps.db.query('select bucket_id from storages where project_id = $1', [
      sale.projectId,
    ]);
    expect(rows).toEqual([{ bucket_id: null }]);
  });
});

describe('the key', () => {
  it('of somebody who returns in time is kept', async () => {
    const { bucket, keyId } = await makeKey();
    const again = await steps.step('storage_key', { ...sale, runId, results: { bucket } });
    expect(again).toEqual({ keyId });
    expect(await liveKeys()).toHaveLength(1);
  });

  it('that somebody deleted at Backblaze is made anew', async () => {
    const { bucket, keyId } = await makeKey();
    await steps.deps.storage.deleteKeys([keyId]);
    const anew = await steps.step('storage_key', { ...sale, runId, results: { bucket } });
    expect(anew.keyId).not.toBe(keyId);
    expect((await liveKeys()).map((key) => key.applicationKeyId)).toEqual([anew.keyId]);
    expect((await rowOf())!.keyId).toBe(anew.keyId);
  });

  it('is not made for a project whose records are deleted: the run stops as a defect', async () => {
    const bucket = await makeBucket();
    await steps.db.query('delete from storages where project_id = $1', [sale.projectId]);
    await expect(step('storage_key', { results: { bucket } })).rejects.toMatchObject({
      kind: 'bug',
      code: 'storage_row_missing',
    });
  });

  it('gone at the end of a run stops it: the customer holds one that opens nothing', async () => {
    const { keyId } = await makeKey();
    await steps.deps.storage.deleteKeys([keyId]);
    await expect(step('keys_checked')).rejects.toMatchObject({
      kind: 'permanent',
      code: 'storage_key_gone',
      advice: expect.stringContaining('Retrying the run makes a new one'),
    });
  });
});

describe('stray keys', () => {
  it('are swept, but not those of a project whose run is under way', async () => {
    const { bucket, keyId } = await makeKey();
    const { keyName } = (await rowOf())!;
    const stray = await steps.deps.storage.createKey({ keyName, bucketId: bucket.bucketId });
    const foreign = await steps.deps.storage.createKey({
      keyName: 'somebody-elses',
      bucketId: bucket.bucketId,
    });
    const { storage } = steps.deps;
    expect(await sweepKeys({ db: steps.db, storage })).toBe(0);
    expect(await liveKeys()).toHaveLength(2);
    await steps.db.query("update runs set status = 'needs_attention' where id = $1", [runId]);
    expect(await sweepKeys({ db: steps.db, storage })).toBe(1);
    const live = (await storage.listKeys()).map((key) => key.keyId);
    expect(live).toEqual(expect.arrayContaining([keyId, foreign.keyId]));
    expect(live).not.toContain(stray.keyId);
  });
});

describe('the end', () => {
  it.each([
    ['storage_key_read_only', 'deprovision', { keyId: null }],
    ['keys_revoked', 'archive_access', { keys: 0 }],
    ['storage_deleted', 'delete_data', { files: 0, bucket: null }],
  ] as const)('%s: a project that has no storage', async (name, kind, expected) => {
    expect(await step(name, { kind })).toEqual(expected);
  });

  it.each([
    ['storage_key_read_only', 'deprovision'],
    ['keys_revoked', 'archive_access'],
    ['storage_deleted', 'delete_data'],
    ['workspace_deleted', 'delete_data'],
  ] as const)('%s: nothing is taken from a project that another subscription uses', async (name, kind) => {
    const { bucket, keyId } = await makeKey();
    await put(bucket.bucketId, 'theirs.pdf');
    await servedByAnother();
    await expect(step(name, { kind })).rejects.toMatchObject({
      kind: 'conflict',
      code: 'project_in_use',
      advice: expect.stringContaining('lifecycle undo'),
    });
    expect((await rowOf())!.keyId).toBe(keyId);
    expect(await liveKeys()).toMatchObject([{ applicationKeyId: keyId }]);
    expect(steps.world.systems.b2.files(bucket.bucketId)).toHaveLength(1);
  });

  it('in a shared bucket deletes what is under the project’s prefix, and no bucket', async () => {
    const bucketId = await share('project-1/');
    await put(bucketId, 'project-1/mine.pdf');
    await put(bucketId, 'project-10/theirs.pdf');
    expect(await step('storage_deleted', { kind: 'delete_data' })).toEqual({ files: 1, bucket: null });
    expect(steps.world.systems.b2.files(bucketId).map((file) => file.fileName)).toEqual([
      'project-10/theirs.pdf',
    ]);
  });

  it('in a shared bucket without a prefix deletes nothing: all of it would be everybody’s', async () => {
    const bucketId = await share('');
    await put(bucketId, 'project-10/theirs.pdf');
    await expect(step('storage_deleted', { kind: 'delete_data' })).rejects.toMatchObject({
      kind: 'bug',
      code: 'storage_prefix_missing',
    });
    expect(steps.world.systems.b2.files(bucketId)).toHaveLength(1);
  });

  it('leaves a workspace that the company keeps', async () => {
    const lifecycle = { ...steps.deps.lifecycle, workspace: 'keep' as const };
    expect(await step('workspace_deleted', { kind: 'delete_data', with: { lifecycle } })).toEqual({
      folders: 0,
      files: 0,
      kept: true,
    });
  });
});

describe('an account that fills up between our count and our call', () => {
  it('has the project share a bucket from there on', async () => {
    const own = await openSteps();
    const seeded = await seedSale(own.db);
    const { world, deps } = own;
    // Ours from an earlier project; the project was counted when there was room.
    const shared = await deps.storage.ensureBucket({
      name: 'cde-shared-3f1c7c1e',
      lifecycleDays: 0,
      corsOrigin: deps.publicUrl,
    });
    const filling = {
      ...deps.storage,
      listBuckets: async () => {
        const buckets = await deps.storage.listBuckets();
        world.systems.b2.fill(100 - buckets.length);
        return buckets;
      },
    };
    const made = await own.step('bucket', {
      subscriptionId: seeded.subscriptionId,
      with: { storage: filling },
    });
    expect(made).toEqual({
      strategy: 'prefix',
      bucketId: shared.id,
      bucketName: shared.name,
      prefix: `project-${seeded.projectId}/`,
    });
    await own.db.close();
  });
});
