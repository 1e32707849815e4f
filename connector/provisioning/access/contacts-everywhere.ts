/** Every contact a user of somebody may hang on: a person has one user, which another organisation may have brought. */
import type { StepDeps } from '../step.ts';

/** @returns ERP ids of partners, of whatever organisation */
export async function contactsEverywhere(
  { db, crm }: Pick<StepDeps, 'db' | 'crm'>,
  emails: readonly string[],
): Promise<readonly number[]> {
  const { rows } = await db.query<{ id: number }>(
    // Users are made for those who have bought; who was merely named by somebody costs no question.
    `select distinct p.organisation_id as id from stakeholders k join projects p on p.id = k.project_id
      where lower(trim(k.email)) = any($1::text[])
        and exists (select 1 from subscriptions s where s.organisation_id = p.organisation_id) order by 1`,
    [emails.map((email) => email.trim().toLowerCase())],
  );
  const found: number[] = [];
  for (const { id } of rows) found.push(...(await crm.contactsOf({ organisationId: id, emails })));
  return [...new Set(found)];
}
