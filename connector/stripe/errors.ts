/** Stripe's errors, sorted by class and status (stripe-node `StripeError.type`, Stripe's "Error handling" page). */
import Stripe from 'stripe';
import { ConnectorError, type ErrorKind } from '../errors.ts';
import { retryAfterMs } from '../errors-network.ts';

interface Rule {
  readonly kind: ErrorKind;
  readonly code: string;
  readonly advice: string;
  readonly unreachable?: boolean;
  readonly effectUnknown?: boolean;
}

// By `error.type`; the first that matches. Closed: what is not listed is permanent.
const BY_TYPE: Readonly<Record<string, Rule>> = {
  StripeConnectionError: {
    kind: 'retryable',
    code: 'stripe_unreachable',
    advice:
      'Stripe could not be reached; work waits and goes on by itself. Check the network and status.stripe.com.',
    unreachable: true,
    effectUnknown: true,
  },
  StripeRateLimitError: {
    kind: 'retryable',
    code: 'stripe_rate_limited',
    advice: 'Stripe asked us to slow down; work goes on by itself.',
  },
  StripeAPIError: {
    kind: 'retryable',
    code: 'stripe_api_error',
    advice: 'Stripe had an internal error; work is tried again. If it stays, look at status.stripe.com.',
    effectUnknown: true,
  },
  StripeAuthenticationError: {
    kind: 'permanent',
    code: 'stripe_authentication',
    advice: 'Stripe does not accept STRIPE_SECRET_KEY: set a valid key and start again.',
  },
  StripePermissionError: {
    kind: 'permanent',
    code: 'stripe_permission',
    advice: 'The Stripe key lacks a permission: add it to the restricted key in the Stripe Dashboard.',
  },
  StripeIdempotencyError: {
    kind: 'bug',
    code: 'stripe_idempotency_conflict',
    advice: 'The same idempotency key was used for two different requests: report this.',
  },
  StripeCardError: {
    kind: 'permanent',
    code: 'stripe_card',
    advice: 'The card was refused; the customer must use another one.',
  },
  StripeInvalidRequestError: {
    kind: 'permanent',
    code: 'stripe_invalid_request',
    advice: 'Stripe refused the request: see its message, then run "cli setup stripe --dry-run".',
  },
};

const ABSENT: Rule = {
  kind: 'absent',
  code: 'stripe_not_found',
  advice: 'The object is not in this Stripe account and mode: check the key and the id.',
};

/** Anything a stripe-node call threw, classified. Keeps Stripe's code, parameter and request id; never headers. */
export function classifyStripe(thrown: unknown): ConnectorError {
  if (thrown instanceof ConnectorError) return thrown;
  if (!(thrown instanceof Stripe.errors.StripeError)) {
    return new ConnectorError({
      kind: 'bug',
      code: 'stripe_unexpected',
      system: 'stripe',
      message: thrown instanceof Error ? thrown.message : String(thrown),
      cause: thrown,
    });
  }
  const rule = ruleOf(thrown);
  const wait = retryAfterMs(thrown.headers?.['retry-after'], new Date());
  return new ConnectorError({
    ...rule,
    system: 'stripe',
    message: `Stripe: ${thrown.message}`,
    ...(wait !== undefined && { retryAfterMs: wait }),
    details: {
      stripeCode: thrown.code,
      param: thrown.param,
      stripeRequestId: thrown.requestId,
      status: thrown.statusCode,
    },
    cause: thrown,
  });
}

function ruleOf(error: Stripe.errors.StripeError): Rule {
  if (error.statusCode === 404 || error.code === 'resource_missing') return ABSENT;
  if (error.statusCode === 429) return BY_TYPE.StripeRateLimitError!;
  if (error.statusCode !== undefined && error.statusCode >= 500) return BY_TYPE.StripeAPIError!;
  // 409: another request with this idempotency key, or a lock on the object, is still in progress.
  if (error.statusCode === 409) return { ...BY_TYPE.StripeRateLimitError!, code: 'stripe_in_progress' };
  return BY_TYPE[error.type] ?? BY_TYPE.StripeInvalidRequestError!;
}

/** Runs one Stripe call; what it throws is classified. */
export async function stripeCall<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (thrown) {
    throw classifyStripe(thrown);
  }
}
