/** Downloads by id and by name: a private bucket opens only to a token that may read there. */
import type { ServerResponse } from 'node:http';
import type { ReplayedRequest } from '../system.ts';
import type { Account } from './account.ts';
import { allow, checkToken } from './auth.ts';
import { B2Error, notFound, unauthorized } from './errors.ts';
import { findFile, versionsOf } from './files.ts';
import type { StoredFile } from './model.ts';

interface Download {
  readonly account: Account;
  readonly req: ReplayedRequest;
  readonly res: ServerResponse;
  readonly url: URL;
}

export function downloadById(download: Download): void {
  const body = download.req.rawBody.length > 0 ? JSON.parse(download.req.rawBody.toString()) : {};
  const fileId = download.url.searchParams.get('fileId') ?? String(body.fileId);
  const file = findFile(download.account, fileId);
  if (file === undefined) {
    checkToken(download.account, tokenOf(download));
    throw notFound(`file ${fileId}`);
  }
  send(download, file);
}

/** `/file/<bucket>/<name>`, the newest version unless hidden. */
export function downloadByName(download: Download): void {
  const [, , bucketName = '', ...parts] = download.url.pathname.split('/').map(decodeURIComponent);
  const fileName = parts.join('/');
  const bucket = download.account.bucketNamed(bucketName);
  if (bucket === undefined) throw notFound(`bucket ${bucketName}`);
  mayRead(download, { bucketId: bucket.bucketId, fileName });
  const newest = versionsOf(download.account, bucket.bucketId, fileName).find(
    (file) => file.fileName === fileName,
  );
  if (newest === undefined || newest.action === 'hide') throw notFound(`file ${fileName}`);
  send(download, newest);
}

const tokenOf = ({ req, url }: Download) =>
  req.headers.authorization ?? url.searchParams.get('Authorization') ?? undefined;

function mayRead(download: Download, file: { bucketId: string; fileName: string }): void {
  const { account } = download;
  if (account.bucket(file.bucketId).bucketType === 'allPublic' && tokenOf(download) === undefined) return;
  const { token, key } = checkToken(account, tokenOf(download));
  if (token.kind === 'upload')
    throw new B2Error(401, 'bad_auth_token', 'An upload token does not open files');
  if (token.kind === 'session') allow(key, { capability: 'readFiles', ...file });
  else if (token.bucketId !== file.bucketId || !file.fileName.startsWith(token.prefix))
    throw unauthorized('the download authorisation is for other files');
}

function send(download: Download, file: StoredFile): void {
  mayRead(download, file);
  const whole = Buffer.from(download.account.contents.get(file.fileId) ?? '', 'base64');
  const range = /^bytes=(\d+)-(\d*)$/.exec(download.req.headers.range ?? '');
  const start = Number(range?.[1] ?? 0);
  const end = Math.min(range?.[2] ? Number(range[2]) : whole.length - 1, whole.length - 1);
  if (range !== null && start > end)
    throw new B2Error(416, 'range_not_satisfiable', 'The range is outside the file');
  const content = whole.subarray(start, end + 1);
  const info = Object.entries(file.fileInfo).map(([name, value]) => [
    `x-bz-info-${name}`,
    encodeURIComponent(value),
  ]);
  download.res.writeHead(range === null ? 200 : 206, {
    'content-type': file.contentType,
    'content-length': content.length,
    'x-bz-file-id': file.fileId,
    'x-bz-file-name': encodeURIComponent(file.fileName).replaceAll('%2F', '/'),
    'x-bz-content-sha1': file.contentSha1,
    'x-bz-upload-timestamp': file.uploadTimestamp,
    ...(range !== null && { 'content-range': `bytes ${start}-${end}/${whole.length}` }),
    ...(file.encryption.algorithm !== null && { 'x-bz-server-side-encryption': file.encryption.algorithm }),
    ...Object.fromEntries(info),
  });
  download.res.end(download.req.method === 'HEAD' ? undefined : content);
}
