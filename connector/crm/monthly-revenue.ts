import type { SubscriptionRecord } from '../billing/sale.ts';
import { majorUnits } from '../stripe-money.ts';

// Billed now: a trial, a pause and an end bring nothing, an unpaid invoice is still owed.
const BILLED: ReadonlySet<string> = new Set(['active', 'past_due', 'unpaid']);

/** Monthly recurring revenue in the currency's major units: a yearly amount counts a twelfth. */
export function monthlyRevenue(
  subscription: Pick<SubscriptionRecord, 'status' | 'billingInterval' | 'recurringAmount' | 'currency'>,
): number {
  const { status, billingInterval, recurringAmount, currency } = subscription;
  if (!BILLED.has(status)) return 0;
  return majorUnits(billingInterval === 'year' ? recurringAmount / 12 : recurringAmount, currency);
}
