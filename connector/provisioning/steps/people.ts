/** Portal users of a project's people and their place in its workspace: closed when nothing they use needs them any more. */
import type { Sql } from '../../db/database.ts';
import { contactsEverywhere } from '../access/contacts-everywhere.ts';
import { hasLogin } from '../access/rows.ts';
import { usesLogins } from '../lifecycle/stages.ts';
import type { StepBody } from '../step.ts';
import { refuseUsed } from './storage-end.ts';

export const usersArchived: StepBody<'users_archived'> = async (deps, { sale }) => {
  await refuseUsed(deps, sale.subscription.id);
  const needed = await neededElsewhere(deps.db, sale.subscription.id);
  const emails = [...new Set(sale.stakeholders.map(({ email }) => email.trim().toLowerCase()))];
  const leaving = emails.filter((email) => !needed.has(email));
  const partnerIds = await contactsEverywhere(deps, leaving);
  const answers = await deps.crm.changePortalAccess({ partnerIds, change: 'archive' });
  const archived = answers.filter(({ outcome }) => outcome === 'archived').length;
  return { archived, needed: emails.length - leaving.length, leftAlone: answers.length - archived };
};

/** Whoever keeps a user for another project loses this one's workspace all the same. */
export const membersRemoved: StepBody<'members_removed'> = async (deps, { sale }) => {
  await refuseUsed(deps, sale.subscription.id);
  return deps.crm.closeWorkspace({ projectId: sale.project.id });
};

export const linksRevoked: StepBody<'links_revoked'> = async (deps, { sale }) => ({
  links: await deps.credentials.revoke({ subscriptionId: sale.subscription.id }),
});

/**
 * Addresses on projects whose people may log in: of this organisation, or of another one where the person's one user was
 * let in. To be merely named there, by whoever it was, keeps nobody's user.
 */
export async function neededElsewhere(sql: Sql, subscriptionId: number): Promise<ReadonlySet<string>> {
  const { rows } = await sql.query<{ email: string }>(
    `select distinct lower(trim(k.email)) as email from subscriptions s
       join stakeholders k on k.project_id = s.project_id
      where s.id <> $1 and ${usesLogins('s')}
        and (s.organisation_id = (select organisation_id from subscriptions where id = $1) or ${hasLogin('k')})`,
    [subscriptionId],
  );
  return new Set(rows.map(({ email }) => email));
}
