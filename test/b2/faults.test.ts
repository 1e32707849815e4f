/** Each way Backblaze can fail, under each thing we make: recovers or says why, and nothing is there twice. */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createB2Storage } from '../../connector/b2/storage.ts';
import type { ConnectorError } from '../../connector/errors.ts';
import { createLog } from '../../connector/log.ts';
import type { ObjectStorage } from '../../connector/provisioning/ports.ts';
import type { Fault, World } from '../../scripts/sandbox/world.ts';
import { startTestWorld } from '../support/sandbox.ts';

let world: World;
let storage: ObjectStorage;
let bucketId: string;
let count = 0;

const log = createLog({ level: 'silent' });
const connect = (apiUrl: string, timeoutMs = 400) =>
  createB2Storage({
    keyId: world.env.B2_APPLICATION_KEY_ID!,
    key: world.env.B2_APPLICATION_KEY!,
    apiUrl,
    log,
    timeoutMs,
  });

beforeAll(async () => {
  world = await startTestWorld();
  storage = connect(world.env.B2_API_URL!);
  bucketId = (
    await storage.ensureBucket({ name: 'cde-faults', lifecycleDays: 1, corsOrigin: 'https://a.example' })
  ).id;
});
beforeEach(() => {
  world.faults.clear();
  count += 1;
});

interface Work {
  readonly operation: string;
  readonly run: (id: number) => Promise<unknown>;
  /** How many of it there are. */
  readonly made: (id: number) => number;
}

const WORK: Record<string, Work> = {
  'the bucket': {
    operation: 'b2_create_bucket',
    run: (id) =>
      storage.ensureBucket({ name: `cde-fault-${id}`, lifecycleDays: 1, corsOrigin: 'https://a.example' }),
    made: (id) =>
      world.systems.b2.buckets().filter((bucket) => bucket.bucketName === `cde-fault-${id}`).length,
  },
  'the key': {
    operation: 'b2_create_key',
    // As the run's step does it: what an attempt before left behind goes once the new one is there.
    run: async (id) => {
      const strays = await storage.listKeys({ keyName: `cde-key-${id}` });
      const made = await storage.createKey({ keyName: `cde-key-${id}`, bucketId });
      await storage.deleteKeys(strays.map((stray) => stray.keyId));
      return made;
    },
    made: (id) => world.systems.b2.keys().filter((key) => key.keyName === `cde-key-${id}`).length,
  },
  'the upload': {
    operation: 'b2_upload_file',
    run: (id) =>
      storage.upload({
        bucketId,
        bucketName: 'cde-faults',
        fileName: `file-${id}.pdf`,
        contentType: 'application/pdf',
        content: Buffer.from(`%PDF-${id}`),
      }),
    made: (id) =>
      world.systems.b2.files(bucketId).filter((file) => file.fileName === `file-${id}.pdf`).length,
  },
};

const FAULTS: Record<Exclude<Fault['kind'], 'refused' | 'permanent'>, Partial<ConnectorError>> = {
  timeout: { kind: 'retryable', code: 'b2_no_answer', effectUnknown: true },
  reset_before: { kind: 'retryable', code: 'b2_no_answer', effectUnknown: true },
  reset_after: { kind: 'retryable', code: 'b2_no_answer', effectUnknown: true },
  rate_limited: { kind: 'retryable', code: 'b2_rate_limited', retryAfterMs: 7000 },
  server_error: { kind: 'retryable', code: 'b2_server_error', effectUnknown: true },
  html: { kind: 'retryable', code: 'b2_server_error' },
  expired_token: { kind: 'retryable', code: 'b2_token_expired' },
};

describe.each(Object.entries(WORK))('%s', (_what, work) => {
  it.each(Object.entries(FAULTS))('survives %s', async (kind, expected) => {
    // Three: an upload and an expired session try again by themselves.
    world.faults.add({
      system: 'b2',
      operation: work.operation,
      kind: kind as Fault['kind'],
      times: 3,
      retryAfterSeconds: 7,
    });
    const thrown = await work.run(count).then(
      () => null,
      (error: unknown) => error,
    );
    // An upload that took effect is found before it is sent again.
    if (thrown === null) expect([work.operation, kind]).toEqual(['b2_upload_file', 'reset_after']);
    else expect(thrown).toMatchObject({ ...expected, system: 'b2', advice: expect.any(String) });
    expect(String((thrown as ConnectorError | null)?.cause ?? '')).not.toMatch(/K005|4_/);
    world.faults.clear();
    await work.run(count);
    expect(work.made(count)).toBe(1);
  });

  it('survives being refused', async () => {
    world.faults.add({ system: 'b2', kind: 'refused', times: Number.POSITIVE_INFINITY });
    // The kept-alive connection has to be seen closed first: a reset on it says less than a refused connect.
    await sleep(50);
    await expect(work.run(count)).rejects.toMatchObject({
      kind: 'retryable',
      code: 'b2_unreachable',
      unreachable: true,
      effectUnknown: false,
    });
    world.faults.clear();
    await work.run(count);
    expect(work.made(count)).toBe(1);
  });
});

