/** Portal users of a project's people: closed when nothing that lives needs them, active again when somebody returns. */
import type { Sql } from '../../db/database.ts';
import { hasAccess } from '../lifecycle/stages.ts';
import type { StepBody } from '../step.ts';

export const usersArchived: StepBody<'users_archived'> = async (deps, { sale }) => {
  const needed = await neededElsewhere(deps.db, sale.subscription.id);
  const emails = [...new Set(sale.stakeholders.map(({ email }) => email.toLowerCase()))];
  const leaving = emails.filter((email) => !needed.has(email));
  const partnerIds = await deps.crm.contactsOf({ organisationId: sale.organisation.id, emails: leaving });
  const answers = await deps.crm.changePortalAccess({ partnerIds, change: 'archive' });
  const archived = answers.filter(({ outcome }) => outcome === 'archived').length;
  return { archived, needed: emails.length - leaving.length, leftAlone: answers.length - archived };
};

export const usersActive: StepBody<'users_active'> = async (deps, { sale, result }) => {
  const { contactIds } = result('partner');
  const partnerIds = [...new Set(sale.stakeholders.flatMap(({ id }) => contactIds[id] ?? []))];
  const answers = await deps.crm.changePortalAccess({ partnerIds, change: 'restore' });
  return {
    restored: answers.filter(({ outcome }) => outcome === 'restored').length,
    leftAlone: answers.filter(({ outcome }) => outcome === 'left_alone').length,
  };
};

export const linksRevoked: StepBody<'links_revoked'> = async (deps, { sale }) => ({
  links: await deps.credentials.revoke({ subscriptionId: sale.subscription.id }),
});

/**
 * Addresses on projects of subscriptions that have access, of whatever organisation: a person's one user may have been
 * accepted for a second one.
 */
export async function neededElsewhere(sql: Sql, subscriptionId: number): Promise<ReadonlySet<string>> {
  const { rows } = await sql.query<{ email: string }>(
    `select distinct lower(k.email) as email from subscriptions s join stakeholders k on k.project_id = s.project_id
      where s.id <> $1 and ${hasAccess('s')}`,
    [subscriptionId],
  );
  return new Set(rows.map(({ email }) => email));
}
