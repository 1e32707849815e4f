/** What the webhook answers to deliveries it does not take. */
import type { ServerResponse } from 'node:http';
import type { SignatureFault } from './webhook-signature.ts';

export type WebhookFault =
  | SignatureFault
  | 'method_not_allowed'
  | 'unsupported_media_type'
  | 'body_too_large'
  | 'body_not_utf8'
  | 'body_not_json'
  | 'not_an_event'
  | 'livemode_mismatch'
  | 'not_stored';

interface Answer {
  readonly status: number;
  readonly title: string;
  readonly advice: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const SECRET = 'Check that STRIPE_WEBHOOK_SECRET holds the signing secret of this very endpoint.';
const CLOCK = 'Check the clock of this machine; Stripe signs each delivery anew, also repeated ones.';
const SENDER = 'Only Stripe is expected here; nothing needs to be done.';

const ANSWERS: Readonly<Record<WebhookFault, Answer>> = {
  signature_missing: { status: 400, title: 'No Stripe-Signature header', advice: SENDER },
  signature_malformed: { status: 400, title: 'Unreadable Stripe-Signature header', advice: SENDER },
  signature_invalid: { status: 400, title: 'The signature does not fit the body', advice: SECRET },
  signature_stale: { status: 400, title: 'Signed more than five minutes ago', advice: CLOCK },
  signature_future: { status: 400, title: 'Signed more than five minutes ahead', advice: CLOCK },
  method_not_allowed: { status: 405, title: 'Only POST', advice: SENDER, headers: { allow: 'POST' } },
  unsupported_media_type: { status: 415, title: 'Only plain application/json', advice: SENDER },
  body_too_large: { status: 413, title: 'More than 1 MiB', advice: SENDER },
  body_not_utf8: { status: 400, title: 'The body is not UTF-8', advice: SENDER },
  body_not_json: { status: 400, title: 'The body is not JSON', advice: SENDER },
  not_an_event: { status: 400, title: 'The body is no Stripe event', advice: SENDER },
  livemode_mismatch: {
    status: 400,
    title: 'An event of the other mode (live or test)',
    advice:
      'Test and live mode are separate installations: point this endpoint at the right one, or remove it.',
  },
  not_stored: {
    status: 503,
    title: 'The event could not be stored',
    advice: 'Stripe sends it again; check the database.',
    headers: { 'retry-after': '30' },
  },
};

/** Answers with an RFC 9457 problem document. */
export function answerFault(res: ServerResponse, code: WebhookFault): void {
  const { status, title, advice, headers } = ANSWERS[code];
  const body = JSON.stringify({ type: 'about:blank', status, code, title, advice });
  res
    .writeHead(status, {
      'content-type': 'application/problem+json',
      'content-length': Buffer.byteLength(body),
      ...headers,
    })
    .end(body);
}
