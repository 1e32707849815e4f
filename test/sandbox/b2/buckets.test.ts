import { beforeAll, expect, test } from 'vitest';
import { SANDBOX_KEYS } from '../../../scripts/sandbox/env.ts';
import type { World } from '../../../scripts/sandbox/world.ts';
import { startTestWorld } from '../../support/sandbox.ts';
import { type Client, connect, refusal } from './b2-client.ts';

const MASTER = { id: SANDBOX_KEYS.b2KeyId, secret: SANDBOX_KEYS.b2Key };
let world: World;
let b2: Client;

beforeAll(async () => {
  world = await startTestWorld();
  b2 = await connect(world.urls.b2, MASTER);
});

const create = async (bucketName: string, data: Record<string, unknown> = {}) =>
  (await b2.createBucket!({ bucketName, bucketType: 'allPrivate', axiosOverride: { data } })).data;

test('a bucket keeps the settings it was made with', async () => {
  const lifecycleRules = [
    { fileNamePrefix: '', daysFromHidingToDeleting: 30, daysFromUploadingToHiding: null },
  ];
  const made = await create('with-settings', {
    lifecycleRules,
    bucketInfo: { made: 'here' },
    defaultServerSideEncryption: { mode: 'SSE-B2', algorithm: 'AES256' },
  });
  const { data } = await b2.getBucket!({ bucketName: 'With-Settings' });
  expect(data.buckets).toEqual([made]);
  expect(made).toMatchObject({
    bucketName: 'with-settings',
    bucketType: 'allPrivate',
    lifecycleRules,
    bucketInfo: { made: 'here' },
    defaultServerSideEncryption: { value: { mode: 'SSE-B2', algorithm: 'AES256' } },
    revision: 1,
  });
});

test.each(['short', 'b2-reserved', 'under_score', 'x'.repeat(64)])('the name %s is refused', async (name) => {
  expect(await refusal(create(name))).toBe('400 bad_request');
});

test('a name is taken by us or by somebody else, whatever its case', async () => {
  await create('ours-already');
  world.systems.b2.takeName('theirs-already');
  expect(await refusal(create('OURS-already'))).toBe('400 duplicate_bucket_name');
  expect(await refusal(create('theirs-ALREADY'))).toBe('400 duplicate_bucket_name');
});

test('settings that make no sense are refused', async () => {
  expect(await refusal(create('bad-rules', { lifecycleRules: [{}] }))).toBe('400 bad_request');
  expect(await refusal(create('bad-encryption', { defaultServerSideEncryption: { mode: 'ROT13' } }))).toBe(
    '400 bad_request',
  );
  expect(await refusal(create('bad-type', { bucketType: 'secret' }))).toBe('400 bad_request');
});

test('an update raises the revision, and a stale one is refused', async () => {
  const { bucketId } = await create('to-update');
  const update = (data: Record<string, unknown>) =>
    b2.updateBucket!({ bucketId, bucketType: 'allPrivate', axiosOverride: { data } });
  const { data } = await update({ ifRevisionIs: 1, bucketType: 'allPublic' });
  expect(data).toMatchObject({ revision: 2, bucketType: 'allPublic' });
  expect(await refusal(update({ ifRevisionIs: 1 }))).toBe('409 conflict');
});

test('only an empty bucket is deleted', async () => {
  const { bucketId } = await create('to-delete');
  const { data: target } = await b2.getUploadUrl!({ bucketId });
  await b2.uploadFile!({
    uploadUrl: target.uploadUrl,
    uploadAuthToken: target.authorizationToken,
    fileName: 'a.txt',
    data: Buffer.from('a'),
  });
  expect(await refusal(b2.deleteBucket!({ bucketId }))).toBe('400 cannot_delete_non_empty_bucket');
  const [file] = world.systems.b2.files('to-delete');
  await b2.deleteFileVersion!({ fileId: file!.fileId, fileName: 'a.txt' });
  await b2.deleteBucket!({ bucketId });
  expect(await refusal(b2.deleteBucket!({ bucketId }))).toBe('400 bad_bucket_id');
});

test('an account holds a hundred buckets', async () => {
  world.systems.b2.fill(100 - world.systems.b2.buckets().length);
  expect(await refusal(create('one-too-many'))).toBe('400 too_many_buckets');
  expect(world.systems.b2.buckets()).toHaveLength(100);
});
