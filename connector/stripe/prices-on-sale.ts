/** The prices that are sold now, by lookup key. */
import { ConnectorError } from '../errors.ts';
import type { Stripe } from './client.ts';
import { stripeCall } from './errors.ts';

/** @throws ConnectorError permanent `price_missing` naming those that are not there */
export async function pricesOnSale(
  stripe: Stripe,
  lookupKeys: readonly string[],
): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  // prices.list takes at most ten lookup_keys.
  for (let at = 0; at < lookupKeys.length; at += 10) {
    const lookup_keys = lookupKeys.slice(at, at + 10);
    const page = await stripeCall(() => stripe.prices.list({ lookup_keys, active: true, limit: 100 }));
    for (const { id, lookup_key } of page.data) found[lookup_key!] = id;
  }
  const missing = lookupKeys.filter((key) => found[key] === undefined);
  if (missing.length === 0) return found;
  throw new ConnectorError({
    kind: 'permanent',
    code: 'price_missing',
    system: 'stripe',
    message: `Stripe has no active price with lookup key ${missing.join(', ')}`,
    advice: 'Run "cli setup stripe": it brings Stripe in line with mappings/plans.json.',
    details: { missing },
  });
}
