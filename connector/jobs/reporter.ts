import type { Log } from '../log.ts';

/** While the database is away every poll fails: one line when it begins, one each half minute, one when it ends. */
const REPEAT_MS = 30_000;

/**
 * Makes a guard for background work: it runs `work`, logs a failure and never throws, for the next tick tries again.
 */
export function createReporter(log: Log, now: () => Date) {
  const failing = new Map<string, number>();
  return async (what: string, work: () => Promise<void>): Promise<void> => {
    try {
      await work();
      if (failing.delete(what)) log.info({ what }, 'works again');
    } catch (err) {
      const last = failing.get(what);
      if (last !== undefined && now().getTime() - last < REPEAT_MS) return;
      failing.set(what, now().getTime());
      log.warn({ err, what }, 'background work failed; it is tried again');
    }
  };
}
