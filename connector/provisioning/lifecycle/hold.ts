/** Legal hold: nothing of a subscription or an organisation is deleted while it stands. Access ends all the same. */
import type { Sql } from '../../db/database.ts';
import { ConnectorError } from '../../errors.ts';

export type Holdable = { readonly subscriptionId: number } | { readonly organisationId: number };

/** @param input.reason null: released @throws ConnectorError absent `subscription_not_found`, `organisation_not_found` */
export async function setHold(sql: Sql, input: { of: Holdable; reason: string | null }): Promise<void> {
  const { of, reason } = input;
  const [table, id] =
    'subscriptionId' in of ? ['subscriptions', of.subscriptionId] : ['organisations', of.organisationId];
  const { rowCount } = await sql.query(`update ${table} set legal_hold = $2 where id = $1`, [id, reason]);
  if (rowCount > 0) return;
  const what = table === 'subscriptions' ? 'subscription' : 'organisation';
  throw new ConnectorError({
    kind: 'absent',
    code: `${what}_not_found`,
    message: `There is no ${what} ${id}.`,
    advice: 'List what will happen with "npm run cli -- lifecycle list".',
  });
}

/** SQL: why data of subscription `s` (organisation `g`) may not be deleted, or null. Holds of a project's other subscriptions count. */
export const holdOf = (s: string, g: string): string => `coalesce(${g}.legal_hold, (
  select h.legal_hold from subscriptions h where h.legal_hold is not null
     and (h.id = ${s}.id or h.project_id = ${s}.project_id) limit 1))`;

/** @throws ConnectorError conflict `legal_hold` */
export async function refuseHeld(sql: Sql, subscriptionId: number): Promise<void> {
  const { rows } = await sql.query<{ hold: string | null }>(
    `select ${holdOf('s', 'g')} as hold from subscriptions s
       left join organisations g on g.id = s.organisation_id where s.id = $1`,
    [subscriptionId],
  );
  const hold = rows[0]?.hold;
  if (hold != null) throw held(hold);
}

export const held = (reason: string): ConnectorError =>
  new ConnectorError({
    kind: 'conflict',
    code: 'legal_hold',
    message: `there is a legal hold (${reason}): nothing is deleted`,
    advice: 'When it is over: npm run cli -- lifecycle release <id>; then retry.',
  });
