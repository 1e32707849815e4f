/** Uploads: an address with its own token, then the bytes, checked against their SHA-1. */
import { createHash } from 'node:crypto';
import type { ReplayedRequest } from '../system.ts';
import { type Account, newId } from './account.ts';
import { allow, checkToken, issueToken } from './auth.ts';
import { B2Error, badRequest } from './errors.ts';
import { presentFile } from './files.ts';
import type { StoredFile, StoredKey } from './model.ts';

const TYPES: Readonly<Record<string, string>> = {
  pdf: 'application/pdf',
  txt: 'text/plain',
  json: 'application/json',
  png: 'image/png',
};

export function getUploadUrl(
  account: Account,
  key: StoredKey,
  body: Readonly<Record<string, unknown>>,
): unknown {
  const bucketId = String(body.bucketId);
  allow(key, { capability: 'writeFiles', bucketId });
  account.bucket(bucketId);
  return {
    bucketId,
    uploadUrl: `${account.url()}/b2api/v2/b2_upload_file/${bucketId}/${newId(6)}`,
    authorizationToken: issueToken(account, { kind: 'upload', keyId: key.applicationKeyId, bucketId }),
  };
}

/** Authorised by the upload URL's token, and still bound to the bucket and prefix of the key behind it. */
export function uploadFile(account: Account, req: ReplayedRequest, bucketId: string): unknown {
  const { token, key } = checkToken(account, req.headers.authorization);
  if (token.kind !== 'upload' || token.bucketId !== bucketId)
    throw new B2Error(401, 'bad_auth_token', 'The token does not belong to this upload URL');
  const fileName = checkedFileName(req.headers['x-bz-file-name']);
  allow(key, { capability: 'writeFiles', bucketId, fileName });
  const { content, sha1 } = checkedContent(req);
  const bucket = account.bucket(bucketId);
  const uploadTimestamp = account.timestamp();
  const file: StoredFile = {
    fileId: `4_z${bucketId}_f${newId(8)}_d${uploadTimestamp}`,
    fileName,
    bucketId,
    action: 'upload',
    contentType: contentType(req.headers['content-type'], fileName),
    contentLength: content.length,
    contentSha1: sha1,
    contentMd5: createHash('md5').update(content).digest('hex'),
    fileInfo: infoHeaders(req),
    encryption: bucket.defaultServerSideEncryption,
    uploadTimestamp,
  };
  account.contents.put(file.fileId, content.toString('base64'));
  account.files(bucketId).put(file.fileId, file);
  return presentFile(account, file);
}

/** Percent-encoded UTF-8 of 1 to 1024 bytes, no empty parts, no control characters (Backblaze, "Files"). */
function checkedFileName(header: string | string[] | undefined): string {
  if (typeof header !== 'string') throw badRequest('Missing header: X-Bz-File-Name');
  let name: string;
  try {
    name = decodeURIComponent(header.replaceAll('+', ' '));
  } catch {
    throw badRequest('X-Bz-File-Name is not percent-encoded UTF-8');
  }
  const bytes = Buffer.byteLength(name);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused.
  const bad = bytes === 0 || bytes > 1024 || /^\/|\/$|\/\/|[\x00-\x1f\x7f]/.test(name);
  if (bad) throw badRequest('File names must be 1 to 1024 bytes, without empty parts or control characters');
  return name;
}

function checkedContent(req: ReplayedRequest): { content: Buffer; sha1: string } {
  const header = req.headers['x-bz-content-sha1'];
  if (typeof header !== 'string') throw badRequest('Missing header: X-Bz-Content-Sha1');
  const atEnd = header === 'hex_digits_at_end';
  const content = atEnd ? req.rawBody.subarray(0, -40) : req.rawBody;
  const claimed = atEnd ? req.rawBody.subarray(-40).toString('latin1') : header.replace(/^unverified:/, '');
  const sha1 = createHash('sha1').update(content).digest('hex');
  if (claimed !== 'do_not_verify' && claimed.toLowerCase() !== sha1)
    throw badRequest('Sha1 did not match data received');
  return { content, sha1 };
}

function contentType(header: string | undefined, fileName: string): string {
  if (header !== undefined && header !== 'b2/x-auto') return header;
  return TYPES[fileName.split('.').at(-1)?.toLowerCase() ?? ''] ?? 'application/octet-stream';
}

function infoHeaders(req: ReplayedRequest): Record<string, string> {
  const prefix = 'x-bz-info-';
  return Object.fromEntries(
    Object.entries(req.headers)
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, value]) => [name.slice(prefix.length), decodeURIComponent(String(value))]),
  );
}
