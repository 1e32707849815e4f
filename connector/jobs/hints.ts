import { setTimeout as sleep } from 'node:timers/promises';

/** Keys that have work, gathered while a flush is under way and sent with one statement. Losing them is harmless. */
export interface Hints {
  /** @param urgent somebody waits for it: it goes ahead of what is merely due */
  add(key: string, urgent: boolean): void;
  /** Waits until nothing is under way. */
  settled(): Promise<void>;
}

export interface Hinted {
  readonly key: string;
  readonly urgent: boolean;
}

/** @param gatherMs how long a hint waits for more of its burst; 0: one turn of the event loop */
export function createHints(flush: (hinted: readonly Hinted[]) => Promise<void>, gatherMs = 0): Hints {
  let waiting = new Map<string, boolean>();
  let running: Promise<void> | undefined;
  const run = async () => {
    const gather = () => (gatherMs > 0 ? sleep(gatherMs) : new Promise((resolve) => setImmediate(resolve)));
    await gather();
    while (waiting.size > 0) {
      const hinted = [...waiting].map(([key, urgent]) => ({ key, urgent }));
      waiting = new Map();
      await flush(hinted);
    }
    running = undefined;
  };
  return {
    add(key, urgent) {
      waiting.set(key, urgent || waiting.get(key) === true);
      running ??= run();
    },
    settled: async () => running,
  };
}
