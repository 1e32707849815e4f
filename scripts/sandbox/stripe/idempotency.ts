/** Idempotency keys. https://docs.stripe.com/api/idempotent_requests */
import { createHash } from 'node:crypto';
import type { Core } from './core.ts';
import { StripeFault } from './errors.ts';
import { DAY } from './periods.ts';
import type { KeptAnswer } from './tables.ts';

export interface Idempotency {
  /**
   * The first answer, when this key has one ("including 500 errors").
   * @throws StripeFault `idempotency_error` for another request under the same key, 409 while the first one runs
   */
  begin(key: string, fingerprint: string): KeptAnswer | undefined;
  keep(key: string, fingerprint: string, answer: { status: number; body: string }): void;
  /** The request was refused before it ran: a corrected repeat may use the key. */
  forget(key: string): void;
}

export function createIdempotency(core: Core): Idempotency {
  const running = new Map<string, string>();

  return {
    begin(key, fingerprint) {
      if (key.length > 255) {
        throw new StripeFault(400, {
          type: 'invalid_request_error',
          message: 'Idempotency keys can be at most 255 characters long.',
        });
      }
      const kept = core.tables.answers.get(key);
      // "We remove keys from the system after they're at least 24 hours old."
      const known = kept && kept.at > core.now() - DAY ? kept : undefined;
      const first = known?.fingerprint ?? running.get(key);
      if (first !== undefined && first !== fingerprint) throw otherRequest(key);
      if (running.has(key)) throw inProgress(key);
      if (!known) running.set(key, fingerprint);
      return known;
    },
    keep(key, fingerprint, { status, body }) {
      running.delete(key);
      core.tables.answers.put(key, { key, fingerprint, at: core.now(), status, body });
    },
    forget: (key) => void running.delete(key),
  };
}

export function fingerprintOf(method: string, path: string, body: string): string {
  return createHash('sha256').update(`${method} ${path}\n${body}`).digest('hex');
}

function otherRequest(key: string): StripeFault {
  return new StripeFault(400, {
    type: 'idempotency_error',
    message: `Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other than '${key}' if you meant to execute a different request.`,
  });
}

function inProgress(key: string): StripeFault {
  return new StripeFault(409, {
    type: 'invalid_request_error',
    code: 'idempotency_key_in_use',
    message: `There is currently another in-progress request using this Idempotent Key: ${key}`,
  });
}
