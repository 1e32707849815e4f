/** File versions: list by name or version, look at, hide, delete. */
import { type Account, newId } from './account.ts';
import { allow, issueToken } from './auth.ts';
import { B2Error, badRequest, notFound } from './errors.ts';
import type { StoredFile, StoredKey } from './model.ts';

type Body = Readonly<Record<string, unknown>>;

interface Listing {
  readonly bucketId: string;
  readonly prefix: string;
  readonly delimiter: string;
  readonly startFileName: string;
  readonly max: number;
}

/** By name, the newest version of each first; only names with the prefix, since a shared bucket holds many projects. */
export function versionsOf(account: Account, bucketId: string, prefix = ''): StoredFile[] {
  return account
    .files(bucketId)
    .all()
    .filter((file) => file.fileName.startsWith(prefix))
    .sort((a, b) => compare(a.fileName, b.fileName) || b.uploadTimestamp - a.uploadTimestamp);
}

/** B2 sorts by the UTF-8 bytes, not by any language's alphabet. */
const compare = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));

export function listFileNames(account: Account, key: StoredKey, body: Body): unknown {
  const listing = checkedListing(account, key, body);
  const newest = versionsOf(account, listing.bucketId, listing.prefix).filter(
    (file, index, all) => file.fileName !== all[index - 1]?.fileName && file.action === 'upload',
  );
  const rest = folded(account, inside(newest, listing), listing);
  return { files: rest.slice(0, listing.max), nextFileName: rest[listing.max]?.fileName ?? null };
}

export function listFileVersions(account: Account, key: StoredKey, body: Body): unknown {
  const listing = checkedListing(account, key, body);
  let versions = inside(versionsOf(account, listing.bucketId, listing.prefix), listing);
  if (typeof body.startFileId === 'string') {
    const start = versions.findIndex((file) => file.fileId === body.startFileId);
    if (start > 0) versions = versions.slice(start);
  }
  const rest = folded(account, versions, listing);
  const next = rest[listing.max];
  return {
    files: rest.slice(0, listing.max),
    nextFileName: next?.fileName ?? null,
    nextFileId: next?.fileId ?? null,
  };
}

export function getFileInfo(account: Account, key: StoredKey, body: Body): unknown {
  const file = findFile(account, String(body.fileId));
  allow(key, {
    capability: 'readFiles',
    bucketId: bucketOf(String(body.fileId)),
    fileName: file?.fileName ?? '',
  });
  if (file === undefined) throw notFound(`file ${body.fileId}`);
  return presentFile(account, file);
}

export function hideFile(account: Account, key: StoredKey, body: Body): unknown {
  const bucketId = String(body.bucketId);
  const fileName = String(body.fileName);
  allow(key, { capability: 'writeFiles', bucketId, fileName });
  account.bucket(bucketId);
  const newest = versionsOf(account, bucketId, fileName).find((file) => file.fileName === fileName);
  if (newest === undefined) throw new B2Error(400, 'no_such_file', `no such file: ${fileName}`);
  if (newest.action === 'hide') throw new B2Error(400, 'already_hidden', `already hidden: ${fileName}`);
  const uploadTimestamp = account.timestamp();
  const hidden: StoredFile = {
    ...newest,
    fileId: `4_z${bucketId}_f${newId(8)}_d${uploadTimestamp}`,
    action: 'hide',
    contentLength: 0,
    contentSha1: 'none',
    contentMd5: '',
    fileInfo: {},
    uploadTimestamp,
  };
  account.files(bucketId).put(hidden.fileId, hidden);
  return presentFile(account, hidden);
}

export function deleteFileVersion(account: Account, key: StoredKey, body: Body): unknown {
  const fileId = String(body.fileId);
  const fileName = String(body.fileName);
  allow(key, { capability: 'deleteFiles', bucketId: bucketOf(fileId), fileName });
  const file = findFile(account, fileId);
  if (file === undefined || file.fileName !== fileName || file.action === 'start')
    throw new B2Error(400, 'file_not_present', `File not present: ${fileName} ${fileId}`);
  account.files(file.bucketId).delete(fileId);
  account.contents.delete(fileId);
  return { fileId, fileName };
}

export function getDownloadAuthorization(account: Account, key: StoredKey, body: Body): unknown {
  const bucketId = String(body.bucketId);
  const fileNamePrefix = String(body.fileNamePrefix ?? '');
  const seconds = Number(body.validDurationInSeconds);
  allow(key, { capability: 'shareFiles', bucketId, fileName: fileNamePrefix });
  account.bucket(bucketId);
  if (!(seconds >= 1 && seconds <= 604_800)) throw badRequest('validDurationInSeconds: 1 to 604800');
  const authorizationToken = issueToken(account, {
    kind: 'download',
    keyId: key.applicationKeyId,
    bucketId,
    prefix: fileNamePrefix,
    seconds,
  });
  return { bucketId, fileNamePrefix, authorizationToken };
}

/** A file id names its bucket. */
const bucketOf = (fileId: string) => /^4_z([0-9a-f]+)_/.exec(fileId)?.[1] ?? '';

export function findFile(account: Account, fileId: string): StoredFile | undefined {
  return account.files(bucketOf(fileId)).get(fileId);
}

function checkedListing(account: Account, key: StoredKey, body: Body): Listing {
  const bucketId = String(body.bucketId);
  const prefix = String(body.prefix ?? '');
  // A key restricted to a prefix may list only under it.
  allow(key, { capability: 'listFiles', bucketId, fileName: prefix });
  account.bucket(bucketId);
  const max = Number(body.maxFileCount ?? 100);
  if (!(max >= 1 && max <= 10_000)) throw badRequest('maxFileCount: 1 to 10000');
  return {
    bucketId,
    prefix,
    delimiter: String(body.delimiter ?? ''),
    startFileName: String(body.startFileName ?? ''),
    max,
  };
}

const inside = (files: readonly StoredFile[], { startFileName }: Listing) =>
  files.filter((file) => compare(file.fileName, startFileName) >= 0);

interface Listed {
  readonly fileName: string;
  readonly fileId: string | null;
}

/** Names with the delimiter after the prefix stand as one folder each. */
function folded(account: Account, files: readonly StoredFile[], { prefix, delimiter }: Listing): Listed[] {
  if (delimiter === '') return files.map((file) => presentFile(account, file));
  const folders = new Set<string>();
  const listed: Listed[] = [];
  for (const file of files) {
    const end = file.fileName.indexOf(delimiter, prefix.length);
    const folder = end === -1 ? undefined : file.fileName.slice(0, end + delimiter.length);
    if (folder === undefined) listed.push(presentFile(account, file));
    else if (!folders.has(folder)) listed.push(presentFolder(account, file.bucketId, folder));
    if (folder !== undefined) folders.add(folder);
  }
  return listed;
}

const presentFolder = (account: Account, bucketId: string, fileName: string) => ({
  accountId: account.id,
  action: 'folder',
  bucketId,
  fileId: null,
  fileName,
});

export const presentFile = (account: Account, { encryption, ...file }: StoredFile) => ({
  accountId: account.id,
  ...file,
  serverSideEncryption: encryption,
});
