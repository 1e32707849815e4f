/** A trial that is about to end: said once for each end, so that one prolonged is said again. Pure. */
import type { SubscriptionFact } from './facts.ts';

// As Stripe's own notice: customer.subscription.trial_will_end comes three days before.
export const NOTICE_DAYS = 3;

/** @returns the fact, or null: not now */
export function trialEnding(fact: SubscriptionFact, now: Date): string | null {
  const { status, trialEnd, planKey, cancelAt } = fact;
  if (status !== 'trialing' || trialEnd === null || planKey === null) return null;
  // Set to end with its trial: nothing will be charged.
  if (cancelAt !== null && cancelAt <= trialEnd) return null;
  const left = trialEnd.getTime() - now.getTime();
  return left > 0 && left <= NOTICE_DAYS * 86_400_000
    ? `trial_${Math.floor(trialEnd.getTime() / 1000)}`
    : null;
}
