import type { Sale, StakeholderRole } from '../billing/sale.ts';
import type { RunAction } from './actions.ts';

/**
 * - `created`, `already_ours`: a portal user that the guarded action made.
 * - `accepted`: somebody's portal user from elsewhere, let in after that person agreed by mail.
 * - `needs_acceptance`: such a user, not asked or not answered yet.
 * - `needs_staff`: an internal or archived user, several users, or no valid address.
 * - `over_limit`: the plan has no seat left for this person.
 */
export type UserOutcome =
  | 'created'
  | 'already_ours'
  | 'accepted'
  | 'needs_acceptance'
  | 'needs_staff'
  | 'over_limit';

export interface StakeholderUser {
  readonly stakeholderId: number;
  readonly userId: number | null;
  readonly login: string;
  readonly outcome: UserOutcome;
  readonly reason?: string;
  /** Accepted users have a partner of their own, beside the contact we made. */
  readonly partnerId?: number;
}

interface ActionUser {
  readonly partner_id: number;
  readonly user_id: number | false;
  readonly user_partner_id?: number;
  readonly login: string;
  readonly outcome: UserOutcome;
  readonly reason: string | false;
}

export interface UsersInput {
  readonly contactIds: Readonly<Record<number, number>>;
  readonly companyId: number;
  /** How many people get access, the first listed first; null, the default: all. */
  readonly seats?: number | null;
  /** Stakeholders who have access already: they keep it, and a seat each, also where a smaller plan has fewer. */
  readonly kept?: ReadonlySet<number>;
  /** Stakeholders who agreed by mail that their existing user is let in. */
  readonly accepted?: ReadonlySet<number>;
}

// Odoo makes some twenty users a second: a call of this size stays far below the write time-out.
const BATCH = 100;

/** Somebody who can log in and belongs to the project. */
export const hasAccess = ({ outcome }: Pick<StakeholderUser, 'outcome'>): boolean =>
  outcome === 'created' || outcome === 'already_ours' || outcome === 'accepted';

/** A portal user for each stakeholder's contact, by the guarded action; people known to the ERP otherwise are left alone. */
export async function ensureUsers(
  runAction: RunAction,
  sale: Sale,
  { contactIds, companyId, seats = null, kept = new Set(), accepted = new Set() }: UsersInput,
): Promise<{ users: readonly StakeholderUser[] }> {
  const partnerIds = seatedOf(sale, { contactIds, seats, kept });
  const seated = new Set(partnerIds);
  const byPartner = new Map<number, ActionUser>();
  for (let start = 0; start < partnerIds.length; start += BATCH) {
    const ids = partnerIds.slice(start, start + BATCH);
    const { users } = await runAction<{ users: ActionUser[] }>('portal_users', {
      ids,
      values: {
        company_id: companyId,
        roles: rolesOf(sale, contactIds, ids),
        accepted: sale.stakeholders.filter(({ id }) => accepted.has(id)).map(({ id }) => contactIds[id]),
      },
    });
    for (const user of users) byPartner.set(user.partner_id, user);
  }
  return {
    users: sale.stakeholders.map(({ id, email }) => {
      const nobody = { stakeholderId: id, userId: null, login: email } as const;
      if (!seated.has(contactIds[id]!)) return { ...nobody, outcome: 'over_limit', reason: `seats_${seats}` };
      const user = byPartner.get(contactIds[id]!);
      if (user === undefined) return { ...nobody, outcome: 'needs_staff', reason: 'contact_gone' };
      return {
        stakeholderId: id,
        userId: user.user_id === false ? null : user.user_id,
        login: user.login,
        outcome: user.outcome,
        ...(user.reason !== false && { reason: user.reason }),
        ...(user.user_partner_id !== undefined && { partnerId: user.user_partner_id }),
      };
    }),
  };
}

/** Contacts who get a seat: those who keep theirs, then the others as listed, as far as seats go. */
function seatedOf(
  { stakeholders }: Sale,
  { contactIds, seats, kept }: Required<Pick<UsersInput, 'contactIds' | 'seats' | 'kept'>>,
): readonly number[] {
  const everybody = [...new Set(stakeholders.map(({ id }) => contactIds[id]!))];
  if (seats === null) return everybody;
  const keeping = new Set(stakeholders.filter(({ id }) => kept.has(id)).map(({ id }) => contactIds[id]!));
  const others = everybody.filter((id) => !keeping.has(id));
  const free = new Set(others.slice(0, Math.max(0, seats - keeping.size)));
  return everybody.filter((id) => keeping.has(id) || free.has(id));
}

/** One role a contact: of several the first listed. */
function rolesOf(
  sale: Sale,
  contactIds: Readonly<Record<number, number>>,
  partnerIds: readonly number[],
): [partnerId: number, role: StakeholderRole][] {
  const roles = new Map<number, StakeholderRole>();
  for (const { id, role } of sale.stakeholders) {
    const partnerId = contactIds[id]!;
    if (partnerIds.includes(partnerId) && !roles.has(partnerId)) roles.set(partnerId, role);
  }
  return [...roles];
}
