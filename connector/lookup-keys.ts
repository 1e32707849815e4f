/** Under which `lookup_key` a price is sold: set-up makes the prices, checkout finds them. Recognising is by metadata. */

type Interval = 'month' | 'year';

/** The plan's `lookup_key` in Stripe for its recurring price. */
export function recurringLookupKey(planKey: string, interval: Interval): string {
  return `${planKey}_${interval}`;
}

/** The plan's `lookup_key` in Stripe for its one-time set-up price. */
export function setupLookupKey(planKey: string): string {
  return `${planKey}_setup`;
}

/** The plan's `lookup_key` in Stripe for something billed by meter at this interval. */
export function meteredLookupKey(planKey: string, meterKey: string, interval: Interval): string {
  return `${planKey}_${meterKey}_${interval}`;
}

/** An add-on's `lookup_key` in Stripe when it is sold once; by the interval it is a recurring one. */
export function oneTimeLookupKey(addOnKey: string): string {
  return `${addOnKey}_once`;
}
