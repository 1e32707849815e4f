/** Whose data go: a person by address, in whatever organisation, or an organisation with all its people. */
import { createHash } from 'node:crypto';
import type { Sql } from '../../db/database.ts';

export type Subject =
  | { readonly kind: 'person'; readonly email: string }
  | { readonly kind: 'organisation'; readonly organisationId: number };

export const addressOf = ({ email }: { readonly email: string }): string => email.trim().toLowerCase();

/** Finds the same request again while it is under way. SHA-256, hex. */
export const hashOf = (subject: Subject): string =>
  createHash('sha256')
    .update(subject.kind === 'person' ? addressOf(subject) : String(subject.organisationId))
    .digest('hex');

export async function projectsOf(sql: Sql, organisationId: number): Promise<readonly number[]> {
  const { rows } = await sql.query<{ id: number }>(
    'select id from projects where organisation_id = $1 order by id',
    [organisationId],
  );
  return rows.map(({ id }) => id);
}

/** Organisations on whose projects the person is named. */
export async function organisationsOf(sql: Sql, email: string): Promise<readonly number[]> {
  const { rows } = await sql.query<{ id: number }>(
    `select distinct p.organisation_id as id from stakeholders k join projects p on p.id = k.project_id
      where lower(trim(k.email)) = $1 order by 1`,
    [addressOf({ email })],
  );
  return rows.map(({ id }) => id);
}
