/** Revenue figures: currencies apart, tiers apart, what is not billed left out, months in UTC. */
import { expect, it } from 'vitest';
import { revenue } from '../../connector/billing/revenue.ts';
import type { Sql } from '../../connector/db/database.ts';
import { describeOnEachDatabase } from '../support/database.ts';

const NOW = new Date('2026-11-21T12:00:00Z');
let count = 0;

interface Row {
  plan?: string | null;
  currency?: string;
  monthly: number;
  status?: string;
  quantity?: number;
  paused?: boolean;
  created?: string;
  ended?: string;
}

async function subscription(sql: Sql, row: Row): Promise<void> {
  count += 1;
  await sql.query('insert into customers (id) values ($1)', [`cus_${count}`]);
  await sql.query(
    `insert into subscriptions (provider_id, customer_id, plan_key, currency, recurring_amount, monthly_amount, status,
       quantity, collection_paused, created, ended_at) values ($1, $2, $3, $4, 1, $5, $6, $7, $8, $9, $10)`,
    [
      `sub_${count}`,
      `cus_${count}`,
      row.plan === undefined ? 'starter' : row.plan,
      row.currency ?? 'usd',
      row.monthly,
      row.status ?? 'active',
      row.quantity ?? 1,
      row.paused ?? false,
      row.created ?? '2026-11-01T00:00:00Z',
      row.ended ?? null,
    ],
  );
}

async function invoice(
  sql: Sql,
  { paidAt, amount, currency = 'usd' }: { paidAt: string; amount: number; currency?: string },
): Promise<void> {
  count += 1;
  await sql.query('insert into customers (id) values ($1)', [`cus_${count}`]);
  await sql.query(
    `insert into invoices (provider_id, customer_id, status, currency, amount_due, amount_paid, total, created, paid_at)
     values ($1, $2, 'paid', $3, $4, $4, $4, $5, $5)`,
    [`in_${count}`, `cus_${count}`, currency, amount, paidAt],
  );
}

describeOnEachDatabase('revenue', (open) => {
  it('by tier and currency: billed ones count, trials apart, pauses and ends not at all', async () => {
    const db = await open();
    const rows: Row[] = [
      { monthly: 25_000 },
      { monthly: 20_833, quantity: 3 },
      { monthly: 25_000, status: 'past_due' },
      { monthly: 25_000, status: 'trialing' },
      { monthly: 25_000, status: 'canceled', ended: '2026-11-02T00:00:00Z' },
      { monthly: 25_000, status: 'incomplete' },
      { monthly: 25_000, paused: true },
      { monthly: 50_000, plan: 'professional' },
      { monthly: 900, plan: null, currency: 'eur' },
      { monthly: 30_000, currency: 'jpy' },
    ];
    for (const row of rows) await subscription(db, row);
    const { recurring } = await revenue(db, { months: 1, now: NOW });
    expect(recurring).toEqual([
      { currency: 'eur', planKey: null, subscriptions: 1, seats: 1, mrr: 900, trials: 0, trialMrr: 0 },
      {
        currency: 'jpy',
        planKey: 'starter',
        subscriptions: 1,
        seats: 1,
        mrr: 30_000,
        trials: 0,
        trialMrr: 0,
      },
      {
        currency: 'usd',
        planKey: 'starter',
        subscriptions: 3,
        seats: 5,
        mrr: 70_833,
        trials: 1,
        trialMrr: 25_000,
      },
      {
        currency: 'usd',
        planKey: 'professional',
        subscriptions: 1,
        seats: 1,
        mrr: 50_000,
        trials: 0,
        trialMrr: 0,
      },
    ]);
    await db.close();
  });

  it('by month: paid, refunded, started and ended, as far back as asked', async () => {
    const db = await open();
    await subscription(db, { monthly: 1, created: '2026-09-30T23:59:59Z' });
    await subscription(db, {
      monthly: 1,
      created: '2026-10-01T00:00:00Z',
      status: 'canceled',
      ended: '2026-11-20T00:00:00Z',
    });
    await subscription(db, { monthly: 1, created: '2026-11-05T00:00:00Z', status: 'incomplete_expired' });
    await invoice(db, { paidAt: '2026-10-31T23:59:59Z', amount: 100 });
    await invoice(db, { paidAt: '2026-11-01T00:00:00Z', amount: 250 });
    await invoice(db, { paidAt: '2026-11-02T00:00:00Z', amount: 250 });
    await invoice(db, { paidAt: '2026-11-02T00:00:00Z', amount: 0 });
    await invoice(db, { paidAt: '2026-11-03T00:00:00Z', amount: 70, currency: 'eur' });
    await db.query(
      `insert into refunds (provider_id, customer_id, currency, amount, status, created) values
        ('re_1', 'cus_x', 'usd', 40, 'succeeded', '2026-11-10T00:00:00Z'),
        ('re_2', 'cus_x', 'usd', 999, 'failed', '2026-11-10T00:00:00Z')`,
    );
    const { months } = await revenue(db, { months: 2, now: NOW });
    expect(months).toEqual([
      { month: '2026-11', currency: 'eur', invoicesPaid: 1, paid: 70, refunded: 0, started: 0, ended: 0 },
      { month: '2026-11', currency: 'usd', invoicesPaid: 2, paid: 500, refunded: 40, started: 0, ended: 1 },
      { month: '2026-10', currency: 'usd', invoicesPaid: 1, paid: 100, refunded: 0, started: 1, ended: 0 },
    ]);
    await db.close();
  });
});
