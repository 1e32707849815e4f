/** Brings Stripe's products, meters and prices in line with the catalogue: reads, says the difference, then does it. */
import Stripe from 'stripe';
import type { WantedPrice, WantedProduct } from '../billing/wanted-products.ts';
import { stripeDigits } from '../stripe-money.ts';
import { type Change, holds } from './change.ts';
import { stripeCall } from './errors.ts';

interface Found {
  readonly products: readonly Stripe.Product[];
  /** Active ones only: an archived price is nobody's offer. */
  readonly prices: readonly Stripe.Price[];
  readonly meters: readonly Stripe.Billing.Meter[];
}

/** Ids that changes make and later changes need. */
interface Ids {
  readonly product: Map<string, string>;
  readonly meter: Map<string, string>;
}

/** In the order in which they must be applied. Empty: nothing to do. @throws ConnectorError as classified */
export async function catalogueChanges(
  stripe: Stripe,
  wanted: readonly WantedProduct[],
): Promise<readonly Change[]> {
  const found = await read(stripe, wanted);
  const ids: Ids = { product: new Map(), meter: new Map() };
  return [
    ...meterChanges(stripe, wanted, found, ids),
    ...wanted.flatMap((product) => productChanges(stripe, product, found, ids)),
    ...wanted.flatMap((product) =>
      product.prices.flatMap((price) => priceChanges(stripe, product, price, found, ids)),
    ),
    ...leftovers(stripe, wanted, found),
  ];
}

async function read(stripe: Stripe, wanted: readonly WantedProduct[]): Promise<Found> {
  const metered = wanted.some(({ prices }) => prices.some(({ meter }) => meter !== null));
  const all = { limit: 100 };
  const [products, prices, meters] = await stripeCall(() =>
    Promise.all([
      stripe.products.list(all).autoPagingToArray({ limit: 10_000 }),
      stripe.prices.list({ ...all, active: true }).autoPagingToArray({ limit: 10_000 }),
      metered
        ? stripe.billing.meters.list({ ...all, status: 'active' }).autoPagingToArray({ limit: 10_000 })
        : [],
    ]),
  );
  return { products, prices, meters };
}

function meterChanges(
  stripe: Stripe,
  wanted: readonly WantedProduct[],
  found: Found,
  ids: Ids,
): readonly Change[] {
  const meters = new Map(
    wanted.flatMap(({ prices }) => prices.flatMap(({ meter }) => (meter ? [[meter.eventName, meter]] : []))),
  );
  return [...meters.values()].flatMap((meter) => {
    const there = found.meters.find(({ event_name }) => event_name === meter.eventName);
    if (there) {
      ids.meter.set(meter.eventName, there.id);
      return [];
    }
    const apply = async () => {
      const made = await stripeCall(() =>
        stripe.billing.meters.create({
          display_name: meter.name,
          event_name: meter.eventName,
          default_aggregation: { formula: 'sum' },
          customer_mapping: { type: 'by_id', event_payload_key: 'stripe_customer_id' },
          value_settings: { event_payload_key: 'value' },
        }),
      );
      ids.meter.set(meter.eventName, made.id);
    };
    return [{ text: `create meter ${meter.eventName} (${meter.name})`, apply }];
  });
}

function productChanges(stripe: Stripe, wanted: WantedProduct, found: Found, ids: Ids): readonly Change[] {
  const metadata = { ...wanted.metadata, product_key: wanted.key };
  const fields = { name: wanted.name, description: wanted.description, metadata };
  const there = found.products.find((product) => product.metadata.product_key === wanted.key);
  if (there === undefined) {
    const apply = async () => {
      const made = await stripeCall(() => stripe.products.create(fields));
      ids.product.set(wanted.key, made.id);
    };
    return [{ text: `create product ${wanted.key} (${wanted.name})`, apply }];
  }
  ids.product.set(wanted.key, there.id);
  const same =
    there.active &&
    there.name === wanted.name &&
    there.description === wanted.description &&
    holds(there.metadata, metadata);
  if (same) return [];
  const apply = async () => {
    await stripeCall(() => stripe.products.update(there.id, { ...fields, active: true }));
  };
  return [{ text: `update product ${wanted.key} (${wanted.name})`, apply }];
}

