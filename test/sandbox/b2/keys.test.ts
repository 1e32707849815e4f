import { beforeAll, expect, test } from 'vitest';
import { SANDBOX_KEYS } from '../../../scripts/sandbox/env.ts';
import type { World } from '../../../scripts/sandbox/world.ts';
import { startTestWorld } from '../../support/sandbox.ts';
import { type Client, connect, refusal } from './b2-client.ts';

const MASTER = { id: SANDBOX_KEYS.b2KeyId, secret: SANDBOX_KEYS.b2Key };
const READ = ['listBuckets', 'listFiles', 'readFiles'];
let world: World;
let b2: Client;
let ours: string;
let theirs: string;

beforeAll(async () => {
  world = await startTestWorld();
  b2 = await connect(world.urls.b2, MASTER);
  const make = async (bucketName: string) =>
    String((await b2.createBucket!({ bucketName, bucketType: 'allPrivate' })).data.bucketId);
  ours = await make('our-bucket');
  theirs = await make('their-bucket');
  await put(b2, ours, 'project-1/plan.txt');
  await put(b2, ours, 'project-10/plan.txt');
  await put(b2, theirs, 'secret.txt');
});

async function put(client: Client, bucketId: string, fileName: string): Promise<unknown> {
  const { data } = await client.getUploadUrl!({ bucketId });
  return client.uploadFile!({
    uploadUrl: data.uploadUrl,
    uploadAuthToken: data.authorizationToken,
    fileName,
    data: Buffer.from(fileName),
  });
}

async function keyFor(args: Record<string, unknown>) {
  const { data } = await b2.createKey!({ keyName: 'restricted', capabilities: READ, ...args });
  const secret = String(data.applicationKey);
  return {
    id: String(data.applicationKeyId),
    secret,
    client: await connect(world.urls.b2, { id: String(data.applicationKeyId), secret }),
  };
}

test('a wrong key opens nothing', async () => {
  expect(await refusal(connect(world.urls.b2, { ...MASTER, secret: 'wrong' }))).toBe('401 unauthorized');
});

test('a key restricted to a bucket lists and reads that one alone', async () => {
  const { client } = await keyFor({ bucketId: ours });
  expect(await refusal(client.listBuckets!())).toBe('401 unauthorized');
  expect((await client.getBucket!({ bucketId: ours })).data.buckets).toHaveLength(1);
  expect(await refusal(client.getBucket!({ bucketName: 'their-bucket' }))).toBe('401 unauthorized');
  expect(await refusal(client.listFileNames!({ bucketId: theirs }))).toBe('401 unauthorized');
  const [secret] = world.systems.b2.files('their-bucket');
  expect(await refusal(client.downloadFileById!({ fileId: secret!.fileId }))).toBe('401 unauthorized');
  expect(
    await refusal(client.downloadFileByName!({ bucketName: 'their-bucket', fileName: 'secret.txt' })),
  ).toBe('401 unauthorized');
});

test('a read-only key writes nothing', async () => {
  const { client } = await keyFor({ bucketId: ours });
  expect(await refusal(client.getUploadUrl!({ bucketId: ours }))).toBe('401 unauthorized');
  expect(await refusal(client.hideFile!({ bucketId: ours, fileName: 'project-1/plan.txt' }))).toBe(
    '401 unauthorized',
  );
  expect(await refusal(client.createBucket!({ bucketName: 'by-reader', bucketType: 'allPrivate' }))).toBe(
    '401 unauthorized',
  );
  expect(await refusal(client.createKey!({ keyName: 'x', capabilities: READ }))).toBe('401 unauthorized');
});

test('a key restricted to a prefix ends there', async () => {
  const { client } = await keyFor({
    bucketId: ours,
    namePrefix: 'project-1/',
    capabilities: [...READ, 'writeFiles'],
  });
  const { data } = await client.listFileNames!({ bucketId: ours, prefix: 'project-1/' });
  expect(data.files).toMatchObject([{ fileName: 'project-1/plan.txt' }]);
  expect(await refusal(client.listFileNames!({ bucketId: ours }))).toBe('401 unauthorized');
  expect(await refusal(put(client, ours, 'project-10/mine.txt'))).toBe('401 unauthorized');
  await put(client, ours, 'project-1/mine.txt');
  expect(
    await refusal(client.downloadFileByName!({ bucketName: 'our-bucket', fileName: 'project-10/plan.txt' })),
  ).toBe('401 unauthorized');
});

test('the secret is shown once, and a key says what it may', async () => {
  const { id } = await keyFor({ keyName: 'shown-once', bucketId: ours });
  const { data } = await b2.listKeys!({ maxKeyCount: 1000 });
  const key = (data.keys as Record<string, unknown>[]).find((listed) => listed.applicationKeyId === id);
  expect(key).toMatchObject({ keyName: 'shown-once', bucketId: ours, namePrefix: null, capabilities: READ });
  expect(key).not.toHaveProperty('applicationKey');
  expect(JSON.stringify(world.systems.b2.keys())).not.toContain('"applicationKey"');
});

test('keys are listed by pages', async () => {
  for (const keyName of ['page-1', 'page-2', 'page-3']) await keyFor({ keyName });
  const names: unknown[] = [];
  let startApplicationKeyId: unknown;
  do {
    const { data } = await b2.listKeys!({ maxKeyCount: 2, startApplicationKeyId });
    names.push(...(data.keys as { keyName: string }[]).map((key) => key.keyName));
    startApplicationKeyId = data.nextApplicationKeyId;
  } while (startApplicationKeyId !== null);
  expect(names).toHaveLength(world.systems.b2.keys().length);
  expect(names.slice(-3)).toEqual(['page-1', 'page-2', 'page-3']);
});

test('a deleted key and its tokens open nothing any more', async () => {
  const { id, secret, client } = await keyFor({ bucketId: ours });
  await b2.deleteKey!({ applicationKeyId: id });
  expect(await refusal(client.listFileNames!({ bucketId: ours }))).toBe('401 bad_auth_token');
  expect(await refusal(connect(world.urls.b2, { id, secret }))).toBe('401 unauthorized');
  expect(await refusal(b2.deleteKey!({ applicationKeyId: id }))).toBe('400 bad_request');
});

test.each([
  ['no name', { keyName: '' }],
  ['an unknown capability', { capabilities: ['fly'] }],
  ['no capability', { capabilities: [] }],
  ['a prefix without a bucket', { namePrefix: 'x/' }],
  ['key rights in one bucket', { bucketId: 'OURS', capabilities: ['writeKeys'] }],
  ['a life of four years', { validDurationInSeconds: 1461 * 86_400 }],
])('a key with %s is refused', async (_what, args) => {
  const bucketId = 'bucketId' in args ? ours : undefined;
  expect(await refusal(keyFor({ ...args, bucketId }))).toBe('400 bad_request');
});

test('a key ends at its time, a token after a day', async () => {
  const short = await keyFor({ bucketId: ours, validDurationInSeconds: 60 });
  const long = await keyFor({ bucketId: ours });
  await world.clock.advance(61_000);
  expect(await refusal(short.client.listFileNames!({ bucketId: ours }))).toBe('401 bad_auth_token');
  await long.client.listFileNames!({ bucketId: ours });
  await world.clock.advance(86_400_000);
  expect(await refusal(long.client.listFileNames!({ bucketId: ours }))).toBe('401 expired_auth_token');
  b2 = await connect(world.urls.b2, MASTER);
  world.systems.b2.expireTokens();
  expect(await refusal(b2.listKeys!())).toBe('401 expired_auth_token');
  b2 = await connect(world.urls.b2, MASTER);
});
