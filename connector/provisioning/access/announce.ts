/** Staff's activity about people who have no access and wait for a person's decision; it goes when nobody waits any more. */
import type { Crm } from '../../crm/crm.ts';
import type { Database } from '../../db/database.ts';
import type { Log } from '../../log.ts';
import { listOf } from '../steps/note.ts';

interface Deps {
  readonly db: Database;
  readonly crm: Pick<Crm, 'openActivity' | 'closeActivity'>;
  readonly log: Log;
  /** Lets a call through when the ERP can be reached and is ours. */
  readonly guard: <T>(call: () => Promise<T>) => Promise<T>;
}

interface Row {
  readonly subscriptionId: number;
  readonly orderId: number;
  readonly opportunityId: number;
  readonly waiting: readonly { email: string; outcome: string; reason: string | null }[] | null;
}

// What staff read; a person who was asked by mail is no work of theirs.
const REASONS: Readonly<Record<string, string>> = {
  internal_or_archived_user:
    'an internal or archived user has this address: give access by hand, or change the address',
  several_portal_users: 'several portal users have this address: keep one',
  no_valid_email: 'the contact has no valid e-mail address',
  contact_gone: 'the contact is no longer there',
};

/** One pass over projects whose people's access changed since staff were told; an ERP that is down is asked again at the next. */
export async function announceAccess(deps: Deps): Promise<void> {
  const { rows } = await deps.db.query<Row>(
    `select s.id as "subscriptionId", s.order_id as "orderId", o.id as "opportunityId",
            (select jsonb_agg(jsonb_build_object('email', k.email, 'outcome', a.outcome, 'reason', a.reason) order by k.position)
               from portal_access a join stakeholders k on k.id = a.stakeholder_id
              where a.subscription_id = s.id and a.outcome in ('needs_staff', 'over_limit')) as waiting
       from subscriptions s
       cross join lateral (select (t.result->>'opportunityId')::bigint as id from steps t join runs r on r.id = t.run_id
                            where r.subscription_id = s.id and t.name = 'opportunity' and t.result ? 'opportunityId'
                            order by r.created_at desc limit 1) o
      where s.order_id is not null
        and exists (select 1 from portal_access a where a.subscription_id = s.id
                       and a.outcome is distinct from a.told_outcome)`,
  );
  for (const row of rows) {
    try {
      await deps.guard(() => announce(deps, row));
    } catch (error) {
      const { subscriptionId } = row;
      deps.log.warn(
        { subscriptionId, err: error },
        'staff could not be told in the ERP; tried again at the next pass',
      );
    }
  }
}

async function announce(deps: Deps, { subscriptionId, orderId, opportunityId, waiting }: Row): Promise<void> {
  const key = `order_${orderId}_users`;
  await deps.crm.closeActivity({ key });
  if (waiting !== null) {
    await deps.crm.openActivity({
      model: 'crm.lead',
      resId: opportunityId,
      key,
      summary: `${waiting.length} stakeholder(s) have no access yet`,
      note: listOf(waiting.map((person) => `${person.email}: ${whyOf(person)}`)),
    });
  }
  await deps.db.query('update portal_access set told_outcome = outcome where subscription_id = $1', [
    subscriptionId,
  ]);
}

function whyOf({ outcome, reason }: { outcome: string; reason: string | null }): string {
  if (outcome === 'over_limit')
    return `the plan has ${reason?.replace('seats_', '') ?? 'no more'} seats: a larger plan gives access by itself`;
  return REASONS[reason ?? ''] ?? reason ?? outcome;
}
