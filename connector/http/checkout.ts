/** POST /api/v1/billing/checkout: the wizard's capability for other front ends. Documented in docs/checkout-api.md. */
import express, { type Request, Router } from 'express';
import type { Checkout, CheckoutAnswer, CheckoutRequest } from '../billing/checkout.ts';
import { invalidRequest } from '../billing/checkout-errors.ts';
import type { OrderInput } from '../billing/order-form.ts';
import { clean, compileCheck, type FieldError, ORDER_PROPERTIES } from '../billing/order-input.ts';
import { idempotencyKeyOf } from './idempotency-key.ts';
import { jsonBody } from './json-body.ts';
import { requestError } from './problem.ts';
import { rateLimit } from './rate-limit.ts';

export interface CheckoutRouterDeps {
  readonly checkout: Checkout;
  readonly publicUrl: string;
  readonly publishableKey: string;
  /** Other origins that success and cancel URLs may lead to; PUBLIC_URL's own always may. */
  readonly allowedOrigins?: readonly string[];
  /** Requests a minute from one address (default 30). */
  readonly perMinute?: number;
}

interface Body extends OrderInput {
  readonly ui?: 'embedded' | 'redirect';
  readonly success_url?: string;
  readonly cancel_url?: string;
  readonly order?: string;
}

const url = { type: 'string', maxLength: 2000, pattern: '^https?://[^\\s]+$', 'x-code': 'url' };
/** Also what OpenAPI says of it. */
export const CHECKOUT_BODY = {
  type: 'object',
  additionalProperties: false,
  required: ['plan', 'interval', 'project', 'stakeholders'],
  properties: {
    ...ORDER_PROPERTIES,
    ui: { enum: ['embedded', 'redirect'], 'x-code': 'ui' },
    success_url: url,
    cancel_url: url,
    order: { type: 'string', pattern: '^[\\w-]{43}$', 'x-code': 'order' },
  },
} as const;
const check = compileCheck(CHECKOUT_BODY);
// 500 stakeholders with the longest names and addresses fit; nothing much larger does.
const LIMIT = '512kb';

export function checkoutRouter(deps: CheckoutRouterDeps): Router {
  const router = Router();
  const origins = new Set([deps.publicUrl, ...(deps.allowedOrigins ?? [])].map((url) => new URL(url).origin));
  router.post(
    '/api/v1/billing/checkout',
    rateLimit(deps.perMinute ?? 30),
    express.raw({ type: () => true, limit: LIMIT }),
    async (req, res) => {
      const answer = await deps.checkout.start(readRequest(req, origins));
      res.status(201).json(toBody(deps, answer));
    },
  );
  return router;
}

/** @throws ConnectorError `invalid_request` with every field error, `idempotency_key_invalid`, `token_refused` */
function readRequest(req: Request, origins: ReadonlySet<string>): CheckoutRequest {
  const value = clean(jsonBody(req));
  const errors = check(value);
  if (errors.length > 0) throw invalidRequest(errors);
  const { ui, success_url, cancel_url, order, ...input } = value as Body;
  const stray = [
    ...strayUrl('/success_url', success_url, origins),
    ...strayUrl('/cancel_url', cancel_url, origins),
  ];
  if (stray.length > 0) throw invalidRequest(stray);
  const key = idempotencyKeyOf(req);
  const bearer = bearerOf(req);
  return {
    input,
    ui: ui ?? 'embedded',
    ...(success_url !== undefined && { successUrl: success_url }),
    ...(cancel_url !== undefined && { cancelUrl: cancel_url }),
    ...(order !== undefined && { orderToken: order }),
    ...(key !== undefined && { idempotencyKey: key }),
    ...(bearer !== undefined && { bearer }),
  };
}

function bearerOf(req: Request): string | undefined {
  const header = req.get('authorization');
  if (header === undefined) return undefined;
  const token = /^Bearer ([\w.-]{10,200})$/i.exec(header)?.[1];
  if (token === undefined) throw requestError('token_refused', 'Authorization must be "Bearer <token>".');
  return token;
}

/** Elsewhere a success URL would make this service an open redirect after payment. */
function strayUrl(pointer: string, url: string | undefined, origins: ReadonlySet<string>): FieldError[] {
  if (url === undefined) return [];
  const origin = URL.canParse(url) ? new URL(url).origin : undefined;
  return origin !== undefined && origins.has(origin) ? [] : [{ pointer, code: 'url_origin' }];
}

function toBody(deps: CheckoutRouterDeps, answer: CheckoutAnswer) {
  return {
    order: answer.orderToken,
    order_url: answer.orderUrl,
    session_id: answer.sessionId,
    expires_at: answer.expiresAt,
    publishable_key: deps.publishableKey,
    ...(answer.clientSecret === null ? {} : { client_secret: answer.clientSecret }),
    ...(answer.checkoutUrl === null ? {} : { checkout_url: answer.checkoutUrl }),
  };
}