function priceChanges(
  stripe: Stripe,
  product: WantedProduct,
  wanted: WantedPrice,
  found: Found,
  ids: Ids,
): readonly Change[] {
  const there = found.prices.find((price) => price.lookup_key === wanted.lookupKey);
  if (there === undefined) return [createPrice(stripe, product, wanted, ids, false)];
  if (!samePrice(there, wanted, ids.product.get(product.key))) {
    const archive: Change = {
      text: `archive price ${there.id} (${describe(there)}): its subscribers keep it, nobody new gets it`,
      apply: async () => {
        await stripeCall(() => stripe.prices.update(there.id, { active: false }));
      },
    };
    return [createPrice(stripe, product, wanted, ids, true), archive];
  }
  if (holds(there.metadata, wanted.metadata)) return [];
  const apply = async () => {
    await stripeCall(() => stripe.prices.update(there.id, { metadata: { ...wanted.metadata } }));
  };
  return [{ text: `update metadata of price ${wanted.lookupKey}`, apply }];
}

/** An amount is never edited in place: Stripe refuses it, and subscribers keep what they agreed to. */
function createPrice(
  stripe: Stripe,
  product: WantedProduct,
  wanted: WantedPrice,
  ids: Ids,
  replaces: boolean,
): Change {
  const unit = wanted.meter ? ` per ${wanted.meter.unit}` : '';
  const text = `create price ${wanted.lookupKey}: ${amountText(wanted.amount, wanted.currency)}${unit}${rhythm(wanted.interval)}`;
  const apply = async () => {
    const usage = wanted.meter && {
      usage_type: 'metered' as const,
      meter: ids.meter.get(wanted.meter.eventName)!,
    };
    await stripeCall(() =>
      stripe.prices.create({
        product: ids.product.get(product.key)!,
        currency: wanted.currency,
        // Whole minor units go as a number, a fraction of one as Stripe's decimal.
        ...(/^\d+$/.test(wanted.amount)
          ? { unit_amount: Number(wanted.amount) }
          : { unit_amount_decimal: Stripe.Decimal.from(wanted.amount) }),
        ...(wanted.interval && { recurring: { interval: wanted.interval, ...usage } }),
        lookup_key: wanted.lookupKey,
        // From the price it replaces, or from an archived one: that keeps its key until another takes it.
        transfer_lookup_key: true,
        metadata: { ...wanted.metadata },
      }),
    );
  };
  return { text: replaces ? `${text} (takes the place of the one on sale)` : text, apply };
}

/** Prices of ours that nobody may buy any more: an interval dropped, or what a broken-off run left behind. */
function leftovers(stripe: Stripe, wanted: readonly WantedProduct[], found: Found): readonly Change[] {
  const keys = new Set(wanted.flatMap(({ prices }) => prices.map(({ lookupKey }) => lookupKey)));
  const ours = (price: Stripe.Price) =>
    price.metadata.role !== undefined && (price.metadata.plan_key ?? price.metadata.addon_key) !== undefined;
  return found.prices
    .filter((price) => ours(price) && (price.lookup_key === null || !keys.has(price.lookup_key)))
    .map((price) => ({
      text: `archive price ${price.id} (${describe(price)}): no longer in the catalogue`,
      apply: async () => {
        await stripeCall(() => stripe.prices.update(price.id, { active: false }));
      },
    }));
}

function samePrice(there: Stripe.Price, wanted: WantedPrice, productId: string | undefined): boolean {
  const usage = wanted.meter ? 'metered' : 'licensed';
  return (
    there.currency === wanted.currency &&
    // A Decimal object since stripe-node 21: compare as text.
    Number(String(there.unit_amount_decimal)) === Number(wanted.amount) &&
    (there.recurring?.interval ?? null) === wanted.interval &&
    (there.recurring === null || there.recurring.usage_type === usage) &&
    there.product === productId
  );
}

function describe(price: Stripe.Price): string {
  const decimal = price.unit_amount_decimal;
  const amount = decimal === null ? 'in tiers' : amountText(String(decimal), price.currency);
  return `${price.metadata.plan_key ?? price.metadata.addon_key}, ${amount}${rhythm(price.recurring?.interval ?? null)}`;
}

const rhythm = (interval: string | null) => (interval === null ? ' once' : ` a ${interval}`);

function amountText(amount: string, currency: string): string {
  const code = currency.toUpperCase();
  const digits = stripeDigits(currency);
  // A quarter of a cent is to be seen as one.
  const fraction = amount.split('.')[1] ?? '';
  return `${code} ${(Number(amount) / 10 ** digits).toFixed(Math.max(digits + fraction.length, 2))}`;
}
