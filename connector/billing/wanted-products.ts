/** What the catalogue wants to find at the payment provider, product by product; pure. */

import { meteredLookupKey, oneTimeLookupKey, recurringLookupKey, setupLookupKey } from '../lookup-keys.ts';
import type { AddOn, BillingInterval, Catalogue, IntervalPrices, MeteredPrice, Plan } from './catalogue.ts';
import { currenciesOf, inCurrency } from './in-currency.ts';

export interface WantedPrice {
  readonly lookupKey: string;
  readonly currency: string;
  /** Minor units, a decimal as text. */
  readonly amount: string;
  /** null: one-time. */
  readonly interval: BillingInterval | null;
  readonly meter: MeteredPrice | null;
  /** `plan_key` and `role` (recurring, setup, metered), or `addon_key` and `role` addon. */
  readonly metadata: Readonly<Record<string, string>>;
}

export interface WantedProduct {
  /** In the product's metadata as `product_key`: how it is found again. */
  readonly key: string;
  readonly name: string;
  readonly description: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly prices: readonly WantedPrice[];
}

export function wantedProducts(catalogue: Catalogue): readonly WantedProduct[] {
  const products = new Map<string, WantedProduct>();
  for (const currency of currenciesOf(catalogue))
    for (const product of productsIn(inCurrency(catalogue, currency))) {
      const before = products.get(product.key);
      products.set(
        product.key,
        before ? { ...before, prices: [...before.prices, ...product.prices] } : product,
      );
    }
  return [...products.values()];
}

function productsIn(catalogue: Catalogue): readonly WantedProduct[] {
  const { currency, lookupSuffix } = catalogue;
  const suffixed = (price: WantedPrice) => ({ ...price, lookupKey: `${price.lookupKey}${lookupSuffix}` });
  return [
    // A plan without a price list has a product too: agreed prices go on it.
    ...catalogue.plans.flatMap((plan) => planProducts(plan, currency)),
    ...meterProducts(catalogue),
    ...catalogue.addOns.map((addOn) => addOnProduct(addOn, currency)),
  ].map((product) => ({ ...product, prices: product.prices.map(suffixed) }));
}

function addOnProduct(addOn: AddOn, currency: string): WantedProduct {
  const { key, name, description, prices, oneTimeAmount } = addOn;
  const metadata = { addon_key: key };
  const wanted = recurring(prices, currency, key, { ...metadata, role: 'addon' });
  if (oneTimeAmount === null) return { key, name, description, metadata, prices: wanted };
  const once: WantedPrice = {
    lookupKey: oneTimeLookupKey(key),
    currency,
    amount: String(oneTimeAmount),
    interval: null,
    meter: null,
    metadata: { ...metadata, role: 'addon' },
  };
  return { key, name, description, metadata, prices: [...wanted, once] };
}

/** The set-up has a product of its own, so that checkout and invoice name it. */
function planProducts(plan: Plan, currency: string): readonly WantedProduct[] {
  const metadata = { plan_key: plan.key };
  const main: WantedProduct = {
    key: plan.key,
    name: plan.name,
    description: plan.description,
    metadata,
    prices: recurring(plan.prices, currency, plan.key, { ...metadata, role: 'recurring' }),
  };
  if (plan.setupAmount === 0) return [main];
  const price: WantedPrice = {
    lookupKey: setupLookupKey(plan.key),
    currency,
    amount: String(plan.setupAmount),
    interval: null,
    meter: null,
    metadata: { ...metadata, role: 'setup' },
  };
  const setup: WantedProduct = {
    key: setupLookupKey(plan.key),
    name: `${plan.name} set-up`,
    description: `One-time set-up of ${plan.name}`,
    metadata,
    prices: [price],
  };
  return [main, setup];
}

/** One product a meter; each plan and interval that is billed by it has its own price there. */
function meterProducts({ plans, currency }: Catalogue): readonly WantedProduct[] {
  const products = new Map<string, WantedProduct>();
  for (const plan of plans)
    for (const meter of plan.metered) {
      const key = `meter_${meter.key}`;
      const before = products.get(key)?.prices ?? [];
      const prices = intervals(plan.prices).map((interval) => ({
        lookupKey: meteredLookupKey(plan.key, meter.key, interval),
        currency,
        amount: meter.unitAmount,
        interval,
        meter,
        metadata: { plan_key: plan.key, meter_key: meter.key, role: 'metered' },
      }));
      const description = `${meter.name}, per ${meter.unit}`;
      products.set(key, {
        key,
        name: meter.name,
        description,
        metadata: { meter_key: meter.key },
        prices: [...before, ...prices],
      });
    }
  return [...products.values()];
}

function recurring(
  prices: IntervalPrices,
  currency: string,
  key: string,
  metadata: Readonly<Record<string, string>>,
): readonly WantedPrice[] {
  return intervals(prices).map((interval) => ({
    lookupKey: recurringLookupKey(key, interval),
    currency,
    amount: String(prices[interval]),
    interval,
    meter: null,
    metadata,
  }));
}

const intervals = (prices: IntervalPrices) =>
  (['month', 'year'] as const).filter((interval) => prices[interval] !== undefined);
