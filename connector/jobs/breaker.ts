/**
 * One circuit breaker per outside system. While a system cannot be reached work waits instead of failing: after the
 * first such failure calls are refused at once, and one probe at a time is let through at a growing distance.
 */
import { ConnectorError, type System } from '../errors.ts';

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;

export interface BreakerState {
  readonly state: 'closed' | 'open' | 'half_open';
  /** Failures to reach the system since it last answered. */
  readonly failures: number;
  readonly openedAt: Date | null;
  readonly nextProbeAt: Date | null;
}

export interface Breakers {
  /**
   * Runs `call` unless the system is known to be away.
   * @throws ConnectorError `<system>_away` (retryable, unreachable, with `retryAfterMs`), and whatever `call` throws
   */
  run<T>(system: System, call: () => Promise<T>): Promise<T>;
  /** Of every system called so far; for /readyz and metrics. */
  state(): Readonly<Partial<Record<System, BreakerState>>>;
}

interface Breaker {
  failures: number;
  openedAt: number | null;
  nextProbeAt: number;
  probing: boolean;
}

export function createBreakers(deps: { now: () => Date }): Breakers {
  const breakers = new Map<System, Breaker>();
  const ms = () => deps.now().getTime();

  function breakerOf(system: System): Breaker {
    let breaker = breakers.get(system);
    if (breaker === undefined) {
      breaker = { failures: 0, openedAt: null, nextProbeAt: 0, probing: false };
      breakers.set(system, breaker);
    }
    return breaker;
  }

  return {
    async run(system, call) {
      const breaker = breakerOf(system);
      const open = breaker.openedAt !== null;
      if (open && (breaker.probing || ms() < breaker.nextProbeAt)) {
        throw away(system, Math.max(breaker.nextProbeAt - ms(), FIRST_PAUSE_MS));
      }
      if (open) breaker.probing = true;
      try {
        const result = await call();
        close(breaker);
        return result;
      } catch (error) {
        // A call to one system may fail on another (usually the database): that says nothing about this one.
        const aboutIt = error instanceof ConnectorError && (error.system ?? system) === system;
        if (!aboutIt) throw error;
        if (!error.unreachable) close(breaker);
        // Of the calls under way when the system went away only the first counts; later ones tell nothing new.
        else if (open || breaker.openedAt === null) fail(breaker, ms());
        throw error;
      } finally {
        if (open) breaker.probing = false;
      }
    },
    state() {
      const answer: Partial<Record<System, BreakerState>> = {};
      for (const [system, breaker] of breakers) {
        const { openedAt, probing, failures } = breaker;
        answer[system] = {
          state: openedAt === null ? 'closed' : probing ? 'half_open' : 'open',
          failures,
          openedAt: openedAt === null ? null : new Date(openedAt),
          nextProbeAt: openedAt === null ? null : new Date(breaker.nextProbeAt),
        };
      }
      return answer;
    },
  };
}

/** Any answer, an error too, shows that the system is there. */
function close(breaker: Breaker): void {
  breaker.failures = 0;
  breaker.openedAt = null;
}

function fail(breaker: Breaker, at: number): void {
  breaker.openedAt ??= at;
  breaker.nextProbeAt = at + Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** breaker.failures);
  breaker.failures++;
}

const away = (system: System, retryAfterMs: number) =>
  new ConnectorError({
    kind: 'retryable',
    code: `${system}_away`,
    message: `${system} cannot be reached at the moment; the call was not tried.`,
    advice: `Work waits and goes on by itself; if this lasts, check the network and the address of ${system}.`,
    system,
    unreachable: true,
    retryAfterMs,
  });
