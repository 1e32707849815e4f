import { beforeAll, beforeEach, expect, it } from 'vitest';
import { createB2Storage } from '../../connector/b2/storage.ts';
import { ConnectorError } from '../../connector/errors.ts';
import { createLog } from '../../connector/log.ts';
import type { ObjectStorage } from '../../connector/provisioning/ports.ts';
import type { World } from '../../scripts/sandbox/world.ts';
import { startTestWorld } from '../support/sandbox.ts';

let world: World;
let storage: ObjectStorage;
let names = 0;

const open = (change: { keyId?: string; key?: string; apiUrl?: string; timeoutMs?: number } = {}) =>
  createB2Storage({
    keyId: world.env.B2_APPLICATION_KEY_ID!,
    key: world.env.B2_APPLICATION_KEY!,
    apiUrl: world.env.B2_API_URL,
    log: createLog({ level: 'silent' }),
    ...change,
  });

const fresh = () => {
  names += 1;
  return { name: `cde-test-${names}`, lifecycleDays: 30, corsOrigin: 'https://connect.example.com' };
};
const file = (bucketId: string, change: { fileName?: string; text?: string } = {}) => ({
  bucketId,
  bucketName: 'unused',
  fileName: change.fileName ?? 'documents/Plan d’exécution +1.pdf',
  contentType: 'application/pdf',
  content: Buffer.from(change.text ?? '%PDF-1.7 text'),
});
const caught = async (work: Promise<unknown>): Promise<ConnectorError> => {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(ConnectorError);
  return error as ConnectorError;
};

beforeAll(async () => {
  world = await startTestWorld();
});
beforeEach(() => {
  world.faults.clear();
  storage = open();
});

it('names the account and its S3 address', async () => {
  expect(await storage.account()).toEqual({
    accountId: world.systems.b2.accountId(),
    s3Endpoint: expect.stringMatching(/^https?:/),
  });
});

it('makes a private, encrypted bucket with lifecycle and CORS in one call', async () => {
  await storage.account();
  world.counts.reset();
  const input = fresh();
  const bucket = await storage.ensureBucket(input);
  expect(world.counts.of('b2')).toBe(1);
  const stored = world.systems.b2.buckets().find((each) => each.bucketId === bucket.id)!;
  expect(stored).toMatchObject({
    bucketName: input.name,
    bucketType: 'allPrivate',
    defaultServerSideEncryption: { mode: 'SSE-B2', algorithm: 'AES256' },
    lifecycleRules: [{ fileNamePrefix: '', daysFromHidingToDeleting: 30 }],
    corsRules: [{ allowedOrigins: ['https://connect.example.com'] }],
  });
  expect(await storage.listBuckets()).toContainEqual(bucket);
});

it('keeps every version where the lifecycle is nought days', async () => {
  const bucket = await storage.ensureBucket({ ...fresh(), lifecycleDays: 0 });
  expect(world.systems.b2.buckets().find((each) => each.bucketId === bucket.id)!.lifecycleRules).toEqual([]);
});

it('returns the bucket that is ours already, and says when a name is somebody else’s', async () => {
  const input = fresh();
  const first = await storage.ensureBucket(input);
  expect(await storage.ensureBucket(input)).toEqual(first);
  world.systems.b2.takeName('cde-taken-name');
  const error = await caught(storage.ensureBucket({ ...fresh(), name: 'cde-taken-name' }));
  expect(error).toMatchObject({ kind: 'conflict', code: 'b2_bucket_name_taken' });
});

it('makes a key restricted to bucket and prefix, beside those of its name', async () => {
  const bucket = await storage.ensureBucket(fresh());
  const first = await storage.createKey({ keyName: 'cde-p1-x', bucketId: bucket.id });
  world.counts.reset();
  const second = await storage.createKey({
    keyName: 'cde-p1-x',
    bucketId: bucket.id,
    namePrefix: 'project-1/',
    readOnly: true,
  });
  expect(world.counts.of('b2')).toBe(1);
  const named = await storage.listKeys({ keyName: 'cde-p1-x' });
  expect(named.map((key) => key.keyId).sort()).toEqual([first.keyId, second.keyId].sort());
  await storage.deleteKeys([first.keyId, first.keyId]);
  const live = world.systems.b2.keys().filter((key) => key.keyName === 'cde-p1-x');
  expect(live).toEqual([
    expect.objectContaining({
      applicationKeyId: second.keyId,
      bucketId: bucket.id,
      namePrefix: 'project-1/',
      capabilities: ['listBuckets', 'listFiles', 'readFiles'],
    }),
  ]);
  expect(second.keyId).not.toBe(first.keyId);
  // The key itself works, and for nothing else.
  const customer = open({ keyId: second.keyId, key: second.applicationKey });
  expect(await caught(customer.listBuckets())).toMatchObject({ kind: 'permanent', code: 'b2_unauthorized' });
});

