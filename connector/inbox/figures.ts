import type { Sql } from '../db/database.ts';

export interface InboxFigures {
  readonly open: number;
  /** Age of the oldest open event in seconds; null: none is open. */
  readonly oldestOpenSeconds: number | null;
  readonly parkedCustomers: number;
}

/** How far the inbox is behind; for /readyz, metrics and the console. */
export async function inboxFigures(sql: Sql, now: Date): Promise<InboxFigures> {
  const { rows } = await sql.query<{ open: number; oldest: Date | null; parked: number }>(
    `select (select count(*) from events where state = 'open') as open,
            (select min(received_at) from events where state = 'open') as oldest,
            (select count(*) from customers where parked_at is not null) as parked`,
  );
  const { open, oldest, parked } = rows[0]!;
  const oldestOpenSeconds = oldest === null ? null : Math.max(0, (now.getTime() - oldest.getTime()) / 1000);
  return { open, oldestOpenSeconds, parkedCustomers: parked };
}
