import { findPlan } from '../../billing/plans.ts';
import type { Sale } from '../../billing/sale.ts';
import { seatsOf } from '../../billing/seats.ts';
import type { StepDeps } from '../step.ts';

export interface SeatsAndGuests {
  readonly seats: number | null;
  readonly kept: ReadonlySet<number>;
  readonly accepted: ReadonlySet<number>;
}

/**
 * How many of a project's people get access now, who has it already and keeps it whatever the plan, and which of them
 * agreed that an existing user is let in.
 */
export async function seatsAndGuests(
  { db, catalogue }: Pick<StepDeps, 'db' | 'catalogue'>,
  sale: Sale,
): Promise<SeatsAndGuests> {
  const plan = findPlan(catalogue, sale.planKey);
  const { rows } = await db.query<{ id: number; has: boolean; accepted: boolean }>(
    `select a.stakeholder_id as id, a.accepted_at is not null as accepted,
            a.outcome in ('created', 'already_ours', 'accepted', 'made_by_staff') as has
       from portal_access a join stakeholders k on k.id = a.stakeholder_id where k.project_id = $1`,
    [sale.project.id],
  );
  const those = (which: 'has' | 'accepted') => new Set(rows.filter((row) => row[which]).map(({ id }) => id));
  return {
    seats: plan === undefined ? null : seatsOf(plan, sale.subscription.quantity),
    kept: those('has'),
    accepted: those('accepted'),
  };
}
