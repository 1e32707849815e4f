import { findPlan } from '../../billing/plans.ts';
import type { Sale } from '../../billing/sale.ts';
import { seatsOf } from '../../billing/seats.ts';
import type { StepDeps } from '../step.ts';

/** How many of a project's people get access now, and which of them agreed that an existing user is let in. */
export async function seatsAndGuests(
  { db, catalogue }: Pick<StepDeps, 'db' | 'catalogue'>,
  sale: Sale,
): Promise<{ seats: number | null; accepted: ReadonlySet<number> }> {
  const plan = findPlan(catalogue, sale.planKey);
  const { rows } = await db.query<{ id: number }>(
    `select a.stakeholder_id as id from portal_access a join stakeholders k on k.id = a.stakeholder_id
      where k.project_id = $1 and a.accepted_at is not null`,
    [sale.project.id],
  );
  return {
    seats: plan === undefined ? null : seatsOf(plan, sale.subscription.quantity),
    accepted: new Set(rows.map(({ id }) => id)),
  };
}
