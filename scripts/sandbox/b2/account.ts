/** One account's collections; its id is random, so that two sandboxes are two accounts, and stays with the folder. */
import { randomBytes } from 'node:crypto';
import type { Collection, Store } from '../store.ts';
import type { HttpContext } from '../system.ts';
import { noBucket } from './errors.ts';
import type { StoredBucket, StoredFile, StoredKey, StoredToken } from './model.ts';

export interface Account {
  readonly id: string;
  readonly url: () => string;
  readonly now: () => number;
  readonly buckets: Collection<StoredBucket>;
  readonly keys: Collection<StoredKey>;
  readonly tokens: Collection<StoredToken>;
  /** Names owned by somebody else, lower case. */
  readonly taken: Collection<true>;
  /** Base64 by file id. */
  readonly contents: Collection<string>;
  /** All versions in one bucket, by file id. */
  files(bucketId: string): Collection<StoredFile>;
  /** @throws B2Error bad_bucket_id */
  bucket(bucketId: string): StoredBucket;
  bucketNamed(name: string): StoredBucket | undefined;
  /** Strictly rising, so that "newest version" is never a draw. */
  timestamp(): number;
}

export const newId = (bytes: number) => randomBytes(bytes).toString('hex');

export function openAccount({ store, clock, url }: HttpContext): Account {
  const buckets = store.collection<StoredBucket>('buckets');
  let lastTimestamp = 0;
  return {
    id: accountId(store),
    url,
    now: () => clock.now().getTime(),
    buckets,
    keys: store.collection('keys'),
    tokens: store.collection('tokens'),
    taken: store.collection('taken'),
    contents: store.collection('contents'),
    files: (bucketId) => store.collection(`files:${bucketId}`),
    bucket(bucketId) {
      const bucket = buckets.get(bucketId);
      if (bucket === undefined) throw noBucket(bucketId);
      return bucket;
    },
    // B2 compares names without regard to case.
    bucketNamed: (name) => buckets.all().find((b) => b.bucketName.toLowerCase() === name.toLowerCase()),
    timestamp() {
      lastTimestamp = Math.max(lastTimestamp + 1, clock.now().getTime());
      return lastTimestamp;
    },
  };
}

function accountId(store: Store): string {
  const accounts = store.collection<string>('account');
  const known = accounts.get('id');
  if (known !== undefined) return known;
  const id = newId(6);
  accounts.put('id', id);
  return id;
}