it('stops where Backblaze refuses', async () => {
  world.faults.add({ system: 'b2', operation: 'b2_create_bucket', kind: 'permanent', times: 1 });
  await expect(WORK['the bucket']!.run(count)).rejects.toMatchObject({
    kind: 'permanent',
    code: 'b2_bad_request',
  });
});

it('goes on when one upload URL is busy', async () => {
  world.faults.add({ system: 'b2', operation: 'b2_upload_file', kind: 'server_error', times: 2 });
  world.counts.reset();
  await WORK['the upload']!.run(count);
  expect(world.counts.of('b2', 'b2_get_upload_url')).toBe(3);
  expect(WORK['the upload']!.made(count)).toBe(1);
});

describe('other servers', () => {
  const servers: http.Server[] = [];
  const serve = async (answer: (path: string, res: http.ServerResponse, url: string) => void) => {
    const server = http.createServer((req, res) => {
      req.resume();
      answer(req.url ?? '', res, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    });
    servers.push(server);
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
  afterAll(() => {
    for (const server of servers) server.close().closeAllConnections();
  });
  const json = (res: http.ServerResponse, status: number, body: unknown) =>
    res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  const session = (path: string, res: http.ServerResponse, url: string) => {
    if (!path.endsWith('b2_authorize_account')) return false;
    json(res, 200, { accountId: 'acc', apiUrl: url, authorizationToken: 'token-4_secret', downloadUrl: url });
    return true;
  };

  it('refuses an answer of another API version', async () => {
    const url = await serve((_path, res) => json(res, 200, { accountId: 'acc', apiInfo: {} }));
    await expect(connect(url).account()).rejects.toMatchObject({
      kind: 'permanent',
      code: 'b2_wrong_version',
    });
  });

  it('takes a page with status 200 or 404 for what it is', async () => {
    for (const status of [200, 404]) {
      const url = await serve((path, res, own) => {
        if (!session(path, res, own))
          res.writeHead(status, { 'content-type': 'text/html' }).end('<h1>Login</h1>');
      });
      await expect(connect(url).listBuckets()).rejects.toMatchObject({
        kind: 'retryable',
        code: 'b2_not_json',
      });
    }
  });

  it.each([
    [403, 'storage_cap_exceeded', { kind: 'permanent', code: 'b2_cap_exceeded' }],
    [403, 'access_denied', { kind: 'permanent', code: 'b2_forbidden' }],
    [404, 'not_found', { kind: 'absent', code: 'b2_not_found' }],
    [408, 'request_timeout', { kind: 'retryable', code: 'b2_request_timeout' }],
    [503, 'service_unavailable', { kind: 'retryable', code: 'b2_unavailable' }],
    [418, 'teapot', { kind: 'permanent', code: 'b2_bad_request' }],
  ])('sorts %i %s', async (status, code, expected) => {
    const url = await serve((path, res, own) => {
      if (!session(path, res, own)) json(res, status, { status, code, message: 'words' });
    });
    await expect(connect(url).listBuckets()).rejects.toMatchObject(expected);
  });

  it('deletes a key at once that came without its restriction', async () => {
    const calls: string[] = [];
    const url = await serve((path, res, own) => {
      calls.push(path.split('/').at(-1)!);
      if (session(path, res, own)) return;
      if (path.endsWith('b2_list_keys')) return json(res, 200, { keys: [], nextApplicationKeyId: null });
      json(res, 200, { applicationKeyId: 'k1', applicationKey: 'K005', bucketId: null });
    });
    await expect(connect(url).createKey({ keyName: 'k', bucketId: 'b' })).rejects.toMatchObject({
      kind: 'bug',
      code: 'b2_key_unrestricted',
    });
    expect(calls.at(-1)).toBe('b2_delete_key');
  });

  it('reads every page of keys, and takes a key that is gone for deleted', async () => {
    const url = await serve((path, res, own) => {
      if (session(path, res, own)) return;
      if (path.endsWith('b2_delete_key'))
        return json(res, 404, { status: 404, code: 'not_found', message: '' });
      const second = pages++ > 0;
      const keys = [{ keyName: 'k', applicationKeyId: second ? 'k2' : 'k1' }];
      json(res, 200, { keys, nextApplicationKeyId: second ? null : 'k2' });
    });
    let pages = 0;
    const storage = connect(url);
    const keys = await storage.listKeys({ keyName: 'k' });
    expect(keys.map((key) => key.keyId)).toEqual(['k1', 'k2']);
    await storage.deleteKeys(['k1']);
  });

  it('does not take a key for deleted that is still listed', async () => {
    const url = await serve((path, res, own) => {
      if (session(path, res, own)) return;
      if (path.endsWith('b2_delete_key'))
        return json(res, 400, { status: 400, code: 'bad_request', message: 'not now' });
      json(res, 200, { keys: [{ keyName: 'k', applicationKeyId: 'k1' }], nextApplicationKeyId: null });
    });
    await expect(connect(url).deleteKeys(['k1'])).rejects.toMatchObject({
      code: 'b2_bad_request',
      message: expect.stringContaining('not now'),
    });
  });

  interface Version {
    fileId: string | null;
    fileName: string;
    action: string;
    contentLength: number | null;
  }
  /** Answers the listing of versions page by page, and each deletion with what `deletes` says. */
  const versionServer = async (
    pages: readonly (readonly Version[])[],
    deletes: { status: number; code: string } = { status: 200, code: '' },
  ) => {
    const calls: { name: string; body: Record<string, unknown> }[] = [];
    const server = http.createServer(async (req, res) => {
      const chunks: Buffer[] = [];
      for await (const chunk of req) chunks.push(chunk as Buffer);
      const own = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      if (session(req.url!, res, own)) return;
      const name = req.url!.split('/').at(-1)!;
      const body = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>;
      calls.push({ name, body });
      const { status, code } = deletes;
      if (name !== 'b2_list_file_versions') return json(res, status, { status, code, message: 'told so' });
      const page = body.startFileId === undefined ? 0 : Number(body.startFileId);
      const next = page + 1 < pages.length ? String(page + 1) : null;
      json(res, 200, { files: pages[page], nextFileName: next && `f${next}`, nextFileId: next });
    });
    servers.push(server);
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
    return { calls, storage: connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`) };
  };
  const version = (change: Partial<Version> = {}): Version => ({
    fileId: 'v1',
    fileName: 'a.ifc',
    action: 'upload',
    contentLength: 700,
    ...change,
  });
  const place = { bucketId: 'b1', prefix: 'project-1/' };

  it('counts the bytes of every page of versions, hidden ones at nought', async () => {
    const { calls, storage: own } = await versionServer([
      [version(), version({ action: 'hide', contentLength: null })],
      [version({ contentLength: 300 })],
    ]);
    expect(await own.usedBytes({ ...place, pages: 5 })).toEqual({ bytes: 1_000, complete: true });
    expect(calls.map(({ body }) => [body.prefix, body.startFileName, body.startFileId])).toEqual([
      ['project-1/', '', undefined],
      ['project-1/', 'f1', '1'],
    ]);
  });

  it('stops counting after as many pages as were asked for, and says so', async () => {
    const { storage: own } = await versionServer([[version()], [version()], [version()]]);
    expect(await own.usedBytes({ ...place, pages: 2 })).toEqual({ bytes: 1_400, complete: false });
  });

  it('ends an upload that was never finished instead of deleting it, and leaves folders alone', async () => {
    const { calls, storage: own } = await versionServer([
      [
        version({ fileId: 'v7', action: 'start' }),
        version({ fileId: null, action: 'folder' }),
        version({ fileId: 'v8', action: 'hide' }),
      ],
    ]);
    expect(await own.deleteFilePage(place)).toEqual({ deleted: 2, more: false });
    const deletions = calls.filter(({ name }) => name !== 'b2_list_file_versions');
    expect(deletions.map(({ name, body }) => [name, body.fileId]).toSorted()).toEqual([
      ['b2_cancel_large_file', 'v7'],
      ['b2_delete_file_version', 'v8'],
    ]);
  });

  it.each([
    [400, 'file_not_present'],
    [404, 'not_found'],
  ])('takes a version that is gone already for deleted (%i %s)', async (status, code) => {
    const { storage: own } = await versionServer([[version()]], { status, code });
    expect(await own.deleteFilePage(place)).toEqual({ deleted: 1, more: false });
  });

  it('stops where a version cannot be deleted: what it holds is not told as gone', async () => {
    const { storage: own } = await versionServer([[version()]], { status: 403, code: 'access_denied' });
    await expect(own.deleteFilePage(place)).rejects.toMatchObject({
      kind: 'permanent',
      code: 'b2_forbidden',
    });
  });

  it('a listing that is refused is no empty bucket', async () => {
    const url = await serve((path, res, own) => {
      if (!session(path, res, own))
        json(res, 401, { status: 401, code: 'unauthorized', message: 'no listFiles' });
    });
    await expect(connect(url).deleteFilePage(place)).rejects.toMatchObject({ code: 'b2_unauthorized' });
    await expect(connect(url).usedBytes({ ...place, pages: 1 })).rejects.toMatchObject({
      code: 'b2_unauthorized',
    });
  });

  it('a bucket that is gone holds nothing', async () => {
    const url = await serve((path, res, own) => {
      if (!session(path, res, own)) json(res, 400, { status: 400, code: 'bad_bucket_id', message: 'gone' });
    });
    expect(await connect(url).usedBytes({ ...place, pages: 1 })).toEqual({ bytes: 0, complete: true });
    expect(await connect(url).deleteFilePage(place)).toEqual({ deleted: 0, more: false });
    await connect(url).deleteBucket('b1');
  });

  it('passes on what a delete meets otherwise', async () => {
    const url = await serve((path, res, own) => {
      if (session(path, res, own)) return;
      if (path.endsWith('b2_delete_key'))
        return json(res, 500, { status: 500, code: 'internal_error', message: '' });
      json(res, 200, { keys: [{ keyName: 'k', applicationKeyId: 'k1' }], nextApplicationKeyId: null });
    });
    await expect(connect(url).deleteKeys(['k1'])).rejects.toMatchObject({
      code: 'b2_server_error',
    });
  });
});
