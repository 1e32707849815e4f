/** Everything a project left in storage goes, page by page: old versions, hidden files and uploads that were never finished. */
import { ConnectorError } from '../errors.ts';
import type { B2Client } from './client.ts';

// b2_list_file_versions gives up to 10,000 at once but charges for each 1,000: one page is one charged call.
const PAGE = 1_000;
// Deletions at once; the connection cap of the client is 16, and customers' calls go on beside these.
const AT_ONCE = 8;

interface Version {
  readonly fileId: string | null;
  readonly fileName: string;
  readonly action: 'upload' | 'hide' | 'start' | 'folder';
  readonly contentLength: number | null;
}

interface VersionPage {
  readonly files: readonly Version[];
  readonly nextFileName: string | null;
  readonly nextFileId: string | null;
}

export interface Place {
  readonly bucketId: string;
  /** Empty: the whole bucket. */
  readonly prefix: string;
}

/**
 * One page of versions for good; called until `more` is false, so that the caller may stop between pages.
 * A bucket that is gone is empty.
 */
export async function deleteFilePage(
  client: B2Client,
  place: Place,
): Promise<{ readonly deleted: number; readonly more: boolean }> {
  const page = await versions(client, place, null);
  if (page === null) return { deleted: 0, more: false };
  const files = page.files.filter((file) => file.fileId !== null);
  for (let start = 0; start < files.length; start += AT_ONCE)
    await Promise.all(files.slice(start, start + AT_ONCE).map((file) => deleteVersion(client, file)));
  return { deleted: files.length, more: page.nextFileName !== null };
}

/** Bytes of all versions, which is what Backblaze charges for; stops counting after `pages` pages. */
export async function usedBytes(
  client: B2Client,
  place: Place & { readonly pages: number },
): Promise<{ readonly bytes: number; readonly complete: boolean }> {
  let bytes = 0;
  let from: VersionPage | null = null;
  for (let read = 0; read < place.pages; read += 1) {
    const page: VersionPage | null = await versions(client, place, from);
    if (page === null) return { bytes, complete: true };
    for (const file of page.files) bytes += file.contentLength ?? 0;
    if (page.nextFileName === null) return { bytes, complete: true };
    from = page;
  }
  return { bytes, complete: false };
}

/** @throws ConnectorError conflict `b2_bucket_not_empty` when somebody wrote meanwhile; one that is gone is no error */
export async function deleteBucket(client: B2Client, bucketId: string): Promise<void> {
  try {
    await client.call('b2_delete_bucket', (b2, axiosOverride) =>
      b2.deleteBucket({ bucketId, axiosOverride }),
    );
  } catch (error) {
    if (!isGoneBucket(error)) throw error;
  }
}

/** @returns null: there is no such bucket any more */
async function versions(
  client: B2Client,
  { bucketId, prefix }: Place,
  after: VersionPage | null,
): Promise<VersionPage | null> {
  try {
    return await client.call<VersionPage>('b2_list_file_versions', (b2, axiosOverride) =>
      // The library knows no prefix here and drops one given beside the others: the whole body is ours.
      b2.listFileVersions({
        bucketId,
        axiosOverride: {
          ...axiosOverride,
          data: {
            bucketId,
            prefix,
            maxFileCount: PAGE,
            ...(after !== null && { startFileName: after.nextFileName, startFileId: after.nextFileId }),
          },
        },
      }),
    );
  } catch (error) {
    if (isGoneBucket(error)) return null;
    throw error;
  }
}

async function deleteVersion(client: B2Client, { fileId, fileName, action }: Version): Promise<void> {
  try {
    // An upload that was never finished is no version yet: b2_delete_file_version refuses it.
    if (action === 'start') {
      await client.call('b2_cancel_large_file', (b2, axiosOverride) =>
        b2.cancelLargeFile({ fileId: fileId!, axiosOverride }),
      );
    } else {
      await client.call('b2_delete_file_version', (b2, axiosOverride) =>
        b2.deleteFileVersion({ fileId: fileId!, fileName, axiosOverride }),
      );
    }
  } catch (error) {
    // Another owner of this work, or a lifecycle rule, was first.
    if (!(error instanceof ConnectorError) || !GONE_FILE.has(error.code)) throw error;
  }
}

const GONE_FILE: ReadonlySet<string> = new Set(['b2_file_gone', 'b2_not_found']);

function isGoneBucket(error: unknown): boolean {
  return error instanceof ConnectorError && error.code === 'b2_bucket_gone';
}
