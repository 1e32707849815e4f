/** Stripe's errors as they are answered. https://docs.stripe.com/api/errors and https://docs.stripe.com/error-codes */

interface ErrorBody {
  readonly type: 'api_error' | 'card_error' | 'idempotency_error' | 'invalid_request_error';
  readonly message: string;
  readonly code?: string;
  readonly param?: string;
  readonly decline_code?: string;
  readonly payment_intent?: unknown;
}

export class StripeFault extends Error {
  readonly status: number;
  readonly body: ErrorBody;
  readonly headers: Readonly<Record<string, string>>;
  /** False for what is refused before the endpoint runs: such an answer is not kept for the idempotency key. */
  readonly executed: boolean;

  constructor(
    status: number,
    body: ErrorBody,
    options: { headers?: Record<string, string>; executed?: boolean } = {},
  ) {
    super(body.message);
    this.status = status;
    this.body = body;
    this.headers = options.headers ?? {};
    this.executed = options.executed ?? true;
  }
}

export function invalid(message: string, options: { param?: string; code?: string } = {}): StripeFault {
  return new StripeFault(400, { type: 'invalid_request_error', message, ...options });
}

/** Refused by the parameter check, before the endpoint starts: a corrected repeat may use the same idempotency key. */
export function invalidParameter(message: string, param: string, code?: string): StripeFault {
  return new StripeFault(
    400,
    { type: 'invalid_request_error', message, param, ...(code !== undefined && { code }) },
    { executed: false },
  );
}

/** 404 when the id stands in the path, 400 when in a parameter. */
export function missing(kind: string, id: string, param = 'id'): StripeFault {
  return new StripeFault(param === 'id' ? 404 : 400, {
    type: 'invalid_request_error',
    code: 'resource_missing',
    message: `No such ${kind}: '${id}'`,
    param,
  });
}

export function cardDeclined(declineCode: string, paymentIntent?: unknown): StripeFault {
  return new StripeFault(402, {
    type: 'card_error',
    code: 'card_declined',
    decline_code: declineCode,
    message:
      declineCode === 'insufficient_funds' ? 'Your card has insufficient funds.' : 'Your card was declined.',
    ...(paymentIntent !== undefined && { payment_intent: paymentIntent }),
  });
}

/** What the work gives, or the fault it ended with; a page shows that one as a sentence. */
export function faultOr<T>(work: () => T): T | StripeFault {
  try {
    return work();
  } catch (thrown) {
    if (thrown instanceof StripeFault) return thrown;
    throw thrown;
  }
}
