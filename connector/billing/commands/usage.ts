/** What an organisation uses, as far as our own records tell. */
import type { Sql } from '../../db/database.ts';
import type { UsageFacts } from '../over-limits.ts';
import type { Target } from './change.ts';

/** Projects with living access and people on them; storage is measured elsewhere. */
export async function readUsage(
  sql: Sql,
  { organisationId, projectId }: Pick<Target, 'organisationId' | 'projectId'>,
): Promise<UsageFacts> {
  const { rows } = await sql.query<{ projects: number; users: number }>(
    `select (select count(distinct project_id)::int from subscriptions
              where organisation_id = $1 and access in ('provisioning', 'provisioned', 'suspended')) as projects,
            (select count(distinct lower(email))::int from stakeholders where project_id = $2) as users`,
    [organisationId, projectId],
  );
  return { ...rows[0]!, storageGb: null };
}
