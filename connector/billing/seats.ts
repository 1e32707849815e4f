import type { Plan } from './catalogue.ts';

/** How many people a subscription gives access to: what was bought of a plan per user, else the plan's limit; null: any number. */
export function seatsOf(plan: Pick<Plan, 'usage' | 'limits'>, quantity: number): number | null {
  const { users } = plan.limits;
  if (plan.usage === 'flat') return users;
  return users === null ? quantity : Math.min(quantity, users);
}
