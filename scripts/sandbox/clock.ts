/** The sandbox's time: real time plus an offset that only moves forward. */
import type { Store } from './store.ts';

export interface SandboxClock {
  now(): Date;
  /** Called one after the other, in the order of registration, each time the clock has been moved. */
  onAdvance(fn: (now: Date) => Promise<void>): void;
  /** Moves the clock by `ms` milliseconds and waits until every system has caught up. */
  advance(ms: number): Promise<void>;
}

export function createClock(deps: { store: Store }): SandboxClock {
  const offsets = deps.store.collection<number>('clock');
  let offset = offsets.get('offset') ?? 0;
  const listeners: ((now: Date) => Promise<void>)[] = [];
  // One advance at a time: a second renewal must not begin while the first is still being billed.
  let last: Promise<void> = Promise.resolve();
  const now = () => new Date(Date.now() + offset);

  const move = async (ms: number) => {
    offset += ms;
    offsets.put('offset', offset);
    for (const listener of listeners) await listener(now());
  };

  return {
    now,
    onAdvance: (fn) => void listeners.push(fn),
    advance(ms) {
      if (!(Number.isFinite(ms) && ms >= 0))
        throw new RangeError('the clock only moves forward, by milliseconds');
      const moved = last.then(() => move(ms));
      last = moved.catch(() => {});
      return moved;
    },
  };
}
