/** Buckets: make, list, change, delete. */
import { type Account, newId } from './account.ts';
import { allow } from './auth.ts';
import { B2Error, badRequest, unauthorized } from './errors.ts';
import type { StoredBucket, StoredKey } from './model.ts';

const BUCKET_LIMIT = 100;

type Body = Readonly<Record<string, unknown>>;

export function createBucket(account: Account, key: StoredKey, body: Body): unknown {
  allow(key, { capability: 'writeBuckets' });
  const bucketName = checkedName(body.bucketName);
  if (account.bucketNamed(bucketName) !== undefined || account.taken.get(bucketName.toLowerCase()))
    throw new B2Error(400, 'duplicate_bucket_name', 'Bucket name is already in use.');
  if (account.buckets.count() >= BUCKET_LIMIT)
    throw new B2Error(400, 'too_many_buckets', `There is a limit of ${BUCKET_LIMIT} buckets per account.`);
  const bucket: StoredBucket = {
    bucketId: newId(12),
    bucketName,
    ...settings(key, body, {
      bucketType: checkedType(body.bucketType),
      bucketInfo: {},
      corsRules: [],
      lifecycleRules: [],
      defaultServerSideEncryption: { mode: null, algorithm: null },
    }),
    revision: 1,
  };
  account.buckets.put(bucket.bucketId, bucket);
  return present(account, bucket);
}

export function listBuckets(account: Account, key: StoredKey, body: Body): unknown {
  const named = typeof body.bucketName === 'string' ? account.bucketNamed(body.bucketName) : undefined;
  const bucketId = typeof body.bucketId === 'string' ? body.bucketId : named?.bucketId;
  if (!key.capabilities.includes('listBuckets')) throw unauthorized('the key may not list buckets');
  // A restricted key must name its own bucket (b2_list_buckets).
  if (key.bucketId !== null) allow(key, { capability: 'listBuckets', bucketId });
  const filtered = body.bucketId !== undefined || body.bucketName !== undefined;
  const buckets = account.buckets.all().filter((bucket) => !filtered || bucket.bucketId === bucketId);
  return { buckets: buckets.map((bucket) => present(account, bucket)) };
}

export function updateBucket(account: Account, key: StoredKey, body: Body): unknown {
  const bucketId = String(body.bucketId);
  allow(key, { capability: 'writeBuckets', bucketId });
  const before = account.bucket(bucketId);
  if (body.ifRevisionIs !== undefined && body.ifRevisionIs !== before.revision)
    throw new B2Error(409, 'conflict', 'ifRevisionIs does not match the current revision');
  const bucketType = body.bucketType === undefined ? before.bucketType : checkedType(body.bucketType);
  const bucket = {
    ...before,
    ...settings(key, body, { ...before, bucketType }),
    revision: before.revision + 1,
  };
  account.buckets.put(bucketId, bucket);
  return present(account, bucket);
}

export function deleteBucket(account: Account, key: StoredKey, body: Body): unknown {
  const bucketId = String(body.bucketId);
  allow(key, { capability: 'deleteBuckets', bucketId });
  const bucket = account.bucket(bucketId);
  // Hidden versions count too.
  if (account.files(bucketId).count() > 0)
    throw new B2Error(400, 'cannot_delete_non_empty_bucket', 'Cannot delete non-empty bucket');
  account.buckets.delete(bucketId);
  return present(account, bucket);
}

type Settings = Omit<StoredBucket, 'bucketId' | 'bucketName' | 'revision'>;

/** What the body asks for over what stands. */
function settings(key: StoredKey, body: Body, before: Settings): Settings {
  const encryption = body.defaultServerSideEncryption as
    | Settings['defaultServerSideEncryption']
    | null
    | undefined;
  if (encryption != null) {
    if (!key.capabilities.includes('writeBucketEncryption'))
      throw unauthorized("the key lacks 'writeBucketEncryption'");
    const known =
      encryption.mode === 'SSE-B2' ? encryption.algorithm === 'AES256' : encryption.mode === 'none';
    if (!known) throw badRequest('defaultServerSideEncryption: unknown mode or algorithm');
  }
  return {
    bucketType: before.bucketType,
    bucketInfo: (body.bucketInfo as Settings['bucketInfo'] | null | undefined) ?? before.bucketInfo,
    corsRules:
      rules(body.corsRules, 'corsRules', ['corsRuleName', 'allowedOrigins', 'allowedOperations']) ??
      before.corsRules,
    lifecycleRules: rules(body.lifecycleRules, 'lifecycleRules', ['fileNamePrefix']) ?? before.lifecycleRules,
    defaultServerSideEncryption: encryption ?? before.defaultServerSideEncryption,
  };
}

function rules(value: unknown, name: string, needed: readonly string[]): readonly unknown[] | undefined {
  if (value == null) return undefined;
  const complete =
    Array.isArray(value) &&
    value.every(
      (rule) => typeof rule === 'object' && rule !== null && needed.every((field) => field in rule),
    );
  if (!complete) throw badRequest(`${name}: each rule needs ${needed.join(', ')}`);
  return value;
}

function checkedName(name: unknown): string {
  if (typeof name !== 'string' || !/^[A-Za-z0-9-]{6,63}$/.test(name) || /^b2-/i.test(name))
    throw badRequest(`Invalid bucket name: 6 to 63 letters, digits and '-', not starting with 'b2-'`);
  return name;
}

function checkedType(type: unknown): StoredBucket['bucketType'] {
  if (type !== 'allPrivate' && type !== 'allPublic') throw badRequest('Unknown bucketType');
  return type;
}

const present = (account: Account, { defaultServerSideEncryption, ...bucket }: StoredBucket) => ({
  accountId: account.id,
  ...bucket,
  defaultServerSideEncryption: { isClientAuthorizedToRead: true, value: defaultServerSideEncryption },
  fileLockConfiguration: {
    isClientAuthorizedToRead: true,
    value: { defaultRetention: { mode: null, period: null }, isFileLockEnabled: false },
  },
  options: ['s3'],
});
