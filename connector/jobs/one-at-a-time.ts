import type { Log } from '../log.ts';

export interface OneAtATime {
  /** Has the work done soon; a failure is logged. */
  (): void;
  /** @throws what the work throws */
  readonly andWait: () => Promise<void>;
}

/** Work that never overlaps itself: whoever asks while it runs gets one more turn after it, so that what they saw counts. */
export function oneAtATime(work: () => Promise<void>, log: Log): OneAtATime {
  let running: Promise<unknown> = Promise.resolve();
  let next: Promise<void> | undefined;
  const andWait = (): Promise<void> => {
    next ??= running
      .catch(() => {})
      .then(() => {
        next = undefined;
        const turn = work();
        running = turn;
        return turn;
      });
    return next;
  };
  const ask = (): void => {
    andWait().catch((err) => log.warn({ err }, 'work in the background failed; it comes back by the clock'));
  };
  return Object.assign(ask, { andWait });
}
