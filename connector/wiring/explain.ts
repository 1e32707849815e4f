/** What happened to one customer and why, in order of time: events, decisions, runs, ERP writes and mails together. */
import { showCustomer } from '../billing/customers.ts';
import type { Sql } from '../db/database.ts';
import type { ExplainedLine, Explanation } from '../http/admin-records.ts';

// Each gives (at, subject, text) of customer $1, newest first, at most $2.
const SOURCES: Readonly<Record<ExplainedLine['kind'], string>> = {
  event: `select e.received_at as at, e.id as subject,
      concat_ws(' ', e.type, 'of', coalesce(e.object_id, 'nothing'), '(by ' || e.source || '):', e.state,
        e.cause->>'code') as text
    from events e where e.customer = $1`,
  decision: `select t.at, s.provider_id as subject,
      concat_ws(' ', t.kind, 'because of', t.fact, nullif(t.data::text, '{}')) as text
    from transitions t join subscriptions s on s.id = t.subscription_id where s.customer_id = $1
   union all select d.done_at, d.about, concat_ws(' ', 'dunning step', d.step, d.outcome::text)
    from dunning_steps d join subscriptions s on s.id = d.subscription_id
   where s.customer_id = $1 and d.done_at is not null`,
  run: `select coalesce(r.finished_at, r.started_at, r.created_at) as at, r.id::text as subject,
      concat_ws(' ', r.kind, r.status, 'at step ' || (r.cause->>'step'), r.cause->>'message') as text
    from runs r join subscriptions s on s.id = r.subscription_id where s.customer_id = $1`,
  step: `select coalesce(st.finished_at, st.started_at) as at, st.run_id::text as subject,
      concat_ws(' ', st.name, st.status, 'after ' || nullif(st.attempts, 0) || ' attempt(s)', st.error->>'message') as text
    from steps st join runs r on r.id = st.run_id join subscriptions s on s.id = r.subscription_id
   where s.customer_id = $1`,
  erp: `select coalesce(e.gone_at, e.written_at, e.created_at) as at, e.external_id as subject,
      concat_ws(' ', e.model, e.res_id, case when e.gone_at is not null then 'is gone'
        when e.res_id is null then 'was asked for and not answered' else 'written, version ' || e.version end) as text
    from erp_records e join (
      select 'org_' || c.organisation_id || '_' as own from customers c where c.id = $1
      union select 'order_' || o.id || '_' from orders o
        join customers c on c.organisation_id = o.organisation_id where c.id = $1
      union select 'subscription_' || s.id || '_' from subscriptions s where s.customer_id = $1) names
      on starts_with(e.external_id, 'stripe_connector.' || names.own)
      or starts_with(e.external_id, 'stripe_connector.note_' || names.own)`,
  mail: `select coalesce(m.sent_at, m.created_at) as at, m.fact as subject,
      concat_ws(' ', m.template, m.status, 'to', m.recipient) as text
    from mails m
    where lower(m.recipient) in (
      select lower(g.contact_email) from organisations g join customers c on c.organisation_id = g.id where c.id = $1
      union select lower(k.email) from stakeholders k join projects p on p.id = k.project_id
        join customers c on c.organisation_id = p.organisation_id where c.id = $1)`,
};

/** @param named cus_… or the number of an organisation @returns undefined: we hold no such customer */
export async function explainCustomer(
  sql: Sql,
  named: string,
  limit = 500,
): Promise<Explanation | undefined> {
  const customer = await showCustomer(sql, named);
  if (customer === undefined) return undefined;
  const lines: ExplainedLine[] = [];
  for (const [kind, source] of Object.entries(SOURCES)) {
    const { rows } = await sql.query<Omit<ExplainedLine, 'kind'>>(
      `select * from (${source}) found order by at desc limit $2`,
      [customer.id, limit],
    );
    lines.push(...rows.map((row) => ({ kind: kind as ExplainedLine['kind'], ...row })));
  }
  lines.sort((a, b) => a.at.getTime() - b.at.getTime());
  return { customer: customer.id, name: customer.name, lines };
}
