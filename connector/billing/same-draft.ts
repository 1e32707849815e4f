/** Tells a repeated request from a changed draft. */
import type { Sql } from '../db/database.ts';
import type { OrderInput } from './order-form.ts';
import { type Order, projectValues } from './orders.ts';

/** Whether what is stored of an order is what `input` says. */
export async function sameDraft(
  sql: Sql,
  order: Order,
  input: OrderInput,
  quantity: number,
): Promise<boolean> {
  const { rows } = await sql.query<Record<string, string | null>>(
    `select o.name, o.country, coalesce(o.vat_id, '') as vat_id, o.contact_name, o.contact_email, o.locale,
       p.name as project, p.code, p.description, p.client
     from organisations o, projects p where o.id = $1 and p.id = $2`,
    [order.organisationId, order.projectId],
  );
  const people = await sql.query(
    'select name, email, role from stakeholders where project_id = $1 order by position',
    [order.projectId],
  );
  const row = rows[0]!;
  const { organisation } = input;
  const organisationSame =
    organisation === undefined ||
    [
      [organisation.name, row.name],
      [organisation.country, row.country],
      [organisation.vat_id ?? '', row.vat_id],
      [organisation.contact_name, row.contact_name],
      [organisation.contact_email, row.contact_email],
      [input.locale ?? 'en', row.locale],
    ].every(([given, stored]) => given === stored);
  const stored = [
    order.planKey,
    order.interval,
    order.quantity,
    order.currency,
    row.project,
    row.code,
    row.description,
    row.client,
  ];
  const given = [input.plan, input.interval, quantity, input.currency ?? null, ...projectValues(input)];
  const list = (items: readonly object[]) =>
    JSON.stringify((items as OrderInput['stakeholders']).map(({ name, email, role }) => [name, email, role]));
  return (
    organisationSame &&
    JSON.stringify(stored) === JSON.stringify(given) &&
    list(people.rows) === list(input.stakeholders)
  );
}
