/** One signed POST to one endpoint. https://docs.stripe.com/webhooks#verify-manually */
import { createHmac } from 'node:crypto';
import type { Links } from './links.ts';
import { renderEvent } from './old-shape.ts';
import type { StoredEvent } from './plain.ts';
import type { StoredEndpoint } from './tables.ts';
import { trimLines } from './trim-lines.ts';

const ANSWER_WITHIN_MS = 20_000;

/** @returns the status as text, or what went wrong */
export async function postWebhook(input: {
  endpoint: StoredEndpoint;
  event: StoredEvent;
  links: Links;
  signal: AbortSignal;
  /** Unix time of the signature. */
  seconds: number;
}): Promise<string> {
  const { endpoint, event, links, signal, seconds } = input;
  const body = JSON.stringify(trimLines(renderEvent(event, endpoint.endpoint.api_version, links)), null, 2);
  try {
    const response = await fetch(endpoint.endpoint.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json; charset=utf-8',
        'user-agent': 'Stripe/1.0 (+https://stripe.com/docs/webhooks)',
        'stripe-signature': signature(body, endpoint.secrets, seconds),
      },
      body,
      // Stripe takes a redirect for a failure.
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_WITHIN_MS)]),
    });
    await response.arrayBuffer();
    return String(response.status);
  } catch (thrown) {
    const cause = thrown instanceof Error && thrown.cause instanceof Error ? thrown.cause : thrown;
    return cause instanceof Error ? cause.message || cause.name : String(cause);
  }
}

/** `t=…,v1=…`, one v1 for each secret while one is being replaced. */
function signature(body: string, secrets: readonly string[], seconds: number): string {
  const signed = secrets.map(
    (secret) => `v1=${createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')}`,
  );
  return [`t=${seconds}`, ...signed].join(',');
}
