/** Secrets at rest: AES-256-GCM under CONNECTOR_SECRET, bound to what they belong to. */
import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';
import { ConnectorError } from '../errors.ts';

export interface Vault {
  /** @param context whose secret it is, e.g. `project_9/storage_key`: a sealed text moved to another row does not open. */
  seal(plain: string, context: string): string;
  /**
   * @throws ConnectorError permanent `vault_key_missing` (no CONNECTOR_SECRET fits),
   *   permanent `vault_damaged` (altered, or sealed for another context)
   */
  open(sealed: string, context: string): string;
  /**
   * The same text under the first CONNECTOR_SECRET; undefined when it is already.
   * @throws what `open` throws
   */
  reseal(sealed: string, context: string): string | undefined;
}

interface Key {
  readonly id: string;
  readonly bytes: Buffer;
}

const VERSION = 'v1';
// 96 bits, the size NIST SP 800-38D recommends for GCM; random, because the vault keeps no counter.
const IV_BYTES = 12;
const TAG_BYTES = 16;
const MIN_SECRET_BYTES = 32;

/**
 * @param connectorSecrets base64, 32 bytes or more each; the first seals, all open, so that a secret is replaced by
 *   putting the new one in front and leaving the old one behind it.
 * @throws ConnectorError permanent `connector_secret_unusable`
 */
export function createVault(connectorSecrets: readonly string[]): Vault {
  const keys = connectorSecrets.map(deriveKey);
  const [first] = keys;
  if (first === undefined) throw unusable('CONNECTOR_SECRET is empty');
  return {
    seal: (plain, context) => seal(first, plain, context),
    open: (sealed, context) => open(keys, sealed, context),
    reseal: (sealed, context) =>
      sealed.split('.')[1] === first.id ? undefined : seal(first, open(keys, sealed, context), context),
  };
}

function deriveKey(secret: string): Key {
  const bytes = Buffer.from(secret, 'base64');
  if (bytes.length < MIN_SECRET_BYTES) {
    throw unusable(
      `one of CONNECTOR_SECRET decodes to ${bytes.length} bytes, ${MIN_SECRET_BYTES} are needed`,
    );
  }
  const key = Buffer.from(hkdfSync('sha256', bytes, '', 'stripe-odoo-connector/vault', 32));
  // Names the key without saying anything about it; 48 bits tell a handful of secrets apart.
  const id = createHash('sha256').update(key).digest('hex').slice(0, 12);
  return { id, bytes: key };
}

function seal(key: Key, plain: string, context: string): string {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key.bytes, iv).setAAD(Buffer.from(context));
  const text = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
  return [VERSION, key.id, Buffer.concat([iv, cipher.getAuthTag(), text]).toString('base64url')].join('.');
}

function open(keys: readonly Key[], sealed: string, context: string): string {
  const [version, keyId, body, ...rest] = sealed.split('.');
  if (version !== VERSION || keyId === undefined || body === undefined || rest.length > 0)
    throw damaged(context);
  const key = keys.find((candidate) => candidate.id === keyId);
  if (key === undefined) throw keyMissing(context, keyId);
  const bytes = Buffer.from(body, 'base64url');
  if (bytes.length < IV_BYTES + TAG_BYTES) throw damaged(context);
  const decipher = createDecipheriv('aes-256-gcm', key.bytes, bytes.subarray(0, IV_BYTES), {
    authTagLength: TAG_BYTES,
  })
    .setAAD(Buffer.from(context))
    .setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
  try {
    const text = decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES));
    return Buffer.concat([text, decipher.final()]).toString('utf8');
  } catch {
    throw damaged(context);
  }
}

const unusable = (message: string) =>
  new ConnectorError({
    kind: 'permanent',
    code: 'connector_secret_unusable',
    message,
    advice: 'Set CONNECTOR_SECRET to the output of: openssl rand -base64 32',
  });

const keyMissing = (context: string, keyId: string) =>
  new ConnectorError({
    kind: 'permanent',
    code: 'vault_key_missing',
    message: `The secret of ${context} was sealed under key ${keyId}, which no CONNECTOR_SECRET yields`,
    advice: 'Add the CONNECTOR_SECRET used before behind the present one, separated by a comma.',
    details: { context, keyId },
  });

const damaged = (context: string) =>
  new ConnectorError({
    kind: 'permanent',
    code: 'vault_damaged',
    message: `The sealed secret of ${context} is damaged or belongs to something else`,
    advice: 'Restore the row from a backup, or replace the secret where it was made.',
    details: { context },
  });
