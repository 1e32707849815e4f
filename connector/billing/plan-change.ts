/** What kind of change it is from one plan to another, and when it takes effect: pure, by the catalogue's policy. */
import type { BillingInterval, Catalogue, ChangePolicy, ChangeTime, Plan } from './catalogue.ts';

/** What is subscribed. */
export interface PlanState {
  readonly planKey: string;
  readonly interval: BillingInterval;
  readonly quantity: number;
}

/** The parts a change consists of; none: it changes nothing. */
export type ChangePart = 'upgrade' | 'downgrade' | 'longer' | 'shorter' | 'more' | 'fewer';

export interface ClassifiedChange {
  readonly parts: readonly ChangePart[];
  readonly when: ChangeTime;
  /** Due once, minor units of the catalogue's currency. */
  readonly setupDue: number;
}

/**
 * A change of several parts is at once only where each of them may be: nobody leaves a paid year early by going up a
 * tier. In a trial nothing is paid yet, so everything is at once.
 * @returns undefined for a plan that is not in the catalogue
 */
export function classifyChange(
  catalogue: Catalogue,
  change: { readonly from: PlanState; readonly to: PlanState; readonly trialing: boolean },
): ClassifiedChange | undefined {
  const { from, to, trialing } = change;
  const [present, next] = [from, to].map(({ planKey }) => catalogue.plans.find(({ key }) => key === planKey));
  if (present === undefined || next === undefined) return undefined;
  const parts: ChangePart[] = [];
  if (present !== next) parts.push(isDearer(catalogue, present, next) ? 'upgrade' : 'downgrade');
  if (from.interval !== to.interval) parts.push(to.interval === 'year' ? 'longer' : 'shorter');
  if (from.quantity !== to.quantity && present === next)
    parts.push(to.quantity > from.quantity ? 'more' : 'fewer');
  return {
    parts,
    when: trialing || parts.every((part) => catalogue.changes[part] === 'now') ? 'now' : 'period_end',
    setupDue: setupDue(catalogue.changes, parts, present, next),
  };
}

/** By what a year costs; the file's order decides between equals. */
function isDearer({ plans }: Catalogue, present: Plan, next: Plan): boolean {
  const [before, after] = [yearly(present), yearly(next)];
  return before === after ? plans.indexOf(next) > plans.indexOf(present) : after > before;
}

function yearly({ prices }: Plan): number {
  // A plan without a price ("talk to us") is above all others.
  return prices.month === undefined ? (prices.year ?? Number.POSITIVE_INFINITY) : prices.month * 12;
}

function setupDue(policy: ChangePolicy, parts: readonly ChangePart[], present: Plan, next: Plan): number {
  if (policy.setup === 'none' || !parts.includes('upgrade')) return 0;
  return Math.max(0, next.setupAmount - present.setupAmount);
}
