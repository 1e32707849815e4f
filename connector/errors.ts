/** Every failure the connector handles is one of five kinds; what to do with each is decided by kind, never by text. */

/** The outside systems, by the names used in logs, metrics, errors and the circuit breakers. */
export type System = 'stripe' | 'odoo' | 'b2' | 'bep' | 'smtp' | 'database';

/**
 * - `retryable`: may work later, unchanged (time-out, 429, 5xx, serialisation failure).
 * - `permanent`: will not work until a person changes something.
 * - `absent`: the thing asked for does not exist.
 * - `conflict`: somebody else's change or an existing thing stands against it.
 * - `bug`: ours; never expected.
 */
export type ErrorKind = 'retryable' | 'permanent' | 'absent' | 'conflict' | 'bug';

interface ErrorDetails {
  readonly kind: ErrorKind;
  /** Stable, machine-readable, snake_case: `odoo_access_denied`. */
  readonly code: string;
  /** What happened, without secrets. */
  readonly message: string;
  /** What the operator should do next, one sentence. */
  readonly advice?: string;
  readonly system?: System;
  /** Milliseconds the other side asked us to wait (Retry-After). */
  readonly retryAfterMs?: number;
  /** True when the system could not be reached at all: such a failure uses up no attempt and opens its breaker. */
  readonly unreachable?: boolean;
  /** True when the request may have taken effect although no answer was read (time-out or reset after sending). */
  readonly effectUnknown?: boolean;
  /** Small, secret-free facts for logs and for the ledger. */
  readonly details?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

export class ConnectorError extends Error {
  override readonly name = 'ConnectorError';
  readonly kind: ErrorKind;
  readonly code: string;
  readonly advice: string | undefined;
  readonly system: System | undefined;
  readonly retryAfterMs: number | undefined;
  readonly unreachable: boolean;
  readonly effectUnknown: boolean;
  readonly details: Readonly<Record<string, unknown>> | undefined;

  constructor(error: ErrorDetails) {
    super(error.message, { cause: error.cause });
    this.kind = error.kind;
    this.code = error.code;
    this.advice = error.advice;
    this.system = error.system;
    this.retryAfterMs = error.retryAfterMs;
    this.unreachable = error.unreachable ?? false;
    this.effectUnknown = error.effectUnknown ?? false;
    this.details = error.details;
  }
}

/** Anything thrown, as a ConnectorError: what nobody classified is a bug, closed by default. */
export function asConnectorError(thrown: unknown): ConnectorError {
  if (thrown instanceof ConnectorError) return thrown;
  return new ConnectorError({
    kind: 'bug',
    code: 'unclassified',
    message:
      thrown instanceof Error
        ? `${thrown.name}: ${thrown.message}`
        : 'something that is not an Error was thrown',
    advice: 'This is a defect of the connector: report it with the log lines of this request id.',
    cause: thrown,
  });
}
