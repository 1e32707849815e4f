import { createHash } from 'node:crypto';
import { beforeAll, expect, test } from 'vitest';
import { SANDBOX_KEYS } from '../../../scripts/sandbox/env.ts';
import type { World } from '../../../scripts/sandbox/world.ts';
import { startTestWorld } from '../../support/sandbox.ts';
import { type Client, connect, refusal } from './b2-client.ts';

let world: World;
let b2: Client;
let bucketId: string;

beforeAll(async () => {
  world = await startTestWorld();
  b2 = await connect(world.urls.b2, { id: SANDBOX_KEYS.b2KeyId, secret: SANDBOX_KEYS.b2Key });
  bucketId = await bucket('files-here');
});

async function bucket(bucketName: string, bucketType = 'allPrivate'): Promise<string> {
  return String((await b2.createBucket!({ bucketName, bucketType })).data.bucketId);
}

async function put(fileName: string, content: string, more: Record<string, unknown> = {}, into = bucketId) {
  const { data } = await b2.getUploadUrl!({ bucketId: into });
  const answer = await b2.uploadFile!({
    uploadUrl: data.uploadUrl,
    uploadAuthToken: data.authorizationToken,
    fileName,
    data: Buffer.from(content),
    ...more,
  });
  return answer.data;
}

const names = (answer: { data: Record<string, unknown> }) =>
  (answer.data.files as { fileName: string }[]).map((file) => file.fileName);

test('a file comes back as it went, under a name of any script', async () => {
  const fileName = 'Éléments/مخطط 🏗 100%+.pdf';
  const stored = await put(fileName, 'bytes', { info: { author: 'someone' } });
  expect(stored).toMatchObject({
    fileName,
    action: 'upload',
    contentType: 'application/pdf',
    contentLength: 5,
    contentSha1: createHash('sha1').update('bytes').digest('hex'),
    fileInfo: { author: 'someone' },
  });
  const byName = await b2.downloadFileByName!({ bucketName: 'files-here', fileName, responseType: 'text' });
  expect(byName.data).toBe('bytes');
  const byId = await b2.downloadFileById!({ fileId: stored.fileId, responseType: 'text' });
  expect(byId.data).toBe('bytes');
  expect(Buffer.from(world.systems.b2.content(String(stored.fileId))!).toString()).toBe('bytes');
});

test('bytes that do not match their SHA-1 are refused and nothing is kept', async () => {
  expect(await refusal(put('wrong.txt', 'a', { hash: '0'.repeat(40) }))).toBe('400 bad_request');
  expect(world.systems.b2.files('files-here').map((file) => file.fileName)).not.toContain('wrong.txt');
});

test.each(['/leading', 'trailing/', 'double//slash', 'line\nbreak', 'x'.repeat(1025)])(
  'the file name %j is refused',
  async (fileName) => {
    expect(await refusal(put(fileName, 'a'))).toBe('400 bad_request');
  },
);

test('the same name again is a second version; the newest is the one listed', async () => {
  const first = await put('twice.txt', 'one');
  const second = await put('twice.txt', 'two');
  const listed = await b2.listFileNames!({ bucketId, prefix: 'twice' });
  expect((listed.data.files as { fileId: string }[]).map((file) => file.fileId)).toEqual([second.fileId]);
  const versions = await b2.listFileVersions!({ bucketId, startFileName: 'twice.txt' });
  const twice = (versions.data.files as { fileName: string; fileId: string }[]).filter(
    (file) => file.fileName === 'twice.txt',
  );
  expect(twice.map((file) => file.fileId)).toEqual([second.fileId, first.fileId]);
});

test('a hidden file is not listed and not read, and comes back when the mark is deleted', async () => {
  const { fileId } = await put('hidden.txt', 'here');
  expect(await refusal(b2.hideFile!({ bucketId, fileName: 'never.txt' }))).toBe('400 no_such_file');
  const { data: mark } = await b2.hideFile!({ bucketId, fileName: 'hidden.txt' });
  expect(mark.action).toBe('hide');
  expect(await refusal(b2.hideFile!({ bucketId, fileName: 'hidden.txt' }))).toBe('400 already_hidden');
  expect(names(await b2.listFileNames!({ bucketId, prefix: 'hidden' }))).toEqual([]);
  const read = () => b2.downloadFileByName!({ bucketName: 'files-here', fileName: 'hidden.txt' });
  expect(await refusal(read())).toBe('404 not_found');
  await b2.deleteFileVersion!({ fileId: mark.fileId, fileName: 'hidden.txt' });
  expect((await read()).data).toBe('here');
  await b2.deleteFileVersion!({ fileId, fileName: 'hidden.txt' });
  expect(await refusal(b2.deleteFileVersion!({ fileId, fileName: 'hidden.txt' }))).toBe(
    '400 file_not_present',
  );
  expect(await refusal(b2.getFileInfo!({ fileId }))).toBe('404 not_found');
});

