/** Backblaze B2, native API version 2, as far as the connector and people with curl use it. */
import type { ServerResponse } from 'node:http';
import type { HttpContext, HttpSystem, ReplayedRequest } from '../system.ts';
import { type Account, newId, openAccount } from './account.ts';
import { authorizeAccount, sessionKey } from './auth.ts';
import { createBucket, deleteBucket, listBuckets, updateBucket } from './buckets.ts';
import { downloadById, downloadByName } from './downloads.ts';
import { B2Error, badRequest } from './errors.ts';
import {
  deleteFileVersion,
  getDownloadAuthorization,
  getFileInfo,
  hideFile,
  listFileNames,
  listFileVersions,
  versionsOf,
} from './files.ts';
import { createKey, deleteKey, listKeys } from './keys.ts';
import { cancelLargeFile, startLargeFile } from './large-files.ts';
import type { B2Sandbox, StoredKey } from './model.ts';
import { bucketsPage, filesPage } from './page.ts';
import { getUploadUrl, uploadFile } from './uploads.ts';

export type { B2Sandbox, StoredBucket, StoredFile, StoredKey } from './model.ts';

const CALLS: Readonly<
  Record<string, (account: Account, key: StoredKey, body: Readonly<Record<string, unknown>>) => unknown>
> = {
  b2_create_bucket: createBucket,
  b2_list_buckets: listBuckets,
  b2_update_bucket: updateBucket,
  b2_delete_bucket: deleteBucket,
  b2_create_key: createKey,
  b2_list_keys: listKeys,
  b2_delete_key: deleteKey,
  b2_get_upload_url: getUploadUrl,
  b2_list_file_names: listFileNames,
  b2_list_file_versions: listFileVersions,
  b2_get_file_info: getFileInfo,
  b2_hide_file: hideFile,
  b2_delete_file_version: deleteFileVersion,
  b2_get_download_authorization: getDownloadAuthorization,
  b2_start_large_file: startLargeFile,
  b2_cancel_large_file: cancelLargeFile,
};

export function createB2Sandbox(context: HttpContext): HttpSystem & B2Sandbox {
  const account = openAccount(context);
  return {
    name: 'b2',
    operation: ({ url }) => operationOf(url),
    handler(req, res) {
      try {
        answer(account, req, res);
      } catch (thrown) {
        fail(res, thrown);
      }
    },
    ...handle(account),
  };
}

/** The name of the call: `b2_upload_file` for every upload URL, `b2_download_file_by_name` for `/file/…`. */
function operationOf(url: string): string {
  if (url.startsWith('/file/')) return 'b2_download_file_by_name';
  return /^\/b2api\/v\d\/(b2_\w+)/.exec(url)?.[1] ?? 'page';
}

function answer(account: Account, req: ReplayedRequest, res: ServerResponse): void {
  const url = new URL(req.url ?? '/', account.url());
  const operation = operationOf(url.pathname);
  if (operation === 'page') page(account, url, res);
  else if (operation === 'b2_download_file_by_name') downloadByName({ account, req, res, url });
  else if (operation === 'b2_download_file_by_id') downloadById({ account, req, res, url });
  else json(res, 200, call({ account, req, url, operation }));
}

function call(input: { account: Account; req: ReplayedRequest; url: URL; operation: string }): unknown {
  const { account, req, url, operation } = input;
  if (!url.pathname.startsWith('/b2api/v2/')) throw badRequest('only version 2 of the API is spoken here');
  if (operation === 'b2_authorize_account') return authorizeAccount(account, req);
  if (operation === 'b2_upload_file') return uploadFile(account, req, url.pathname.split('/')[4] ?? '');
  const known = CALLS[operation];
  if (known === undefined) throw badRequest(`unknown call: ${operation}`);
  return known(account, sessionKey(account, req), bodyOf(req, url));
}

/** Calls that only read also take their parameters from the query. */
function bodyOf(req: ReplayedRequest, url: URL): Record<string, unknown> {
  if (req.method === 'GET') return Object.fromEntries(url.searchParams);
  try {
    const body: unknown = JSON.parse(req.rawBody.toString());
    if (typeof body === 'object' && body !== null) return body as Record<string, unknown>;
  } catch {
    // Answered below like any other body that is no JSON object.
  }
  throw new B2Error(400, 'bad_json', 'The body is not a JSON object');
}

function page(account: Account, url: URL, res: ServerResponse): void {
  const name = decodeURIComponent(url.pathname.slice(1));
  const bucket = account.bucketNamed(name);
  const found = name === '' || bucket !== undefined;
  res
    .writeHead(found ? 200 : 404, { 'content-type': 'text/html; charset=utf-8' })
    .end(bucket === undefined ? bucketsPage(account) : filesPage(account, bucket));
}

function json(res: ServerResponse, status: number, body: unknown): void {
  res.writeHead(status, { 'content-type': 'application/json;charset=utf-8' }).end(JSON.stringify(body));
}

function fail(res: ServerResponse, thrown: unknown): void {
  const error = thrown instanceof B2Error ? thrown : new B2Error(500, 'internal_error', 'The sandbox failed');
  json(res, error.status, { status: error.status, code: error.code, message: error.message });
  if (error !== thrown) throw thrown;
}

function handle(account: Account): B2Sandbox {
  const idOf = (bucket: string) => account.bucketNamed(bucket)?.bucketId ?? bucket;
  return {
    accountId: () => account.id,
    buckets: () => account.buckets.all(),
    keys: () => account.keys.all().map(({ applicationKey: _secret, ...key }) => key),
    files: (bucket) => versionsOf(account, idOf(bucket)),
    content(fileId) {
      const content = account.contents.get(fileId);
      return content === undefined ? undefined : Buffer.from(content, 'base64');
    },
    fill(n) {
      for (let made = 0; made < n; made += 1) {
        const bucketId = newId(12);
        account.buckets.put(bucketId, {
          bucketId,
          bucketName: `filler-${bucketId}`,
          bucketType: 'allPrivate',
          bucketInfo: {},
          corsRules: [],
          lifecycleRules: [],
          defaultServerSideEncryption: { mode: null, algorithm: null },
          revision: 1,
        });
      }
    },
    takeName: (name) => account.taken.put(name.toLowerCase(), true),
    expireTokens() {
      for (const token of account.tokens.ids()) {
        const stored = account.tokens.get(token);
        if (stored !== undefined) account.tokens.put(token, { ...stored, expires: 0 });
      }
    },
  };
}
