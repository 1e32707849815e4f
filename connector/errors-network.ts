/** What a failed socket says about the request: whether it can have arrived. Codes of Node's net, tls and undici. */

/**
 * - `unreachable`: nothing was sent.
 * - `lost`: sent at least in part, no answer read; it may have taken effect.
 */
export type NetworkFailure = 'unreachable' | 'lost';

const FAILURES: Readonly<Record<string, NetworkFailure>> = {
  ECONNREFUSED: 'unreachable',
  ENOTFOUND: 'unreachable',
  EAI_AGAIN: 'unreachable',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  EHOSTDOWN: 'unreachable',
  UND_ERR_CONNECT_TIMEOUT: 'unreachable',
  CERT_HAS_EXPIRED: 'unreachable',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'unreachable',
  SELF_SIGNED_CERT_IN_CHAIN: 'unreachable',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'unreachable',
  ERR_TLS_CERT_ALTNAME_INVALID: 'unreachable',
  ECONNRESET: 'lost',
  EPIPE: 'lost',
  ETIMEDOUT: 'lost',
  ECONNABORTED: 'lost',
  ERR_CANCELED: 'lost',
  ERR_STREAM_PREMATURE_CLOSE: 'lost',
  UND_ERR_SOCKET: 'lost',
  UND_ERR_HEADERS_TIMEOUT: 'lost',
  UND_ERR_BODY_TIMEOUT: 'lost',
  ABORT_ERR: 'lost',
};

/** Looks through the chain of causes; null when this is no failure of the network. */
export function networkFailure(thrown: unknown): NetworkFailure | null {
  // Five: undici wraps once, an AggregateError of two addresses once more.
  for (let error = thrown, depth = 0; error instanceof Error && depth < 5; depth += 1) {
    const known = FAILURES[String((error as { code?: unknown }).code)];
    if (known !== undefined) return known;
    if (error.name === 'TimeoutError' || error.name === 'AbortError') return 'lost';
    error = error instanceof AggregateError ? error.errors[0] : error.cause;
  }
  return null;
}

// A maintenance page may name a day of next year: work that has gone quiet for so long would look lost.
const LONGEST_WAIT_MS = 3_600_000;

/**
 * Milliseconds of a Retry-After header, seconds or an HTTP date (RFC 9110, 10.2.3), an hour at most; undefined when there
 * is none.
 */
export function retryAfterMs(header: unknown, now: Date): number | undefined {
  if (typeof header !== 'string' || header.trim() === '') return undefined;
  const seconds = Number(header);
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(header) - now.getTime();
  return Number.isFinite(ms) && ms > 0 ? Math.min(ms, LONGEST_WAIT_MS) : undefined;
}
