/** Portal access of people whose projects have ended, and of those who come back; by the guarded action alone. */
import type { RunAction } from './actions.ts';

export interface AccessAnswer {
  readonly partnerId: number;
  readonly userId: number;
  /** `left_alone`: not a user of ours, or archived by staff. `active`: had access all the time. */
  readonly outcome: 'archived' | 'restored' | 'erased' | 'active' | 'left_alone';
  readonly reason: 'not_ours' | 'archived_by_staff' | null;
}

interface ActionUser {
  readonly partner_id: number;
  readonly user_id: number;
  readonly outcome: AccessAnswer['outcome'];
  readonly reason: 'not_ours' | 'archived_by_staff' | false;
}

// As with making users: each is a write with its recomputations.
const BATCH = 100;

/** @param input.change `erase`: archived, and the address taken out of the login */
export async function changePortalAccess(
  runAction: RunAction,
  input: { partnerIds: readonly number[]; change: 'archive' | 'restore' | 'erase' },
): Promise<readonly AccessAnswer[]> {
  const answers: AccessAnswer[] = [];
  for (let start = 0; start < input.partnerIds.length; start += BATCH) {
    const { users } = await runAction<{ users: ActionUser[] }>('portal_access', {
      ids: input.partnerIds.slice(start, start + BATCH),
      values: { change: input.change },
    });
    for (const user of users)
      answers.push({
        partnerId: user.partner_id,
        userId: user.user_id,
        outcome: user.outcome,
        reason: user.reason || null,
      });
  }
  return answers;
}
