import type { Database } from '../db/database.ts';

const DAY_MS = 86_400_000;

/**
 * Deletes events that are settled and older than `keepDays`, a thousand at a time so that no lock is held long.
 * Never fewer than 31 days: Stripe can be asked to send an event again for 30, and it must still be known as seen.
 * @returns how many were deleted.
 */
export async function pruneEvents(
  db: Database,
  input: { now: Date; keepDays?: number; batch?: number },
): Promise<number> {
  const keepDays = Math.max(31, input.keepDays ?? 90);
  const before = new Date(input.now.getTime() - keepDays * DAY_MS);
  const batch = input.batch ?? 1_000;
  for (let total = 0; ; ) {
    const { rowCount } = await db.query(
      `delete from events where id in
         (select id from events where received_at < $1 and state in ('done', 'ignored') limit $2)`,
      [before, batch],
    );
    total += rowCount;
    if (rowCount < batch) return total;
  }
}
