import { join } from 'node:path';
import { loadCatalogue } from '../../../connector/billing/plans.ts';
import { type WantedPrice, wantedProducts } from '../../../connector/billing/wanted-products.ts';
import type { Config } from '../../../connector/config-schema.ts';
import type { Stripe } from '../../../connector/stripe/client.ts';
import { stripeCall } from '../../../connector/stripe/errors.ts';
import { type Finding, green, red } from './finding.ts';

// The most lookup keys one list call takes (https://docs.stripe.com/api/prices/list).
const AT_ONCE = 10;
const HOW_TO_SEE = 'See what would change: npm run cli -- setup stripe --dry-run';

/** Every price of the catalogue, found as the checkout finds it. */
export async function priceFindings(stripe: Stripe, config: Config): Promise<readonly Finding[]> {
  const wanted = wantedProducts(loadCatalogue(join(config.mappingsDir, 'plans.json'))).flatMap(
    ({ prices }) => prices,
  );
  const pages = Array.from({ length: Math.ceil(wanted.length / AT_ONCE) }, (_, page) =>
    wanted.slice(page * AT_ONCE, (page + 1) * AT_ONCE).map(({ lookupKey }) => lookupKey),
  );
  const found = await Promise.all(
    pages.map((keys) =>
      stripeCall(() => stripe.prices.list({ lookup_keys: keys, active: true, limit: 100 })),
    ),
  );
  const byKey = new Map(found.flatMap(({ data }) => data).map((price) => [price.lookup_key, price]));
  const wrong = wanted.flatMap((price) => {
    const problem = problemOf(price, byKey.get(price.lookupKey));
    return problem === undefined ? [] : [red(`price ${price.lookupKey} ${problem}`, HOW_TO_SEE)];
  });
  return wrong.length > 0 ? wrong : [green(`all ${wanted.length} prices of the catalogue`)];
}

function problemOf(wanted: WantedPrice, there: Stripe.Price | undefined): string | undefined {
  if (there === undefined) return 'is missing';
  const amount = String(there.unit_amount_decimal ?? there.unit_amount);
  if (there.currency !== wanted.currency || Number(amount) !== Number(wanted.amount))
    return `costs ${amount} ${there.currency} in Stripe, ${wanted.amount} ${wanted.currency} in the catalogue (minor units)`;
  const interval = there.recurring?.interval ?? null;
  if (interval !== wanted.interval)
    return `is billed ${interval ?? 'once'} in Stripe, ${wanted.interval ?? 'once'} in the catalogue`;
  const strays = Object.entries(wanted.metadata).filter(([key, value]) => there.metadata[key] !== value);
  return strays.length === 0 ? undefined : `lacks the metadata ${strays.map(([key]) => key).join(', ')}`;
}
