/** When each call to the outside world came and was answered, for measuring how deep they follow one another. */

export interface TracedCall {
  readonly system: string;
  readonly operation: string;
  /** Milliseconds on the process's monotonic clock. */
  readonly from: number;
  readonly to: number;
}

export interface Trace {
  /** Forgets what was recorded and records from now on. */
  start(): void;
  /** Ends recording. @returns the calls answered meanwhile, by arrival */
  stop(): readonly TracedCall[];
  /** @returns to be called when the answer is out */
  begin(system: string, operation: string): () => void;
}

export function createTrace(): Trace {
  let calls: TracedCall[] | undefined;
  return {
    start() {
      calls = [];
    },
    stop() {
      const recorded = calls ?? [];
      calls = undefined;
      return recorded.sort((a, b) => a.from - b.from);
    },
    begin(system, operation) {
      const from = performance.now();
      return () => calls?.push({ system, operation, from, to: performance.now() });
    },
  };
}
