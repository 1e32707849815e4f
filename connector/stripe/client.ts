/** The one Stripe client: pinned API version, bounded time, bounded retries. */
import http from 'node:http';
import https from 'node:https';
import Stripe from 'stripe';

/** What this connector was written against; events may still arrive in an older shape. */
export const API_VERSION = '2026-10-28.endive';

export type { Stripe };

/**
 * stripe-node retries network errors, 409, 429 and 5xx with the same idempotency key (its documentation, "Network retries").
 * @param settings.apiUrl another address than api.stripe.com (the sandbox)
 * @param settings.timeoutMs of each try (default 30 s)
 */
export function createStripe(settings: {
  secretKey: string;
  apiUrl?: string | undefined;
  timeoutMs?: number | undefined;
}): Stripe {
  const url = settings.apiUrl === undefined ? undefined : new URL(settings.apiUrl);
  const plain = url?.protocol === 'http:';
  const agentOptions = { keepAlive: true, maxSockets: 16 };
  return new Stripe(settings.secretKey, {
    apiVersion: API_VERSION,
    timeout: settings.timeoutMs ?? 30_000,
    maxNetworkRetries: 2,
    telemetry: false,
    httpAgent: plain ? new http.Agent(agentOptions) : new https.Agent(agentOptions),
    ...(url && {
      protocol: plain ? ('http' as const) : ('https' as const),
      host: url.hostname,
      port: url.port === '' ? (plain ? 80 : 443) : Number(url.port),
    }),
  });
}
