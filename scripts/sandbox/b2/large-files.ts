/** Large files, as far as they can be left behind: begun (by an S3 tool's multipart upload) and given up. */
import { type Account, newId } from './account.ts';
import { allow } from './auth.ts';
import { B2Error } from './errors.ts';
import { findFile, presentFile } from './files.ts';
import type { StoredFile, StoredKey } from './model.ts';

type Body = Readonly<Record<string, unknown>>;

/** https://www.backblaze.com/apidocs/b2-start-large-file */
export function startLargeFile(account: Account, key: StoredKey, body: Body): unknown {
  const bucketId = String(body.bucketId);
  const fileName = String(body.fileName);
  allow(key, { capability: 'writeFiles', bucketId, fileName });
  const bucket = account.bucket(bucketId);
  const uploadTimestamp = account.timestamp();
  const begun: StoredFile = {
    fileId: `4_z${bucketId}_f${newId(8)}_d${uploadTimestamp}`,
    fileName,
    bucketId,
    action: 'start',
    contentType: String(body.contentType ?? 'b2/x-auto'),
    contentLength: 0,
    contentSha1: 'none',
    contentMd5: '',
    fileInfo: {},
    encryption: bucket.defaultServerSideEncryption,
    uploadTimestamp,
  };
  account.files(bucketId).put(begun.fileId, begun);
  return presentFile(account, begun);
}

/** https://www.backblaze.com/apidocs/b2-cancel-large-file */
export function cancelLargeFile(account: Account, key: StoredKey, body: Body): unknown {
  const fileId = String(body.fileId);
  const file = findFile(account, fileId);
  allow(key, { capability: 'writeFiles', bucketId: file?.bucketId, fileName: file?.fileName ?? '' });
  if (file === undefined || file.action !== 'start')
    throw new B2Error(400, 'bad_request', `No active upload for: ${fileId}`);
  account.files(file.bucketId).delete(fileId);
  return { accountId: account.id, bucketId: file.bucketId, fileId, fileName: file.fileName };
}
