/** Who may do what: keys, their capabilities and restrictions, and the tokens made from them. */
import { SANDBOX_KEYS } from '../env.ts';
import type { ReplayedRequest } from '../system.ts';
import { type Account, newId } from './account.ts';
import { CAPABILITIES } from './capabilities.ts';
import { B2Error, unauthorized } from './errors.ts';
import type { StoredKey, StoredToken } from './model.ts';

const HOUR_MS = 3_600_000;

const MASTER: StoredKey = {
  applicationKeyId: SANDBOX_KEYS.b2KeyId,
  applicationKey: SANDBOX_KEYS.b2Key,
  keyName: 'master',
  capabilities: CAPABILITIES,
  bucketId: null,
  namePrefix: null,
  expirationTimestamp: null,
};

/** GET or POST b2_authorize_account with Basic credentials; the v2 answer. */
export function authorizeAccount(account: Account, req: ReplayedRequest): unknown {
  const key = keyOfBasic(account, req.headers.authorization ?? '');
  const bucket = key.bucketId === null ? undefined : account.buckets.get(key.bucketId);
  return {
    absoluteMinimumPartSize: 5_000_000,
    accountId: account.id,
    allowed: {
      bucketId: key.bucketId,
      bucketName: bucket?.bucketName ?? null,
      capabilities: key.capabilities,
      namePrefix: key.namePrefix,
    },
    apiUrl: account.url(),
    authorizationToken: issueToken(account, { kind: 'session', keyId: key.applicationKeyId }),
    downloadUrl: account.url(),
    recommendedPartSize: 100_000_000,
    s3ApiUrl: account.url(),
  };
}

function keyOfBasic(account: Account, header: string): StoredKey {
  const [, encoded = ''] = /^Basic (.+)$/.exec(header) ?? [];
  const [id = '', ...secret] = Buffer.from(encoded, 'base64').toString().split(':');
  const key = findKey(account, id);
  if (key === undefined || key.applicationKey !== secret.join(':')) throw unauthorized('invalid credentials');
  return key;
}

/** Undefined: never made, deleted or past its time. */
function findKey(account: Account, id: string): StoredKey | undefined {
  const key = id === MASTER.applicationKeyId ? MASTER : account.keys.get(id);
  if (key === undefined || (key.expirationTimestamp !== null && key.expirationTimestamp <= account.now()))
    return undefined;
  return key;
}

export function issueToken(
  account: Account,
  input: {
    kind: StoredToken['kind'];
    keyId: string;
    bucketId?: string;
    prefix?: string;
    /** Default: a day, as long as Backblaze's last. */
    seconds?: number;
  },
): string {
  const token = `4_${newId(24)}`;
  account.tokens.put(token, {
    kind: input.kind,
    keyId: input.keyId,
    bucketId: input.bucketId ?? null,
    prefix: input.prefix ?? '',
    expires: account.now() + (input.seconds === undefined ? 24 * HOUR_MS : input.seconds * 1000),
  });
  return token;
}

/** @throws B2Error 401 bad_auth_token or expired_auth_token */
export function checkToken(account: Account, token: string | undefined) {
  if (token === undefined || token === '') throw unauthorized('Authorization header is missing');
  const stored = account.tokens.get(token);
  const key = stored && findKey(account, stored.keyId);
  if (stored === undefined || key === undefined)
    throw new B2Error(401, 'bad_auth_token', 'Invalid authorization token');
  if (stored.expires <= account.now())
    throw new B2Error(401, 'expired_auth_token', 'Authorization token has expired');
  return { token: stored, key };
}

/** The key behind a session token. */
export function sessionKey(account: Account, req: ReplayedRequest): StoredKey {
  const { token, key } = checkToken(account, req.headers.authorization);
  if (token.kind !== 'session')
    throw new B2Error(401, 'bad_auth_token', 'The token is not one of an account');
  return key;
}

/**
 * A key must have the capability; restricted to a bucket (and names under a prefix) it opens nothing else.
 * @throws B2Error 401 unauthorized
 */
export function allow(
  key: StoredKey,
  input: { capability: string; bucketId?: string | undefined; fileName?: string },
): void {
  const { capability, bucketId, fileName } = input;
  const held = `unauthorized for application key with capabilities '${key.capabilities.join(',')}'`;
  if (!key.capabilities.includes(capability)) throw unauthorized(held);
  if (key.bucketId === null) return;
  if (bucketId !== key.bucketId) throw unauthorized(`${held}, restricted to bucket '${key.bucketId}'`);
  if (fileName !== undefined && key.namePrefix !== null && !fileName.startsWith(key.namePrefix))
    throw unauthorized(`${held}, restricted to files that start with '${key.namePrefix}'`);
}
