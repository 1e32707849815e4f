/** Backblaze B2 as the object storage of provisioning. */
import type { Log } from '../log.ts';
import type { ObjectStorage } from '../provisioning/ports.ts';
import { ensureBucket, listBuckets, setLifecycle } from './buckets.ts';
import { createB2Client } from './client.ts';
import { deleteBucket, deleteFilePage, usedBytes } from './empty.ts';
import { createKey, deleteKeys, listKeys } from './keys.ts';
import { upload } from './upload.ts';

/** @param settings.apiUrl another address than api.backblazeb2.com (the sandbox) */
export function createB2Storage(settings: {
  keyId: string;
  key: string;
  apiUrl?: string | undefined;
  log: Log;
  /** Of each call, for tests. */
  timeoutMs?: number | undefined;
}): ObjectStorage {
  const client = createB2Client({ ...settings, apiUrl: settings.apiUrl });
  return {
    account: () => client.account(),
    listBuckets: () => listBuckets(client),
    ensureBucket: (input) => ensureBucket(client, input),
    listKeys: (filter) => listKeys(client, filter),
    createKey: (input) => createKey(client, input),
    deleteKeys: (keyIds) => deleteKeys(client, keyIds),
    upload: (input) => upload(client, input),
    setLifecycle: (input) => setLifecycle(client, input),
    usedBytes: (input) => usedBytes(client, input),
    deleteFilePage: (input) => deleteFilePage(client, input),
    deleteBucket: (bucketId) => deleteBucket(client, bucketId),
  };
}
