/** What a customer has beyond a plan's limits: listed for people to decide, never taken away by us. Pure. */
import type { Plan } from './catalogue.ts';

export interface UsageFacts {
  readonly projects: number;
  readonly users: number;
  /** Null: not measured. */
  readonly storageGb: number | null;
}

export interface OverLimit {
  readonly what: keyof Plan['limits'];
  readonly limit: number;
  readonly used: number;
}

export function overLimits(plan: Pick<Plan, 'limits'>, usage: UsageFacts): readonly OverLimit[] {
  return (['projects', 'users', 'storageGb'] as const).flatMap((what) => {
    const [limit, used] = [plan.limits[what], usage[what]];
    return limit !== null && used !== null && used > limit ? [{ what, limit, used }] : [];
  });
}
