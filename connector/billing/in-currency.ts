/** The catalogue as it is sold in one of its currencies: everything that reads prices of it stays as it is. */
import type { AddOn, Catalogue, Plan } from './catalogue.ts';

/** The catalogue's own first. */
export function currenciesOf(catalogue: Catalogue): readonly string[] {
  const others = catalogue.plans.flatMap(({ currencies }) => Object.keys(currencies));
  return [catalogue.currency, ...new Set(others)];
}

/** @param currency ISO 4217, lower case; one it is not sold in: there are no prices */
export function inCurrency(catalogue: Catalogue, currency: string): Catalogue {
  if (currency === catalogue.currency) return catalogue;
  return {
    ...catalogue,
    currency,
    lookupSuffix: `_${currency}`,
    plans: catalogue.plans.map((plan) => planIn(plan, currency)),
    addOns: catalogue.addOns.map((addOn) => addOnIn(addOn, currency)),
  };
}

function planIn(plan: Plan, currency: string): Plan {
  const own = plan.currencies[currency];
  if (own === undefined) return { ...plan, prices: {}, setupAmount: 0, metered: [] };
  return {
    ...plan,
    prices: own.prices,
    setupAmount: own.setupAmount,
    metered: plan.metered.map((meter) => ({ ...meter, unitAmount: own.metered[meter.key]! })),
  };
}

function addOnIn(addOn: AddOn, currency: string): AddOn {
  const own = addOn.currencies[currency];
  return { ...addOn, prices: own?.prices ?? {}, oneTimeAmount: own?.oneTimeAmount ?? null };
}
