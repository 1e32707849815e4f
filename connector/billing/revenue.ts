/** Revenue for operators: what recurs now by tier, and what came in month by month. Currencies are never added up. */
import type { Sql } from '../db/database.ts';

export interface Recurring {
  /** ISO 4217, lower case. */
  readonly currency: string;
  /** null: no plan of the catalogue. */
  readonly planKey: string | null;
  readonly subscriptions: number;
  readonly seats: number;
  /** Monthly recurring revenue, minor units: yearly plans count a twelfth, what comes off each invoice is taken off. */
  readonly mrr: number;
  /** On trial, and what they bring a month if they stay. */
  readonly trials: number;
  readonly trialMrr: number;
}

export interface RevenueMonth {
  /** `2026-11`, in UTC. */
  readonly month: string;
  readonly currency: string;
  readonly invoicesPaid: number;
  /** Of invoices paid in the month, minor units, taxes included. */
  readonly paid: number;
  /** Refunded in the month, minor units. */
  readonly refunded: number;
  /** Begun and ended in the month. */
  readonly started: number;
  readonly ended: number;
}

export interface Revenue {
  readonly recurring: readonly Recurring[];
  /** Newest first. */
  readonly months: readonly RevenueMonth[];
}

// Billed now: a trial, a pause and an end bring nothing, an unpaid invoice is still owed.
export const BILLED: readonly string[] = ['active', 'past_due', 'unpaid'];

/** @param input.months how many, the present one among them */
export async function revenue(sql: Sql, input: { months: number; now: Date }): Promise<Revenue> {
  return { recurring: await recurringNow(sql), months: await byMonth(sql, input) };
}

export async function recurringNow(sql: Sql): Promise<readonly Recurring[]> {
  const { rows } = await sql.query<Recurring>(
    `select currency, plan_key as "planKey",
            count(*) filter (where billed) as subscriptions,
            coalesce(sum(quantity) filter (where billed), 0)::bigint as seats,
            coalesce(sum(monthly_amount) filter (where billed), 0)::bigint as mrr,
            count(*) filter (where status = 'trialing') as trials,
            coalesce(sum(monthly_amount) filter (where status = 'trialing'), 0)::bigint as "trialMrr"
       from (select *, status = any($1) and ended_at is null and not collection_paused as billed
               from subscriptions) s
      where billed or status = 'trialing' group by currency, plan_key order by currency, mrr desc, plan_key`,
    [BILLED],
  );
  return rows;
}

async function byMonth(
  sql: Sql,
  { months, now }: { months: number; now: Date },
): Promise<readonly RevenueMonth[]> {
  const since = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - months + 1, 1));
  const { rows } = await sql.query<RevenueMonth>(
    `select to_char(at at time zone 'UTC', 'YYYY-MM') as month, currency,
            sum(invoices)::int as "invoicesPaid", sum(paid)::bigint as paid, sum(refunded)::bigint as refunded,
            sum(started)::int as started, sum(ended)::int as ended
       from (select paid_at as at, currency, 1 as invoices, amount_paid as paid, 0 as refunded, 0 as started, 0 as ended
               from invoices where status = 'paid' and amount_paid > 0
             union all select created, currency, 0, 0, amount, 0, 0 from refunds where status = 'succeeded'
             union all select created, currency, 0, 0, 0, 1, 0 from subscriptions where status <> 'incomplete_expired'
             union all select ended_at, currency, 0, 0, 0, 0, 1 from subscriptions
               where ended_at is not null and status <> 'incomplete_expired') facts
      where at >= $1 group by 1, 2 order by 1 desc, 2`,
    [since],
  );
  return rows;
}
