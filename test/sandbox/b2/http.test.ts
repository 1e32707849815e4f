import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SANDBOX_KEYS } from '../../../scripts/sandbox/env.ts';
import type { World } from '../../../scripts/sandbox/world.ts';
import { startTestWorld } from '../../support/sandbox.ts';

const folder = mkdtempSync(join(tmpdir(), 'sandbox-b2-'));
afterAll(() => rmSync(folder, { recursive: true }));

const BASIC = `Basic ${Buffer.from(`${SANDBOX_KEYS.b2KeyId}:${SANDBOX_KEYS.b2Key}`).toString('base64')}`;
let world: World;
beforeAll(async () => {
  world = await startTestWorld({ folder });
});

/** As curl would. */
async function call(path: string, init: RequestInit = {}) {
  const response = await fetch(`${world.urls.b2}${path}`, init);
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

const authorize = () => call('/b2api/v2/b2_authorize_account', { headers: { authorization: BASIC } });

async function token(): Promise<string> {
  return String((await authorize()).body.authorizationToken);
}

test('the answer to authorize is of version 2: everything at the top', async () => {
  expect((await authorize()).body).toMatchObject({
    accountId: world.systems.b2.accountId(),
    apiUrl: world.urls.b2,
    downloadUrl: world.urls.b2,
    allowed: { bucketId: null, bucketName: null, namePrefix: null },
    absoluteMinimumPartSize: 5_000_000,
    recommendedPartSize: 100_000_000,
  });
});

test('calls that read take their parameters from the query, too', async () => {
  world.systems.b2.fill(1);
  const { status, body } = await call(`/b2api/v2/b2_list_buckets?accountId=${world.systems.b2.accountId()}`, {
    headers: { authorization: await token() },
  });
  expect([status, body.buckets]).toMatchObject([200, [{ bucketType: 'allPrivate' }]]);
});

test.each([
  ['another version of the API', '/b2api/v4/b2_list_buckets', '{}', '400 bad_request'],
  ['an unknown call', '/b2api/v2/b2_copy_file', '{}', '400 bad_request'],
  ['a body that is not JSON', '/b2api/v2/b2_list_buckets', 'text', '400 bad_json'],
  ['a body that is no object', '/b2api/v2/b2_list_buckets', '1', '400 bad_json'],
  ['an unknown bucket', '/b2api/v2/b2_get_upload_url', '{"bucketId":"x"}', '400 bad_bucket_id'],
  ['an unknown file', '/b2api/v2/b2_download_file_by_id', '{"fileId":"x"}', '404 not_found'],
])('%s is refused in their shape', async (_what, path, body, expected) => {
  const answer = await call(path, { method: 'POST', body, headers: { authorization: await token() } });
  expect(`${answer.body.status} ${answer.body.code}`).toBe(expected);
  expect([answer.status, typeof answer.body.message]).toEqual([answer.body.status, 'string']);
});

test.each([undefined, '', 'never-given-out'])('the token %j opens nothing', async (authorization) => {
  const { status } = await call('/b2api/v2/b2_list_buckets', {
    method: 'POST',
    body: '{}',
    headers: authorization === undefined ? {} : { authorization },
  });
  expect(status).toBe(401);
});

test('an upload says what it lacks', async () => {
  const headers = { authorization: await token() };
  const [bucket] = world.systems.b2.buckets();
  const { body } = await call(`/b2api/v2/b2_get_upload_url?bucketId=${bucket!.bucketId}`, { headers });
  const upload = async (more: Record<string, string>, content = 'x') => {
    const response = await fetch(String(body.uploadUrl), {
      method: 'POST',
      body: content,
      headers: { authorization: String(body.authorizationToken), ...more },
    });
    return (await response.json()) as Record<string, unknown>;
  };
  expect(await upload({})).toMatchObject({ code: 'bad_request' });
  expect(await upload({ 'x-bz-file-name': 'a' })).toMatchObject({ code: 'bad_request' });
  expect(await upload({ 'x-bz-file-name': '%ff', 'x-bz-content-sha1': 'do_not_verify' })).toMatchObject({
    code: 'bad_request',
  });
  const atEnd = {
    'x-bz-file-name': 'at+end',
    'x-bz-content-sha1': 'hex_digits_at_end',
    'content-type': 'text/x',
  };
  const sha1 = '11f6ad8ec52a2984abaafd7c3b516503785c2072'; // of "x"
  expect(await upload(atEnd, `x${sha1}`)).toMatchObject({
    fileName: 'at end',
    contentLength: 1,
    contentSha1: sha1,
    contentType: 'text/x',
  });
});

test('its pages show buckets, keys and files, escaped, and no secret', async () => {
  const headers = { authorization: await token() };
  const { body: key } = await call('/b2api/v2/b2_create_key', {
    method: 'POST',
    headers,
    body: JSON.stringify({ keyName: 'on-the-page', capabilities: ['listFiles'] }),
  });
  const [bucket] = world.systems.b2.buckets();
  const page = async (path: string) => (await fetch(`${world.urls.b2}/${path}`)).text();
  const buckets = await page('');
  expect(buckets).toContain(bucket!.bucketName);
  expect(buckets).toContain('on-the-page');
  expect(buckets).not.toContain(String(key.applicationKey));
  expect(await page(bucket!.bucketName)).toContain('at end');
  expect((await fetch(`${world.urls.b2}/no-such-bucket`)).status).toBe(404);
});

test('after a restart keys, files and tokens are as they were', async () => {
  const headers = { authorization: await token() };
  await world.stop();
  world = await startTestWorld({ folder });
  const [bucket] = world.systems.b2.buckets();
  const [file] = world.systems.b2.files(bucket!.bucketName);
  expect(Buffer.from(world.systems.b2.content(file!.fileId)!).toString()).toBe('x');
  expect(world.systems.b2.keys()).toMatchObject([{ keyName: 'on-the-page' }]);
  // The client may still hold a connection to the server that was stopped.
  const list = () => call('/b2api/v2/b2_list_keys', { method: 'POST', body: '{}', headers });
  await expect.poll(async () => (await list()).status, { interval: 20 }).toBe(200);
});
