/** What Backblaze itself says of a customer's storage. */
import B2 from 'backblaze-b2';

export interface StorageOutcome {
  readonly bucket: string;
  readonly keyId: string;
  readonly files: readonly string[];
}

/** The most b2_list_keys and b2_list_file_names give in one answer at the price of one call. */
const PAGE = 1000;

export async function readStorage(
  env: Readonly<Record<string, string>>,
  wanted: { bucketId: string; prefix: string; keyId: string },
): Promise<StorageOutcome> {
  const { bucketId, prefix, keyId } = wanted;
  const b2 = new B2({
    applicationKeyId: env.B2_APPLICATION_KEY_ID!,
    applicationKey: env.B2_APPLICATION_KEY!,
    retry: { retries: 0 },
  });
  const url = env.B2_API_URL;
  await b2.authorize(
    url === undefined ? {} : { axiosOverride: { url: new URL('/b2api/v2/b2_authorize_account', url).href } },
  );
  const { buckets } = (await b2.listBuckets({})).data as {
    buckets: { bucketId: string; bucketName: string }[];
  };
  const listed = await b2.listFileNames({ bucketId, prefix, startFileName: '', maxFileCount: PAGE });
  const { files } = listed.data as { files: { fileName: string }[] };
  return {
    bucket: buckets.find((bucket) => bucket.bucketId === bucketId)?.bucketName ?? '',
    keyId: (await isLive(b2, keyId)) ? keyId : '',
    files: files.map((file) => file.fileName),
  };
}

/** Pages through all keys: an account of many customers has more than one answer holds. */
async function isLive(b2: B2, keyId: string): Promise<boolean> {
  let start: string | undefined;
  for (;;) {
    const { keys, nextApplicationKeyId } = (
      await b2.listKeys({
        maxKeyCount: PAGE,
        ...(start !== undefined && { startApplicationKeyId: start }),
      })
    ).data as { keys: { applicationKeyId: string }[]; nextApplicationKeyId: string | null };
    if (keys.some((key) => key.applicationKeyId === keyId)) return true;
    if (nextApplicationKeyId === null) return false;
    start = nextApplicationKeyId;
  }
}
