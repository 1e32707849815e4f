/** Errors as RFC 9457 problem documents with a stable `code`. */
import type { ErrorRequestHandler, RequestHandler, Response } from 'express';
import { asConnectorError, ConnectorError, type ErrorKind } from '../errors.ts';
import { currentRequestId, type Log } from '../log.ts';
import { describeErrors } from './field-texts.ts';

interface Problem {
  readonly status: number;
  /** Stable, snake_case; what a program decides by. */
  readonly code: string;
  readonly title: string;
  readonly detail?: string;
  /** What to do next. */
  readonly advice?: string;
  readonly errors?: readonly unknown[];
  /** Those to choose from. */
  readonly subscriptions?: readonly unknown[];
  readonly retryAfterSeconds?: number;
}

// Codes that callers of the API meet by their own doing; every other error is described by its kind alone.
const BY_CODE: Readonly<Record<string, { readonly status: number; readonly title: string }>> = {
  invalid_request: { status: 422, title: 'The request is not acceptable' },
  idempotency_key_invalid: { status: 400, title: 'Unusable Idempotency-Key' },
  idempotency_key_reused: { status: 422, title: 'Idempotency-Key used before' },
  body_not_utf8: { status: 400, title: 'The body is not UTF-8' },
  body_not_json: { status: 400, title: 'The body is not JSON' },
  body_too_large: { status: 413, title: 'The body is too large' },
  unsupported_media_type: { status: 415, title: 'Unsupported content type' },
  bad_request: { status: 400, title: 'Bad request' },
  token_refused: { status: 401, title: 'Token refused' },
  unauthorized: { status: 401, title: 'Not authorised' },
  order_not_found: { status: 404, title: 'No such order' },
  subscription_not_found: { status: 404, title: 'No such subscription' },
  subscription_ambiguous: { status: 409, title: 'Several subscriptions: which one?' },
  no_active_subscription: { status: 400, title: 'No active subscription' },
  subscription_not_cancelled: { status: 400, title: 'The subscription is not cancelled' },
  project_not_found: { status: 404, title: 'No such project' },
  no_billing_customer: { status: 400, title: 'Nothing was bought yet' },
  tier_not_found: { status: 404, title: 'No such tier' },
  no_price_for_tier: { status: 400, title: 'The tier has no such price' },
  not_our_plan: { status: 400, title: 'Not a plan of the catalogue' },
  promotion_code_invalid: { status: 422, title: 'The promotion code cannot be used' },
  feature_not_found: { status: 404, title: 'No such feature' },
  meter_not_found: { status: 404, title: 'No such meter' },
  usage_time_refused: { status: 422, title: 'The time of use is too old, or ahead' },
  nothing_scheduled: { status: 400, title: 'No change is scheduled' },
  not_on_trial: { status: 400, title: 'The subscription is not on trial' },
  nothing_to_change: { status: 400, title: 'Nothing to change' },
  subscription_not_changeable: { status: 409, title: 'The subscription cannot be changed now' },
  subscription_not_paused: { status: 400, title: 'The subscription is not paused' },
  no_payment_method: { status: 400, title: 'No means of payment is stored' },
  addon_not_found: { status: 404, title: 'No such add-on' },
  addon_not_compatible: { status: 400, title: 'The add-on does not go with this plan' },
  addon_owned: { status: 409, title: 'The add-on is there already' },
  addon_without_price: { status: 400, title: 'The add-on has no such price' },
  addon_not_removable: { status: 409, title: 'The add-on was sold once' },
  domain_required: { status: 422, title: 'A domain name is needed' },
  domain_not_registered: { status: 422, title: 'The domain is not registered' },
  domain_not_delegated: { status: 422, title: 'The domain’s name servers are not set' },
  subscription_alive: { status: 409, title: 'A subscription still lives' },
  legal_hold: { status: 409, title: 'The data are held for legal reasons' },
  erasure_under_way: { status: 409, title: 'An erasure is under way' },
  run_under_way: { status: 409, title: 'Something is being set up or changed' },
  preview_out_of_date: { status: 409, title: 'The preview is out of date' },
  tax_id_invalid: { status: 422, title: 'The tax id is not valid' },
  request_in_progress: { status: 409, title: 'The same request is being worked on' },
  not_found: { status: 404, title: 'Not found' },
  method_not_allowed: { status: 405, title: 'Method not allowed' },
  invoice_not_found: { status: 404, title: 'No such invoice' },
  invoice_not_open: { status: 409, title: 'Nothing to pay' },
  payment_declined: { status: 402, title: 'The payment was declined' },
  payment_action_required: { status: 402, title: 'The bank asks for a confirmation' },
  order_already_paid: { status: 409, title: 'The order is paid' },
  payment_under_way: { status: 409, title: 'A payment is on its way' },
  checkout_in_progress: { status: 409, title: 'Another checkout is in progress' },
  rate_limited: { status: 429, title: 'Too many requests' },
};

