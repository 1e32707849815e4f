/** How often each operation of each system was called: every request that arrived, also one a fault then hit. */
import { canonicalSystem, matches } from './faults.ts';

export interface Counts {
  /** Calls of a system; `operation` exact or `prefix*`. For `mail`: deliveries accepted, each raw copy counted. */
  of(system: string, operation?: string): number;
  reset(): void;
  /** `stripe POST /v1/checkout/sessions` → 3. */
  all(): Record<string, number>;
  add(system: string, operation: string): void;
}

export function createCounts(): Counts {
  const counts = new Map<string, Map<string, number>>();
  return {
    of(system, operation) {
      const entries = [...(counts.get(canonicalSystem(system)) ?? [])];
      const counted =
        operation === undefined ? entries : entries.filter(([name]) => matches({ operation }, name));
      return counted.reduce((sum, [, n]) => sum + n, 0);
    },
    reset: () => counts.clear(),
    all: () =>
      Object.fromEntries(
        [...counts].flatMap(([system, operations]) =>
          [...operations].map(([name, n]) => [`${system} ${name}`, n]),
        ),
      ),
    add(system, operation) {
      const operations = counts.get(system) ?? new Map<string, number>();
      counts.set(system, operations);
      operations.set(operation, (operations.get(operation) ?? 0) + 1);
    },
  };
}
