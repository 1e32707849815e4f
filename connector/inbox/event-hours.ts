/** How many events Stripe has of each hour, beside how many the inbox has: "412 at Stripe, 412 here, 0 missing". */
import type { Sql } from '../db/database.ts';
import { eventTable } from './event-table.ts';

const HOUR_MS = 3_600_000;
const DAY_HOURS = 24;
const KEPT_HOURS = 40 * DAY_HOURS;

export interface HourCount {
  add(created: Date): void;
  /** The hours wholly inside the window, those without an event too. */
  whole(): readonly { readonly hour: Date; readonly events: number }[];
}

/** Counts events by the hour they were created; hours the window only touches are left out. */
export function createHourCount(window: { from: Date; until: Date }): HourCount {
  const counts = new Map<number, number>();
  const first = Math.ceil(window.from.getTime() / HOUR_MS);
  const end = Math.floor(window.until.getTime() / HOUR_MS);
  for (let hour = first; hour < end; hour += 1) counts.set(hour, 0);
  return {
    add(created) {
      const hour = Math.floor(created.getTime() / HOUR_MS);
      const before = counts.get(hour);
      if (before !== undefined) counts.set(hour, before + 1);
    },
    whole: () => [...counts].map(([hour, events]) => ({ hour: new Date(hour * HOUR_MS), events })),
  };
}

export async function writeHours(sql: Sql, hours: ReturnType<HourCount['whole']>): Promise<void> {
  if (hours.length === 0) return;
  await sql.query(
    `insert into event_hours (hour, at_stripe)
     select h.hour, h.events from jsonb_to_recordset($1::jsonb) as h(hour timestamptz, events int)
     on conflict (hour) do update set at_stripe = excluded.at_stripe`,
    [JSON.stringify(hours)],
  );
  const oldest = hours[0]!.hour.getTime() - KEPT_HOURS * HOUR_MS;
  await sql.query('delete from event_hours where hour < $1', [new Date(oldest)]);
}

export interface Tally {
  /** Whole hours of the last 24 that were counted at Stripe; 0 before the first. */
  readonly hours: number;
  readonly atStripe: number;
  readonly here: number;
  readonly missing: number;
}

/** Over the last 24 whole hours, as far as they were counted. */
export async function tally(sql: Sql, now: Date): Promise<Tally> {
  const end = Math.floor(now.getTime() / HOUR_MS) * HOUR_MS;
  const { rows } = await sql.query<{ at_stripe: number; here: number }>(
    `select h.at_stripe, (select count(*) from events e where e.created >= h.hour
        and e.created < h.hour + interval '1 hour' and e.type = any($3::text[])) as here
       from event_hours h where h.hour >= $1 and h.hour < $2`,
    [new Date(end - DAY_HOURS * HOUR_MS), new Date(end), eventTable.types()],
  );
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  return {
    hours: rows.length,
    atStripe: sum(rows.map((row) => row.at_stripe)),
    here: sum(rows.map((row) => row.here)),
    missing: sum(rows.map((row) => Math.max(0, row.at_stripe - row.here))),
  };
}
