/** One file into a bucket, once: looked for before it is sent, sent again only to a fresh upload URL. */
import { createHash } from 'node:crypto';
import { ConnectorError } from '../errors.ts';
import type { B2Client } from './client.ts';

interface Upload {
  readonly bucketId: string;
  readonly fileName: string;
  readonly contentType: string;
  readonly content: Uint8Array;
}

interface StoredFile {
  readonly fileId: string;
  readonly fileName: string;
}

interface UploadUrl {
  readonly uploadUrl: string;
  readonly authorizationToken: string;
}

// Backblaze's integration checklist: on 401, 408, 5xx and broken connections take a new upload URL and try again at
// once. It names no count; five is what its own clients take, three keeps a step short.
const TRIES = 3;
const FRESH_URL = new Set([
  'b2_token_expired',
  'b2_request_timeout',
  'b2_unavailable',
  'b2_server_error',
  'b2_no_answer',
  'b2_not_json',
]);

/** @throws ConnectorError classified, after `TRIES` upload URLs */
export async function upload(client: B2Client, file: Upload): Promise<StoredFile> {
  const sha1 = createHash('sha1').update(file.content).digest('hex');
  for (let tries = 1; ; tries += 1) {
    // Side by side: the look costs no time on the usual way, where the file is not there.
    const [there, target] = await Promise.all([find(client, file, sha1), uploadUrl(client, file.bucketId)]);
    if (there !== undefined) return there;
    try {
      return await send(client, { file, sha1, target });
    } catch (error) {
      const again = error instanceof ConnectorError && FRESH_URL.has(error.code);
      if (!again || tries >= TRIES) throw error;
    }
  }
}

async function find(client: B2Client, file: Upload, sha1: string): Promise<StoredFile | undefined> {
  const { files } = await client.call<{ files: readonly (StoredFile & { contentSha1: string | null })[] }>(
    'b2_list_file_names',
    (b2, axiosOverride) =>
      b2.listFileNames({
        bucketId: file.bucketId,
        startFileName: file.fileName,
        prefix: file.fileName,
        // The listing is in name order and begins at this very name.
        maxFileCount: 1,
        axiosOverride,
      }),
  );
  const match = files.find((stored) => stored.fileName === file.fileName && stored.contentSha1 === sha1);
  return match && { fileId: match.fileId, fileName: match.fileName };
}

const uploadUrl = (client: B2Client, bucketId: string): Promise<UploadUrl> =>
  client.call<UploadUrl>('b2_get_upload_url', (b2, axiosOverride) =>
    b2.getUploadUrl({ bucketId, axiosOverride }),
  );

async function send(
  client: B2Client,
  { file, sha1, target }: { file: Upload; sha1: string; target: UploadUrl },
): Promise<StoredFile> {
  const stored = await client.once<StoredFile>('b2_upload_file', (b2, axiosOverride) =>
    b2.uploadFile({
      uploadUrl: target.uploadUrl,
      uploadAuthToken: target.authorizationToken,
      fileName: file.fileName,
      data: Buffer.from(file.content.buffer, file.content.byteOffset, file.content.byteLength),
      hash: sha1,
      mime: file.contentType,
      axiosOverride,
    }),
  );
  return { fileId: stored.fileId, fileName: stored.fileName };
}
