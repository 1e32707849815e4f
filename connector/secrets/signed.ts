/** Claims that travel through other hands and come back unchanged: HMAC-SHA256 under CONNECTOR_SECRET, nothing stored. */
import { createHmac, hkdfSync } from 'node:crypto';
import { equalSecret } from './token.ts';

export interface Seal {
  /** The first signs; all verify. */
  readonly connectorSecrets: readonly string[];
  /** What the claims are for: each purpose has a key of its own, so that none passes for another. */
  readonly purpose: string;
}

/** @returns base64url text with one dot */
export function signClaims({ connectorSecrets, purpose }: Seal, claims: object): string {
  const text = Buffer.from(JSON.stringify(claims)).toString('base64url');
  return `${text}.${signature(connectorSecrets[0]!, purpose, text)}`;
}

/** undefined: malformed, or not signed by us for this purpose. */
export function readClaims({ connectorSecrets, purpose }: Seal, token: string): unknown {
  const match = /^([\w-]{1,8000})\.([\w-]{43})$/.exec(token);
  if (match === null) return undefined;
  const [, text, given] = match;
  const ours = connectorSecrets.some((secret) => equalSecret(signature(secret, purpose, text!), given!));
  return ours ? JSON.parse(Buffer.from(text!, 'base64url').toString()) : undefined;
}

function signature(secret: string, purpose: string, text: string): string {
  const key = hkdfSync('sha256', Buffer.from(secret, 'base64'), '', `stripe-odoo-connector/${purpose}`, 32);
  return createHmac('sha256', Buffer.from(key)).update(text).digest('base64url');
}
