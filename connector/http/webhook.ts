/**
 * `POST /webhooks/stripe`: verify the raw body, store the event with one INSERT, answer. Nothing else is on this path.
 * It is a plain node handler, so that it can run ahead of Express or alone (`npm start -- --only webhook`).
 *
 * Answers: 200 stored, seen before, or kept without work (unknown type, thin event) · 400 bad signature, body or mode ·
 * 405 · 413 over 1 MiB · 415 not JSON · 503 the database cannot store (Stripe sends the event again).
 */
import { isUtf8 } from 'node:buffer';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { Router } from 'express';
import type { Database } from '../db/database.ts';
import { createGroupCommit } from '../inbox/group-commit.ts';
import { type IncomingEvent, modeMismatch, readEvent } from '../inbox/incoming.ts';
import type { Log } from '../log.ts';
import { readRawBody } from './raw-body.ts';
import { answerFault, type WebhookFault } from './webhook-faults.ts';
import { signatureFault, signingKeys } from './webhook-signature.ts';

export const WEBHOOK_PATH = '/webhooks/stripe';

export interface WebhookDeps {
  readonly db: Database;
  readonly log: Log;
  readonly now: () => Date;
  /** STRIPE_WEBHOOK_SECRET: each `whsec_…` accepted. */
  readonly secrets: readonly string[];
  /** Our mode; events of the other are refused. */
  readonly livemode: boolean;
  /** After the commit, for events with work. */
  readonly onStored: (customerId: string) => void;
}

const MOST_BYTES = 1024 * 1024;
const RECEIVED = Buffer.from('{"received":true}');
const OK_HEADERS = { 'content-type': 'application/json', 'content-length': RECEIVED.length };

export function createWebhookHandler(deps: WebhookDeps): RequestListener {
  const { log, livemode } = deps;
  const keys = signingKeys(deps.secrets);
  const store = createGroupCommit({ db: deps.db, now: deps.now });

  async function handle(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const body = await readRawBody(req, MOST_BYTES);
    if (body === 'aborted') return;
    const event = body === 'too_large' ? 'body_too_large' : accept(req, body);
    if (typeof event === 'string') {
      log.warn({ fault: event }, 'webhook delivery refused');
      return answerFault(res, event);
    }
    try {
      await store(event);
    } catch (err) {
      log.error({ err, event: event.id }, 'event could not be stored; Stripe will send it again');
      return answerFault(res, 'not_stored');
    }
    res.writeHead(200, OK_HEADERS).end(RECEIVED);
    log.debug(
      { event: event.id, type: event.type, customer: event.customer, cause: event.cause },
      'event stored',
    );
    if (event.customer !== null) deps.onStored(event.customer);
  }

  function accept(req: IncomingMessage, body: Buffer): IncomingEvent | WebhookFault {
    if (req.method !== 'POST') return 'method_not_allowed';
    if (!/^application\/json\s*(;|$)/i.test(req.headers['content-type'] ?? ''))
      return 'unsupported_media_type';
    if ((req.headers['content-encoding'] ?? 'identity') !== 'identity') return 'unsupported_media_type';
    const header = req.headers['stripe-signature'];
    const fault = signatureFault({ header, body, keys, nowMs: deps.now().getTime() });
    if (fault !== null) return fault;
    if (!isUtf8(body)) return 'body_not_utf8';
    const text = body.toString('utf8');
    let parsed: unknown;
    try {
      parsed = JSON.parse(text);
    } catch {
      return 'body_not_json';
    }
    // Not stored: a test event among live ones is another installation's, and its endpoint shows the refusal.
    if (modeMismatch(parsed, livemode)) return 'livemode_mismatch';
    return readEvent(parsed, text) ?? 'not_an_event';
  }

  return (req, res) => {
    handle(req, res).catch((err: unknown) => {
      // Nothing a delivery holds may end the process; Stripe sends again what was not answered with 200.
      log.error({ err }, 'webhook delivery failed');
      if (res.headersSent) res.destroy();
      else answerFault(res, 'not_stored');
    });
  };
}

/** True for requests that belong to the handler, whatever their query. */
export function isWebhookRequest(req: IncomingMessage): boolean {
  const url = req.url!;
  return url === WEBHOOK_PATH || url.startsWith(`${WEBHOOK_PATH}?`);
}

/** Puts the handler ahead of `rest` (an Express application), which then costs deliveries nothing. */
export function webhookFirst(webhook: RequestListener, rest: RequestListener): RequestListener {
  return (req, res) => (isWebhookRequest(req) ? webhook(req, res) : rest(req, res));
}

/** The handler as a router; it must come before any body parser. */
export function webhookRouter(deps: WebhookDeps): Router {
  const handler = createWebhookHandler(deps);
  const router = Router();
  router.all(WEBHOOK_PATH, (req, res) => handler(req, res));
  return router;
}
