/** One writer per opportunity: an earlier "open" or "lost" that is still on its way must not arrive after "won". */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '../db/database.ts';
import { ConnectorError } from '../errors.ts';
import { readOpportunity } from './opportunity-rows.ts';

// Longer than the longest call (write time-out 120 s): what a process that died has sent has arrived by then or never does.
export const MOVING_MS = 150_000;
/**
 * For making and winning it: a repeated creation sets nothing that a sale changes (the stage is given as a default, which
 * counts at creation only), and winning twice is winning, so that a paid customer does not wait long for a process that died.
 */
export const MAKING_MS = 15_000;
const LOOK_AGAIN_MS = 40;

interface Hold {
  readonly orderId: number;
  /** How long a process that dies in the work keeps others waiting, milliseconds. */
  readonly forMs: number;
  /** Whether to wait for another writer. */
  readonly wait: boolean;
}

/**
 * Does the work while nobody else writes this order's opportunity.
 * @returns undefined when somebody else does and `wait` is false
 * @throws ConnectorError retryable `opportunity_busy`
 */
export async function withOpportunity<T>(
  deps: { readonly db: Database; readonly now: () => Date },
  { orderId, forMs, wait }: Hold,
  work: () => Promise<T>,
): Promise<T | undefined> {
  const holder = randomUUID();
  await readOpportunity(deps.db, orderId, deps.now());
  const until = performance.now() + MOVING_MS;
  while (!(await take(deps, { orderId, forMs, holder }))) {
    if (!wait) return undefined;
    if (performance.now() > until) throw busy(orderId);
    await sleep(LOOK_AGAIN_MS);
  }
  try {
    return await work();
  } finally {
    await deps.db.query(
      'update opportunities set held_by = null, held_until = null where order_id = $1 and held_by = $2',
      [orderId, holder],
    );
  }
}

async function take(
  { db, now }: { readonly db: Database; readonly now: () => Date },
  { orderId, forMs, holder }: { orderId: number; forMs: number; holder: string },
): Promise<boolean> {
  const { rowCount } = await db.query(
    `update opportunities set held_by = $2, held_until = $4
      where order_id = $1 and (held_until is null or held_until < $3)`,
    [orderId, holder, now(), new Date(now().getTime() + forMs)],
  );
  return rowCount === 1;
}

const busy = (orderId: number) =>
  new ConnectorError({
    kind: 'retryable',
    code: 'opportunity_busy',
    message: `the opportunity of order ${orderId} is being written by another process`,
    advice: 'Nothing to do: it is tried again.',
  });
