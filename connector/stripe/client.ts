/** The one Stripe client: pinned API version, bounded time, bounded retries. */
import http from 'node:http';
import https from 'node:https';
import Stripe from 'stripe';
import { createPace } from './pace.ts';

/** What this connector was written against; events may still arrive in an older shape. */
export const API_VERSION = '2026-10-28.endive';

export type { Stripe };

/**
 * stripe-node retries network errors, 409, 429 and 5xx with the same idempotency key (its documentation, "Network retries").
 * @param settings.apiUrl another address than api.stripe.com (the sandbox)
 * @param settings.timeoutMs of each try (default 30 s)
 * @param settings.readsPerSecond GET requests, over all callers of this client; left out: as many as are asked for
 */
export function createStripe(settings: {
  secretKey: string;
  apiUrl?: string | undefined;
  timeoutMs?: number | undefined;
  readsPerSecond?: number | undefined;
}): Stripe {
  const url = settings.apiUrl === undefined ? undefined : new URL(settings.apiUrl);
  const plain = url?.protocol === 'http:';
  const agentOptions = { keepAlive: true, maxSockets: 16 };
  return new Stripe(settings.secretKey, {
    apiVersion: API_VERSION,
    timeout: settings.timeoutMs ?? 30_000,
    maxNetworkRetries: 2,
    telemetry: false,
    httpClient: paced(
      Stripe.createNodeHttpClient(plain ? new http.Agent(agentOptions) : new https.Agent(agentOptions)),
      settings.readsPerSecond,
    ),
    ...(url && {
      protocol: plain ? ('http' as const) : ('https' as const),
      host: url.hostname,
      port: url.port === '' ? (plain ? 80 : 443) : Number(url.port),
    }),
  });
}

type HttpClient = ReturnType<typeof Stripe.createNodeHttpClient>;

function paced(client: HttpClient, readsPerSecond: number | undefined): HttpClient {
  if (readsPerSecond === undefined) return client;
  const turn = createPace(readsPerSecond);
  const send = client.makeRequest.bind(client);
  client.makeRequest = async (...request) => {
    const [, , , method] = request;
    if (method === 'GET') await turn();
    return send(...request);
  };
  return client;
}
