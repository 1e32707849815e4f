/** Private buckets with encryption, lifecycle and CORS, each made once. */
import { ConnectorError } from '../errors.ts';
import type { B2Client } from './client.ts';

export interface Bucket {
  readonly id: string;
  readonly name: string;
}

interface BucketRow {
  readonly bucketId: string;
  readonly bucketName: string;
}

export async function listBuckets(client: B2Client): Promise<readonly Bucket[]> {
  const { buckets } = await client.call<{ buckets: readonly BucketRow[] }>(
    'b2_list_buckets',
    (b2, axiosOverride) => b2.listBuckets({ axiosOverride }),
  );
  return buckets.map(bucketOf);
}

/**
 * Creates first and looks when that is refused: one call on the usual way. A bucket whose creation was never answered
 * comes back as a duplicate (at the account's limit, as one too many).
 */
export async function ensureBucket(
  client: B2Client,
  input: { name: string; lifecycleDays: number; corsOrigin: string },
): Promise<Bucket> {
  try {
    return await createBucket(client, input);
  } catch (error) {
    if (!(error instanceof ConnectorError) || !LOOK_FIRST.has(error.code)) throw error;
    const ours = await findBucket(client, input.name);
    if (ours === undefined) throw error;
    return ours;
  }
}

const LOOK_FIRST = new Set(['b2_bucket_name_taken', 'b2_bucket_limit']);

async function createBucket(
  client: B2Client,
  { name, lifecycleDays, corsOrigin }: { name: string; lifecycleDays: number; corsOrigin: string },
): Promise<Bucket> {
  const settings = {
    defaultServerSideEncryption: { mode: 'SSE-B2', algorithm: 'AES256' },
    // Replaced and deleted files stay recoverable for this long; without a rule they stay for ever.
    lifecycleRules: lifecycleRules(lifecycleDays),
    corsRules: [
      {
        corsRuleName: 'portal',
        allowedOrigins: [corsOrigin],
        allowedOperations: [
          'b2_download_file_by_id',
          'b2_download_file_by_name',
          'b2_upload_file',
          'b2_upload_part',
        ],
        allowedHeaders: ['authorization', 'content-type', 'range', 'x-bz-*'],
        exposeHeaders: ['x-bz-content-sha1'],
        maxAgeSeconds: 3600,
      },
    ],
  };
  const row = await client.call<BucketRow>('b2_create_bucket', (b2, axiosOverride) =>
    // The library sends name and type alone and drops settings given beside them without a word.
    b2.createBucket({
      bucketName: name,
      bucketType: 'allPrivate',
      axiosOverride: { ...axiosOverride, data: settings },
    }),
  );
  return bucketOf(row);
}

/** Another rule for how long replaced and deleted files stay; the rest of the bucket's settings stands. */
export async function setLifecycle(
  client: B2Client,
  { bucketId, lifecycleDays }: { bucketId: string; lifecycleDays: number },
): Promise<void> {
  await client.call('b2_update_bucket', (b2, axiosOverride) =>
    b2.updateBucket({
      bucketId,
      bucketType: 'allPrivate',
      axiosOverride: { ...axiosOverride, data: { lifecycleRules: lifecycleRules(lifecycleDays) } },
    }),
  );
}

const lifecycleRules = (days: number) =>
  days > 0 ? [{ fileNamePrefix: '', daysFromHidingToDeleting: days, daysFromUploadingToHiding: null }] : [];

async function findBucket(client: B2Client, name: string): Promise<Bucket | undefined> {
  const { buckets } = await client.call<{ buckets: readonly BucketRow[] }>(
    'b2_list_buckets',
    (b2, axiosOverride) => b2.getBucket({ bucketName: name, axiosOverride }),
  );
  // B2 compares bucket names without regard to case.
  const row = buckets.find((bucket) => bucket.bucketName.toLowerCase() === name.toLowerCase());
  return row && bucketOf(row);
}

const bucketOf = (row: BucketRow): Bucket => ({ id: row.bucketId, name: row.bucketName });
