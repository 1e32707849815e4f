import type { Sale } from '../billing/sale.ts';
import type { RunAction } from './actions.ts';

export type UserOutcome = 'created' | 'already_ours' | 'needs_acceptance' | 'needs_staff';

export interface StakeholderUser {
  readonly stakeholderId: number;
  readonly userId: number | null;
  readonly login: string;
  readonly outcome: UserOutcome;
  readonly reason?: string;
}

interface ActionUser {
  readonly partner_id: number;
  readonly user_id: number | false;
  readonly login: string;
  readonly outcome: UserOutcome;
  readonly reason: string | false;
}

// Odoo makes some twenty users a second: a call of this size stays far below the write time-out.
const BATCH = 100;

/** A portal user for each stakeholder's contact, by the guarded action; people known to the ERP otherwise are left alone. */
export async function ensureUsers(
  runAction: RunAction,
  sale: Sale,
  input: { contactIds: Readonly<Record<number, number>>; companyId: number },
): Promise<{ users: readonly StakeholderUser[] }> {
  const partnerIds = [...new Set(sale.stakeholders.map(({ id }) => input.contactIds[id]!))];
  const byPartner = new Map<number, ActionUser>();
  for (let start = 0; start < partnerIds.length; start += BATCH) {
    const { users } = await runAction<{ users: ActionUser[] }>('portal_users', {
      ids: partnerIds.slice(start, start + BATCH),
      values: { company_id: input.companyId },
    });
    for (const user of users) byPartner.set(user.partner_id, user);
  }
  return {
    users: sale.stakeholders.map(({ id, email }) => {
      const user = byPartner.get(input.contactIds[id]!);
      if (user === undefined) {
        return {
          stakeholderId: id,
          userId: null,
          login: email,
          outcome: 'needs_staff',
          reason: 'contact_gone',
        };
      }
      return {
        stakeholderId: id,
        userId: user.user_id === false ? null : user.user_id,
        login: user.login,
        outcome: user.outcome,
        ...(user.reason !== false && { reason: user.reason }),
      };
    }),
  };
}
