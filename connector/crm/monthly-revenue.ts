import { BILLED } from '../billing/revenue.ts';
import type { SubscriptionRecord } from '../billing/sale.ts';
import { majorUnits } from '../stripe-money.ts';

/** Monthly recurring revenue in the currency's major units, counted as `cli revenue` does. */
export function monthlyRevenue({
  status,
  monthlyAmount,
  currency,
}: Pick<SubscriptionRecord, 'status' | 'monthlyAmount' | 'currency'>): number {
  return BILLED.includes(status) ? majorUnits(monthlyAmount, currency) : 0;
}
