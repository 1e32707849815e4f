/** Keeps reads below what Stripe allows a second: a backlog worked off after an outage must not be answered with 429. */

/**
 * Evenly spaced turns, each caller's the next free one; after a pause a few may go at once.
 * @param perSecond reads a second; Stripe allows 100 in live mode, 25 in a sandbox (https://docs.stripe.com/rate-limits)
 * @returns waits for the caller's turn
 */
export function createPace(
  perSecond: number,
  clock: { now: () => number; wait: (ms: number) => Promise<void> } = {
    now: () => performance.now(),
    wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  },
): () => Promise<void> {
  const gapMs = 1000 / perSecond;
  // One customer's look is three or four reads: they need not wait for each other.
  const burst = Math.max(1, Math.floor(perSecond / 20));
  const waiting: (() => void)[] = [];
  let next = clock.now() - (burst - 1) * gapMs;
  let releasing = false;

  // One after another, each by the clock of its own moment: after a stall of this process those whose time has passed
  // must not all go at once.
  async function release(): Promise<void> {
    for (let go = waiting.shift(); go !== undefined; go = waiting.shift()) {
      next = Math.max(next, clock.now() - (burst - 1) * gapMs);
      if (next > clock.now()) await clock.wait(next - clock.now());
      next += gapMs;
      go();
    }
    releasing = false;
  }

  return () =>
    new Promise((go) => {
      waiting.push(go);
      if (releasing) return;
      releasing = true;
      void release();
    });
}
