/**
 * Stripe's webhook signature (docs.stripe.com/webhooks/signature): `t=<unix seconds>,v1=<HMAC-SHA256 hex>,…` over
 * "<t>.<raw body>". Done here and not by stripe-node because that lets timestamps of the future pass, parses the body a
 * second time, and answers some bad headers with plain errors; tests hold the two against each other.
 */
import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';

export type SignatureFault =
  | 'signature_missing'
  | 'signature_malformed'
  | 'signature_invalid'
  | 'signature_stale'
  | 'signature_future';

/** Stripe's own default, in seconds; here it holds in both directions. */
export const TOLERANCE_SECONDS = 300;

/** @param secrets `whsec_…`; several while one is being replaced */
export const signingKeys = (secrets: readonly string[]): readonly KeyObject[] =>
  secrets.map((secret) => createSecretKey(secret, 'utf8'));

/** @returns null when the signature holds; else what is wrong with it. Age is judged only once the signature holds. */
export function signatureFault(input: {
  header: string | readonly string[] | undefined;
  body: Uint8Array;
  keys: readonly KeyObject[];
  nowMs: number;
}): SignatureFault | null {
  const { header } = input;
  if (header === undefined || header === '') return 'signature_missing';
  if (typeof header !== 'string') return 'signature_malformed';
  const parts = parseHeader(header);
  if (parts === null) return 'signature_malformed';
  if (!holds(parts, input.body, input.keys)) return 'signature_invalid';
  const age = input.nowMs / 1000 - Number(parts.timestamp);
  if (age > TOLERANCE_SECONDS) return 'signature_stale';
  return age < -TOLERANCE_SECONDS ? 'signature_future' : null;
}

interface Parts {
  /** As written: it is part of what was signed. */
  readonly timestamp: string;
  readonly signatures: readonly Buffer[];
}

const HEX_SHA256 = /^[0-9a-f]{64}$/;
/** Rotated secrets give two or three signatures; hundreds would only buy HMAC comparisons. */
const MOST_SIGNATURES = 16;

function parseHeader(header: string): Parts | null {
  let timestamp: string | undefined;
  const signatures: Buffer[] = [];
  for (const item of header.split(',')) {
    const cut = item.indexOf('=');
    const name = item.slice(0, cut).trim();
    const value = item.slice(cut + 1).trim();
    if (name === 't') {
      // Two headers arrive joined by a comma: nobody could say which time was signed.
      if (timestamp !== undefined || !/^\d{1,12}$/.test(value)) return null;
      timestamp = value;
    } else if (name === 'v1' && HEX_SHA256.test(value)) {
      if (signatures.push(Buffer.from(value, 'hex')) > MOST_SIGNATURES) return null;
    }
  }
  return timestamp === undefined || signatures.length === 0 ? null : { timestamp, signatures };
}

function holds(parts: Parts, body: Uint8Array, keys: readonly KeyObject[]): boolean {
  let found = false;
  for (const key of keys) {
    const expected = createHmac('sha256', key).update(`${parts.timestamp}.`).update(body).digest();
    // All are compared, whichever holds: the time taken tells nothing.
    for (const signature of parts.signatures) if (timingSafeEqual(signature, expected)) found = true;
  }
  return found;
}
