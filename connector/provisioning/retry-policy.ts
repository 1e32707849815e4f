/** What becomes of a step that failed: tried again and when, or left for a person. Pure but for the dice. */
import type { ConnectorError } from '../errors.ts';

// Eight tries spread over about ten minutes: longer troubles are outages, which use up no attempts.
const MAX_ATTEMPTS = 8;
const FIRST_DELAY_MS = 1_000;
const LONGEST_DELAY_MS = 300_000;
// For the call that met the outage first, or probed in vain: the others wait as long as the system's breaker tells them,
// and its pauses grow. A single 502 of a proxy should not cost a customer more.
const UNREACHABLE_DELAY_MS = 1_000;

export interface Verdict {
  readonly status: 'waiting' | 'failed';
  readonly attempts: number;
  readonly retryAt: Date | null;
}

/** @param input.dice uniform in [0, 1): spreads retries so that a crowd does not come back at once */
export function verdictOn(
  error: ConnectorError,
  input: { attempts: number; now: Date; dice: number; maxAttempts?: number },
): Verdict {
  const later = (ms: number): Date => new Date(input.now.getTime() + ms);
  if (error.unreachable) {
    const pause = error.retryAfterMs ?? UNREACHABLE_DELAY_MS;
    return { status: 'waiting', attempts: input.attempts, retryAt: later(pause) };
  }
  const attempts = input.attempts + 1;
  if (error.kind !== 'retryable' || attempts >= (input.maxAttempts ?? MAX_ATTEMPTS)) {
    return { status: 'failed', attempts, retryAt: null };
  }
  const backOff = Math.min(FIRST_DELAY_MS * 2 ** input.attempts, LONGEST_DELAY_MS);
  const jittered = backOff / 2 + (backOff / 2) * input.dice;
  // The other side's wish is a floor: coming earlier would only be refused again.
  return { status: 'waiting', attempts, retryAt: later(Math.max(jittered, error.retryAfterMs ?? 0)) };
}
