/** What the connector relies on at Backblaze: on the real service when B2_APPLICATION_KEY_ID is set, else on the sandbox. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createB2Storage } from '../../../connector/b2/storage.ts';
import { createLog } from '../../../connector/log.ts';
import type { ObjectStorage } from '../../../connector/provisioning/ports.ts';
import { startTestWorld } from '../../support/sandbox.ts';
import { type Native, openNative } from './native.ts';

const log = createLog({ level: 'silent' });
const unique = randomBytes(5).toString('hex');
const name = `cde-contract-${unique}`;
const keyName = `cde-contract-${unique}`;
let settings: { keyId: string; key: string; apiUrl: string | undefined };
let storage: ObjectStorage;
let native: Native;
let bucket: { id: string; name: string };

const open = (change: { keyId?: string; key?: string } = {}) =>
  createB2Storage({ ...settings, ...change, log });
const file = (text: string, fileName = 'documents/Plan d’exécution.pdf') => ({
  bucketId: bucket.id,
  bucketName: bucket.name,
  fileName,
  contentType: 'application/pdf',
  content: Buffer.from(text),
});

beforeAll(async () => {
  const env = process.env.B2_APPLICATION_KEY_ID ? process.env : (await startTestWorld()).env;
  settings = { keyId: env.B2_APPLICATION_KEY_ID!, key: env.B2_APPLICATION_KEY!, apiUrl: env.B2_API_URL };
  native = await openNative(settings);
  storage = open();
  bucket = await storage.ensureBucket({ name, lifecycleDays: 7, corsOrigin: 'https://connect.example.com' });
});

afterAll(async () => {
  if (bucket === undefined) return;
  await storage.deleteKeys((await storage.listKeys({ keyName })).map((key) => key.keyId));
  const { files } = await native.call<{ files: { fileName: string; fileId: string }[] }>(
    'b2_list_file_versions',
    {
      bucketId: bucket.id,
    },
  );
  for (const { fileName, fileId } of files) await native.call('b2_delete_file_version', { fileName, fileId });
  await native.call('b2_delete_bucket', { accountId: native.accountId, bucketId: bucket.id });
});

test('the account is named, and where its S3 tools go', async () => {
  expect(await storage.account()).toEqual({
    accountId: native.accountId,
    s3Endpoint: expect.stringMatching(/^https?:\/\//),
  });
});

test('a bucket is private and encrypted, with lifecycle and CORS as asked for', async () => {
  const { buckets } = await native.call<{ buckets: unknown[] }>('b2_list_buckets', {
    accountId: native.accountId,
    bucketId: bucket.id,
  });
  expect(buckets).toEqual([
    expect.objectContaining({
      bucketName: name,
      bucketType: 'allPrivate',
      lifecycleRules: [expect.objectContaining({ fileNamePrefix: '', daysFromHidingToDeleting: 7 })],
      corsRules: [expect.objectContaining({ allowedOrigins: ['https://connect.example.com'] })],
      defaultServerSideEncryption: expect.objectContaining({
        value: expect.objectContaining({ mode: 'SSE-B2', algorithm: 'AES256' }),
      }),
    }),
  ]);
});

test('the same bucket asked for again is the same bucket', async () => {
  expect(
    await storage.ensureBucket({ name, lifecycleDays: 7, corsOrigin: 'https://connect.example.com' }),
  ).toEqual(bucket);
  expect(await storage.listBuckets()).toContainEqual(bucket);
});

test('a file is stored once for the same bytes', async () => {
  const first = await storage.upload(file('%PDF-1.7 a'));
  expect(await storage.upload(file('%PDF-1.7 a'))).toEqual(first);
  expect((await storage.upload(file('%PDF-1.7 b'))).fileId).not.toBe(first.fileId);
});

test('a key opens its bucket and prefix alone, and a deleted one nothing', async () => {
  const old = await storage.createKey({ keyName, bucketId: bucket.id });
  const made = await storage.createKey({ keyName, bucketId: bucket.id, namePrefix: 'project-1/' });
  const customer = open({ keyId: made.keyId, key: made.applicationKey });
  await customer.upload(file('%PDF-1.7', 'project-1/a.pdf'));
  await expect(customer.upload(file('%PDF-1.7', 'project-10/a.pdf'))).rejects.toMatchObject({
    kind: 'permanent',
    code: 'b2_unauthorized',
  });
  await expect(customer.listBuckets()).rejects.toMatchObject({ code: 'b2_unauthorized' });
  await storage.deleteKeys([old.keyId]);
  await expect(open({ keyId: old.keyId, key: old.applicationKey }).account()).rejects.toMatchObject({
    code: 'b2_unauthorized',
  });
});

test('a read-only key reads and does not write', async () => {
  const made = await storage.createKey({ keyName, bucketId: bucket.id, readOnly: true });
  await expect(
    open({ keyId: made.keyId, key: made.applicationKey }).upload(file('%PDF-1.7')),
  ).rejects.toMatchObject({
    code: 'b2_unauthorized',
  });
});

test('how long deleted files stay is changed later, and the rest of the bucket stands', async () => {
  await storage.setLifecycle({ bucketId: bucket.id, lifecycleDays: 30 });
  const { buckets } = await native.call<{ buckets: unknown[] }>('b2_list_buckets', {
    accountId: native.accountId,
    bucketId: bucket.id,
  });
  expect(buckets).toEqual([
    expect.objectContaining({
      bucketType: 'allPrivate',
      lifecycleRules: [expect.objectContaining({ daysFromHidingToDeleting: 30 })],
      corsRules: [expect.objectContaining({ allowedOrigins: ['https://connect.example.com'] })],
    }),
  ]);
});

test('a read-only key in the place of the writing one: the old one ends, files are still read', async () => {
  const replaced = `${keyName}-ro`;
  const old = await storage.createKey({ keyName: replaced, bucketId: bucket.id });
  const made = await storage.createKey({ keyName: replaced, bucketId: bucket.id, readOnly: true });
  await storage.deleteKeys([old.keyId]);
  expect(await storage.listKeys({ keyName: replaced })).toEqual([{ keyId: made.keyId, keyName: replaced }]);
  const customer = await openNative({ ...settings, keyId: made.keyId, key: made.applicationKey });
  await customer.call('b2_list_file_versions', { bucketId: bucket.id });
  await expect(
    customer.call('b2_hide_file', { bucketId: bucket.id, fileName: 'documents/Plan d’exécution.pdf' }),
  ).rejects.toThrow(/401/);
  await storage.deleteKeys([made.keyId]);
});

test('deletion under a prefix takes every version, hidden and unfinished ones too, and nothing else', async () => {
  const inside = 'project-7/';
  await storage.upload(file('%PDF-1.7 one', `${inside}a.pdf`));
  await storage.upload(file('%PDF-1.7 two', `${inside}a.pdf`));
  await storage.upload(file('%PDF-1.7 b', `${inside}b.pdf`));
  await native.call('b2_hide_file', { bucketId: bucket.id, fileName: `${inside}b.pdf` });
  await native.call('b2_start_large_file', {
    bucketId: bucket.id,
    fileName: `${inside}big.ifc`,
    contentType: 'b2/x-auto',
  });
  const kept = await storage.upload(file('%PDF-1.7 c', 'project-77/c.pdf'));
  const used = await storage.usedBytes({ bucketId: bucket.id, prefix: inside, pages: 5 });
  expect(used).toEqual({ bytes: 34, complete: true });
  await expect(storage.deleteBucket(bucket.id)).rejects.toMatchObject({
    kind: 'conflict',
    code: 'b2_bucket_not_empty',
  });
  expect(await storage.deleteFilePage({ bucketId: bucket.id, prefix: inside })).toEqual({
    deleted: 5,
    more: false,
  });
  expect(await storage.deleteFilePage({ bucketId: bucket.id, prefix: inside })).toEqual({
    deleted: 0,
    more: false,
  });
  const { files } = await native.call<{ files: { fileId: string }[] }>('b2_list_file_versions', {
    bucketId: bucket.id,
    prefix: 'project-7',
  });
  expect(files.map(({ fileId }) => fileId)).toEqual([kept.fileId]);
});

test('an emptied bucket is deleted, and deleting it again is no error', async () => {
  const other = await storage.ensureBucket({
    name: `${name}-gone`,
    lifecycleDays: 0,
    corsOrigin: 'https://connect.example.com',
  });
  await storage.deleteBucket(other.id);
  await storage.deleteBucket(other.id);
  expect(await storage.deleteFilePage({ bucketId: other.id, prefix: '' })).toEqual({
    deleted: 0,
    more: false,
  });
  expect((await storage.listBuckets()).some(({ id }) => id === other.id)).toBe(false);
});
