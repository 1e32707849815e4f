import { setTimeout as sleep } from 'node:timers/promises';

/** Keys that have work, gathered while a flush is under way and sent with one statement. Losing them is harmless. */
export interface Hints {
  add(key: string): void;
  /** Waits until nothing is under way. */
  settled(): Promise<void>;
}

/** @param gatherMs how long a hint waits for more of its burst; 0: one turn of the event loop */
export function createHints(flush: (keys: readonly string[]) => Promise<void>, gatherMs = 0): Hints {
  let waiting = new Set<string>();
  let running: Promise<void> | undefined;
  const run = async () => {
    const gather = () => (gatherMs > 0 ? sleep(gatherMs) : new Promise((resolve) => setImmediate(resolve)));
    await gather();
    while (waiting.size > 0) {
      const keys = [...waiting];
      waiting = new Set();
      await flush(keys);
    }
    running = undefined;
  };
  return {
    add(key) {
      waiting.add(key);
      running ??= run();
    },
    settled: async () => running,
  };
}
