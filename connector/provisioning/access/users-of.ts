/** The users of a project's people: made, or brought back where we archived them after an earlier end. */
import type { Sale } from '../../billing/sale.ts';
import type { StakeholderUser } from '../../crm/users.ts';
import type { StepDeps } from '../step.ts';
import { contactsEverywhere } from './contacts-everywhere.ts';
import { seatsAndGuests } from './seats-and-guests.ts';

type Deps = Pick<StepDeps, 'db' | 'catalogue' | 'crm'>;

export async function usersOf(
  deps: Deps,
  sale: Sale,
  partners: { readonly companyId: number; readonly contactIds: Readonly<Record<number, number>> },
): Promise<{ users: readonly StakeholderUser[] }> {
  const who = await seatsAndGuests(deps, sale);
  const made = await deps.crm.ensureUsers(sale, { ...partners, ...who });
  const archived = made.users.filter(({ reason }) => reason === 'internal_or_archived_user');
  if (archived.length === 0 || !(await bringBack(deps, sale, archived, who.accepted))) return made;
  return deps.crm.ensureUsers(sale, { ...partners, ...who });
}

/**
 * The guarded action gives back only what it took away itself. A user that hangs on another customer's contact comes
 * back for somebody who has agreed to be let in, and for nobody who was merely named.
 */
async function bringBack(
  deps: Deps,
  sale: Sale,
  archived: readonly StakeholderUser[],
  accepted: ReadonlySet<number>,
): Promise<boolean> {
  const emailsOf = (ids: readonly number[]) =>
    sale.stakeholders.filter(({ id }) => ids.includes(id)).map(({ email }) => email);
  const all = archived.map(({ stakeholderId }) => stakeholderId);
  const guests = emailsOf(all.filter((id) => accepted.has(id)));
  const partnerIds = new Set([
    ...(await deps.crm.contactsOf({ organisationId: sale.organisation.id, emails: emailsOf(all) })),
    ...(guests.length === 0 ? [] : await contactsEverywhere(deps, guests)),
  ]);
  const answers = await deps.crm.changePortalAccess({ partnerIds: [...partnerIds], change: 'restore' });
  return answers.some(({ outcome }) => outcome === 'restored');
}