const PAYMENT_SYSTEM_NOT_CONFIGURED = {
  status: 503,
  code: 'payment_system_not_configured',
  title: 'The payment system is not configured',
};
// Errors of the payment provider that a caller should tell apart, under names of ours and without our internals.
const OF_PROVIDER: Readonly<
  Record<string, { status: number; code: string; title: string; advice?: string }>
> = {
  stripe_authentication: PAYMENT_SYSTEM_NOT_CONFIGURED,
  stripe_permission: PAYMENT_SYSTEM_NOT_CONFIGURED,
  price_missing: PAYMENT_SYSTEM_NOT_CONFIGURED,
  stripe_card: {
    status: 402,
    code: 'payment_refused',
    title: 'The payment was refused',
    advice:
      'Nothing has changed. Store another means of payment (POST /api/v1/billing/portal) and try again.',
  },
};

const BY_KIND: Readonly<
  Record<ErrorKind, { readonly status: number; readonly code: string; readonly title: string }>
> = {
  retryable: { status: 503, code: 'temporarily_unavailable', title: 'Temporarily unavailable' },
  permanent: { status: 502, code: 'upstream_refused', title: 'A service we depend on refused' },
  absent: { status: 404, code: 'not_found', title: 'Not found' },
  conflict: { status: 409, code: 'conflict', title: 'Conflict' },
  bug: { status: 500, code: 'internal_error', title: 'Internal error' },
};

/** Every code a problem document may carry, with its status. */
export const PROBLEM_STATUS: Readonly<Record<string, number>> = Object.fromEntries([
  ...Object.entries(BY_CODE).map(([code, { status }]) => [code, status]),
  ...[...Object.values(OF_PROVIDER), ...Object.values(BY_KIND)].map(({ code, status }) => [code, status]),
]);

/** @param code one of the table above */
export function requestError(code: string, message: string, advice?: string): ConnectorError {
  return new ConnectorError({ kind: 'permanent', code, message, ...(advice !== undefined && { advice }) });
}

/** What a caller may read of an error: our own codes in full; of anything else only its kind, for texts may hold names. */
export function toProblem(thrown: unknown): Problem {
  const error = asConnectorError(bodyError(thrown) ?? thrown);
  const known = BY_CODE[error.code];
  if (known !== undefined) {
    const errors = error.details?.errors;
    const subscriptions = error.details?.subscriptions;
    return {
      ...known,
      code: error.code,
      detail: error.message,
      ...(error.advice !== undefined && { advice: error.advice }),
      ...(Array.isArray(errors) && { errors: describeErrors(errors) }),
      ...(Array.isArray(subscriptions) && { subscriptions }),
    };
  }
  const ofProvider = OF_PROVIDER[error.code];
  if (ofProvider !== undefined) return ofProvider;
  const { status, code, title } = BY_KIND[error.kind];
  if (error.kind !== 'retryable') return { status, code, title };
  return { status, code, title, retryAfterSeconds: Math.ceil((error.retryAfterMs ?? 5000) / 1000) };
}

export function sendProblem(res: Response, problem: Problem): void {
  const { retryAfterSeconds, ...body } = problem;
  if (retryAfterSeconds !== undefined) res.set('Retry-After', String(retryAfterSeconds));
  const requestId = currentRequestId();
  res
    .status(problem.status)
    .type('application/problem+json')
    .send(JSON.stringify({ type: 'about:blank', ...body, ...(requestId && { request_id: requestId }) }));
}

export const notFoundHandler: RequestHandler = (_req, res) => {
  sendProblem(res, { ...BY_CODE.not_found!, code: 'not_found' });
};

/** Last in the chain. Ours by fault (5xx) is logged with its cause; the caller's by level debug. */
export function problemHandler(log: Log): ErrorRequestHandler {
  return (thrown, _req, res, next) => {
    const problem = toProblem(thrown);
    log[problem.status >= 500 ? 'error' : 'debug']({ err: thrown, status: problem.status }, 'request failed');
    if (res.headersSent) return next(thrown);
    sendProblem(res, problem);
  };
}

/** The body parsers' and the router's own errors (http-errors: `status` and, from body-parser, `type`). */
function bodyError(thrown: unknown): ConnectorError | undefined {
  if (!(thrown instanceof Error) || thrown instanceof ConnectorError) return undefined;
  const { status, type } = thrown as { status?: unknown; type?: unknown };
  if (type === 'entity.too.large')
    return requestError('body_too_large', 'The body is larger than this address takes.');
  if (type === 'encoding.unsupported' || type === 'charset.unsupported')
    return requestError('unsupported_media_type', 'This encoding is not supported.');
  if (typeof status === 'number' && status >= 400 && status < 500)
    return requestError('bad_request', 'The request could not be read.');
  return undefined;
}
