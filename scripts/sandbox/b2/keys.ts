/** Application keys: make (the secret is shown once), list by pages, delete. */
import { type Account, newId } from './account.ts';
import { allow } from './auth.ts';
import { BUCKET_CAPABILITIES, CAPABILITIES } from './capabilities.ts';
import { badRequest } from './errors.ts';
import type { StoredKey } from './model.ts';

type Body = Readonly<Record<string, unknown>>;

const THOUSAND_DAYS_SECONDS = 1000 * 86_400;

export function createKey(account: Account, key: StoredKey, body: Body): unknown {
  allow(key, { capability: 'writeKeys' });
  const { keyName, validDurationInSeconds: seconds } = body;
  if (typeof keyName !== 'string' || !/^[A-Za-z0-9-]{1,100}$/.test(keyName))
    throw badRequest("keyName: up to 100 letters, digits and '-'");
  if (seconds != null && !(Number(seconds) > 0 && Number(seconds) < THOUSAND_DAYS_SECONDS))
    throw badRequest('validDurationInSeconds: more than 0 and less than 1000 days');
  const bucketId = typeof body.bucketId === 'string' ? account.bucket(body.bucketId).bucketId : null;
  const namePrefix = typeof body.namePrefix === 'string' ? body.namePrefix : null;
  if (namePrefix !== null && bucketId === null) throw badRequest('namePrefix needs a bucketId');
  const made: StoredKey = {
    // Rising, so that paging by id is in the order of creation.
    applicationKeyId: `005${account.id}${account.timestamp().toString(16).padStart(12, '0')}`,
    applicationKey: `K005${newId(14)}`,
    keyName,
    capabilities: checkedCapabilities(body.capabilities, bucketId),
    bucketId,
    namePrefix,
    expirationTimestamp: seconds == null ? null : account.now() + Number(seconds) * 1000,
  };
  account.keys.put(made.applicationKeyId, made);
  return { ...present(account, made), applicationKey: made.applicationKey };
}

export function listKeys(account: Account, key: StoredKey, body: Body): unknown {
  allow(key, { capability: 'listKeys' });
  const max = Number(body.maxKeyCount ?? 100);
  if (!(max >= 1 && max <= 10_000)) throw badRequest('maxKeyCount: 1 to 10000');
  const start = typeof body.startApplicationKeyId === 'string' ? body.startApplicationKeyId : '';
  const rest = account.keys.all().filter((stored) => stored.applicationKeyId >= start);
  return {
    keys: rest.slice(0, max).map((stored) => present(account, stored)),
    nextApplicationKeyId: rest[max]?.applicationKeyId ?? null,
  };
}

export function deleteKey(account: Account, key: StoredKey, body: Body): unknown {
  allow(key, { capability: 'deleteKeys' });
  const stored = account.keys.get(String(body.applicationKeyId));
  if (stored === undefined) throw badRequest(`application key does not exist: ${body.applicationKeyId}`);
  account.keys.delete(stored.applicationKeyId);
  return present(account, stored);
}

function checkedCapabilities(value: unknown, bucketId: string | null): readonly string[] {
  const permitted = bucketId === null ? CAPABILITIES : BUCKET_CAPABILITIES;
  if (!Array.isArray(value) || value.length === 0) throw badRequest('capabilities: at least one');
  const unknown = value.filter((capability) => !permitted.includes(capability));
  if (unknown.length > 0) throw badRequest(`capabilities not possible here: ${unknown.join(', ')}`);
  return value;
}

const present = (account: Account, { applicationKey: _secret, ...key }: StoredKey) => ({
  accountId: account.id,
  ...key,
  options: ['s3'],
});
