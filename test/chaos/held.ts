/** What we hold of one customer, without ids and times, so that two customers can be compared. */
import type { Sql } from '../../connector/db/database.ts';

export interface Held {
  readonly subscriptions: readonly Record<string, unknown>[];
  readonly invoices: readonly Record<string, unknown>[];
  readonly transitions: readonly { kind: string; fact: string }[];
  readonly runs: readonly Record<string, unknown>[];
  readonly orders: readonly Record<string, unknown>[];
  readonly mails: readonly Record<string, unknown>[];
}

export async function heldOf(sql: Sql, customerId: string): Promise<Held> {
  const rows = async <T>(text: string): Promise<T[]> =>
    JSON.parse(JSON.stringify((await sql.query<T>(text, [customerId])).rows));
  const mine = '(select id from subscriptions where customer_id = $1)';
  const invoices = await rows<Record<string, unknown> & { provider_id: string }>(
    `select provider_id, status, billing_reason, currency, amount_due, amount_paid, total, attempt_count
       from invoices where customer_id = $1 order by created, provider_id`,
  );
  const nth = new Map(invoices.map(({ provider_id }, at) => [provider_id, `invoice ${at}`]));
  const named = (fact: string): string => {
    const [id = '', ...rest] = fact.split(':');
    return [nth.get(id) ?? (id.startsWith('sub_') ? 'subscription' : id), ...rest].join(':');
  };
  const transitions = await rows<{ kind: string; fact: string }>(
    `select kind, fact from transitions where subscription_id in ${mine} order by kind, fact`,
  );
  return {
    subscriptions: await rows(
      `select plan_key, billing_interval, quantity, currency, recurring_amount, status, access, cancel_at_period_end,
         ended_at is not null as ended, organisation_id is not null as ours, order_id is not null as ordered
         from subscriptions where customer_id = $1`,
    ),
    invoices: invoices.map(({ provider_id: _id, ...rest }) => rest),
    transitions: transitions
      // How often a state was seen on its way is no part of the end.
      .filter(({ kind }) => kind !== 'changed')
      .map(({ kind, fact }) => ({ kind, fact: named(fact) }))
      .sort((a, b) => `${a.kind} ${a.fact}`.localeCompare(`${b.kind} ${b.fact}`)),
    runs: await rows(`select kind, status from runs where subscription_id in ${mine} order by kind`),
    orders: await rows(
      `select o.state, o.plan_key from orders o join subscriptions s on s.order_id = o.id where s.customer_id = $1`,
    ),
    mails: await rows(
      `select m.template, m.status from mails m join runs r on m.fact like 'run_' || r.id || '_%'
        where r.subscription_id in ${mine} order by 1, 2`,
    ),
  };
}