it('a key opens its bucket', async () => {
  const bucket = await storage.ensureBucket(fresh());
  const made = await storage.createKey({ keyName: 'cde-p2-x', bucketId: bucket.id });
  const customer = open({ keyId: made.keyId, key: made.applicationKey });
  await customer.upload(file(bucket.id));
  expect(world.systems.b2.files(bucket.id)).toHaveLength(1);
});

it('lists every live key, and deletes those named', async () => {
  const bucket = await storage.ensureBucket(fresh());
  const { keyId } = await storage.createKey({ keyName: 'cde-p3-x', bucketId: bucket.id });
  expect(await storage.listKeys()).toContainEqual({ keyId, keyName: 'cde-p3-x' });
  await storage.deleteKeys([keyId]);
  expect(world.systems.b2.keys().filter((key) => key.keyName === 'cde-p3-x')).toEqual([]);
});

it('uploads once: the same bytes are not sent again, others become a new version', async () => {
  const bucket = await storage.ensureBucket(fresh());
  world.counts.reset();
  const first = await storage.upload(file(bucket.id));
  expect(world.counts.of('b2')).toBe(3);
  expect(await storage.upload(file(bucket.id))).toEqual(first);
  expect(world.counts.of('b2', 'b2_upload_file')).toBe(1);
  expect(Buffer.from(world.systems.b2.content(first.fileId)!).toString()).toBe('%PDF-1.7 text');
  const other = await storage.upload(file(bucket.id, { text: '%PDF-1.7 other' }));
  expect(other.fileId).not.toBe(first.fileId);
  expect(first.fileName).toBe('documents/Plan d’exécution +1.pdf');
});

it('takes no longer name for the same file', async () => {
  const bucket = await storage.ensureBucket(fresh());
  await storage.upload(file(bucket.id, { fileName: 'a.pdf.sig' }));
  await storage.upload(file(bucket.id, { fileName: 'a.pdf' }));
  expect(world.systems.b2.files(bucket.id).map((each) => each.fileName)).toEqual(['a.pdf', 'a.pdf.sig']);
});

it('says when the account is full, unless the bucket is ours already', async () => {
  const full = await startTestWorld();
  const inFull = createB2Storage({
    keyId: full.env.B2_APPLICATION_KEY_ID!,
    key: full.env.B2_APPLICATION_KEY!,
    apiUrl: full.env.B2_API_URL,
    log: createLog({ level: 'silent' }),
  });
  const ours = await inFull.ensureBucket(fresh());
  full.systems.b2.fill(99);
  expect(await caught(inFull.ensureBucket(fresh()))).toMatchObject({
    kind: 'permanent',
    code: 'b2_bucket_limit',
  });
  expect(await inFull.ensureBucket({ ...fresh(), name: ours.name })).toEqual(ours);
});

it('authorises once for many calls, also at once, and anew when the session ends', async () => {
  world.counts.reset();
  await Promise.all([storage.listBuckets(), storage.listBuckets(), storage.account()]);
  expect(world.counts.of('b2', 'b2_authorize_account')).toBe(1);
  world.systems.b2.expireTokens();
  await Promise.all([storage.listBuckets(), storage.listBuckets(), storage.listBuckets()]);
  expect(world.counts.of('b2', 'b2_authorize_account')).toBe(2);
});

it('recovers when the session ends under an upload', async () => {
  const bucket = await storage.ensureBucket(fresh());
  world.faults.add({ system: 'b2', operation: 'b2_upload_file', kind: 'expired_token', times: 1 });
  await storage.upload(file(bucket.id));
  expect(world.systems.b2.files(bucket.id)).toHaveLength(1);
});

it('does not accept a wrong key, and never repeats the secret', async () => {
  const error = await caught(open({ key: 'K005-wrong-secret-value' }).listBuckets());
  expect(error).toMatchObject({ kind: 'permanent', code: 'b2_unauthorized' });
  expect(error.advice).toMatch(/B2_APPLICATION_KEY/);
  expect(JSON.stringify([error, String(error), error.stack, error.cause, error.details])).not.toMatch(
    /K005-wrong|Basic |Authorization/,
  );
});

it('comes back to life after an authorisation that failed', async () => {
  world.faults.add({ system: 'b2', operation: 'b2_authorize_account', kind: 'server_error', times: 1 });
  expect(await caught(storage.listBuckets())).toMatchObject({ kind: 'retryable', code: 'b2_server_error' });
  expect(Array.isArray(await storage.listBuckets())).toBe(true);
});