test('listings go by pages, prefixes and folders', async () => {
  const into = await bucket('for-listing');
  for (const name of ['b/2.txt', 'a.txt', 'b/1.txt', 'c.txt']) await put(name, name, {}, into);
  const seen: string[] = [];
  let startFileName: unknown;
  do {
    const answer = await b2.listFileNames!({ bucketId: into, maxFileCount: 3, startFileName });
    seen.push(...names(answer));
    startFileName = answer.data.nextFileName;
  } while (startFileName !== null);
  expect(seen).toEqual(['a.txt', 'b/1.txt', 'b/2.txt', 'c.txt']);
  expect(names(await b2.listFileNames!({ bucketId: into, prefix: 'b/' }))).toEqual(['b/1.txt', 'b/2.txt']);
  expect(names(await b2.listFileNames!({ bucketId: into, delimiter: '/' }))).toEqual([
    'a.txt',
    'b/',
    'c.txt',
  ]);
  const versions = await b2.listFileVersions!({ bucketId: into, maxFileCount: 2 });
  const { nextFileName, nextFileId } = versions.data;
  const rest = await b2.listFileVersions!({
    bucketId: into,
    startFileName: nextFileName,
    startFileId: nextFileId,
  });
  expect([...names(versions), ...names(rest)]).toEqual(seen);
});

test('a private bucket opens by a download authorisation for its prefix, for its time', async () => {
  await put('shared/a.txt', 'shared');
  const { data } = await b2.getDownloadAuthorization!({
    bucketId,
    fileNamePrefix: 'shared/',
    validDurationInSeconds: 60,
  });
  const get = (path: string) =>
    fetch(`${world.urls.b2}/file/files-here/${path}?Authorization=${data.authorizationToken}`);
  expect(await (await get('shared/a.txt')).text()).toBe('shared');
  expect((await get('twice.txt')).status).toBe(401);
  expect((await fetch(`${world.urls.b2}/file/files-here/shared/a.txt`)).status).toBe(401);
  await world.clock.advance(61_000);
  expect(await (await get('shared/a.txt')).json()).toMatchObject({ code: 'expired_auth_token' });
});

test('a public bucket is read by anybody, also in part', async () => {
  const into = await bucket('public-files', 'allPublic');
  await put('open.txt', '0123456789', {}, into);
  const url = `${world.urls.b2}/file/public-files/open.txt`;
  expect(await (await fetch(url)).text()).toBe('0123456789');
  const part = await fetch(url, { headers: { range: 'bytes=2-4' } });
  expect([part.status, part.headers.get('content-range'), await part.text()]).toEqual([
    206,
    'bytes 2-4/10',
    '234',
  ]);
  expect((await fetch(url, { headers: { range: 'bytes=10-' } })).status).toBe(416);
  const head = await fetch(url, { method: 'HEAD' });
  expect([head.headers.get('content-length'), await head.text()]).toEqual(['10', '']);
});

test('an upload token is good for its own address and for nothing else', async () => {
  const other = await bucket('other-bucket');
  const { data } = await b2.getUploadUrl!({ bucketId });
  const wrong = String(data.uploadUrl).replace(bucketId, other);
  const upload = (uploadUrl: unknown, uploadAuthToken: unknown) =>
    b2.uploadFile!({ uploadUrl, uploadAuthToken, fileName: 'x', data: Buffer.from('x') });
  expect(await refusal(upload(wrong, data.authorizationToken))).toBe('401 bad_auth_token');
  const list = await fetch(`${world.urls.b2}/b2api/v2/b2_list_buckets`, {
    method: 'POST',
    headers: { authorization: String(data.authorizationToken) },
    body: '{}',
  });
  expect(await list.json()).toMatchObject({ code: 'bad_auth_token' });
  world.systems.b2.expireTokens();
  expect(await refusal(upload(data.uploadUrl, data.authorizationToken))).toBe('401 expired_auth_token');
});
