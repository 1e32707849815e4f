/** What can go wrong between the connector and a system, on order. */

export type FaultKind =
  | 'refused'
  | 'timeout'
  | 'reset_before'
  | 'reset_after'
  | 'rate_limited'
  | 'server_error'
  | 'html'
  | 'expired_token'
  | 'permanent';

/**
 * - `refused`: the listener is really closed and open connections are dropped, so that connects get ECONNREFUSED. Nobody
 *   can count refused connects, so it opens again after `forMs` (default `times` × 500 ms; `times: Infinity`: until
 *   `clear()`). `operation` and `skip` do not apply: the whole system is away, at once.
 * - `timeout`: never answers; nothing has happened. The client must give up.
 * - `reset_before`: the connection breaks before the request has any effect.
 * - `reset_after`: the request takes effect, then the connection breaks instead of the answer.
 * - `rate_limited`: 429 with Retry-After (SMTP: 451).  `server_error`: 500 in the system's own shape (SMTP: 451).
 * - `html`: a proxy's 502 page instead of JSON.  `expired_token`: the system's own answer to an expired key (SMTP: 535).
 * - `permanent`: SMTP 550; elsewhere 400 in the system's own shape.
 * The next `times` matching requests are hit, after the first `skip` matching ones went through.
 */
export interface Fault {
  /** `stripe`, `odoo`, `b2`, `bep`, `mail` (or `smtp`). */
  system: string;
  /** Exact, or `prefix*`; left out: every operation. */
  operation?: string;
  times: number;
  skip?: number;
  kind: FaultKind;
  retryAfterSeconds?: number;
  /** Only `reset_after`: the connection stays, the answer never comes; `held()` tells once the effect is there. */
  silent?: boolean;
  /** Only `refused`: milliseconds the system stays away. */
  forMs?: number;
}

/** A request that took effect and was never answered: whose it is, a client can tell by its own port. */
export interface HeldRequest {
  readonly system: string;
  readonly operation: string;
  readonly serverPort: number;
  readonly clientPort: number;
}

export interface FaultBook {
  add(fault: Fault): void;
  /** The effect of a request hit by a silent fault is there. */
  hold(request: HeldRequest): void;
  /** All such requests so far, oldest first. */
  held(): readonly HeldRequest[];
  clear(): void;
  /** The fault that hits this request, used up once; undefined: none. */
  take(system: string, operation: string): Fault | undefined;
  /** What is still to come. */
  pending(): readonly Fault[];
}

/** The connector calls the mail system by its protocol. */
export const canonicalSystem = (system: string) => (system === 'smtp' ? 'mail' : system);

/** `outage` closes a system's listener; the frame supplies it. */
export function createFaultBook(deps: {
  outage: (system: string, forMs: number) => void;
  endOutages: () => void;
}): FaultBook {
  const faults: Fault[] = [];
  const held: HeldRequest[] = [];
  return {
    add(fault) {
      const system = canonicalSystem(fault.system);
      if (fault.kind === 'refused') deps.outage(system, fault.forMs ?? fault.times * 500);
      else faults.push({ ...fault, system });
    },
    hold: (request) => void held.push(request),
    held: () => [...held],
    clear() {
      faults.length = 0;
      deps.endOutages();
    },
    take(system, operation) {
      const hit = faults.find(
        (fault) => fault.times > 0 && fault.system === system && matches(fault, operation),
      );
      if (hit === undefined) return undefined;
      if (hit.skip !== undefined && hit.skip > 0) {
        hit.skip -= 1;
        return undefined;
      }
      hit.times -= 1;
      return hit;
    },
    pending: () => faults.filter((fault) => fault.times > 0).map((fault) => ({ ...fault })),
  };
}

export function matches(fault: { operation?: string }, operation: string): boolean {
  if (fault.operation === undefined) return true;
  if (fault.operation.endsWith('*')) return operation.startsWith(fault.operation.slice(0, -1));
  return fault.operation === operation;
}
