/** Whether the catalogue is whole in each of its currencies. */
import { stripeDigits } from '../stripe-money.ts';
import type { Catalogue, IntervalPrices } from './catalogue.ts';
import { currenciesOf } from './in-currency.ts';

/** Sold in one currency and not in another, somebody could not change their plan: each has the same prices in all. */
export function currencyProblems(catalogue: Catalogue): string[] {
  const all = currenciesOf(catalogue);
  const [own, ...others] = all;
  const problems: string[] = [];
  catalogue.plans.forEach((plan, index) => {
    if (plan.custom) return;
    if (plan.currencies[own!] !== undefined)
      problems.push(`/plans/${index}/currencies/${own}: is the catalogue's own currency`);
    for (const currency of others) {
      const path = `/plans/${index}/currencies/${currency}`;
      const there = plan.currencies[currency];
      if (there === undefined) problems.push(`${path}: another plan is sold in it, so this one must be too`);
      else {
        if (intervals(there.prices) !== intervals(plan.prices))
          problems.push(`${path}/prices: the same intervals as the plan's own prices are needed`);
        for (const { key } of plan.metered)
          if (there.metered[key] === undefined) problems.push(`${path}/metered: meter "${key}" has no price`);
      }
    }
  });
  for (const currency of all)
    if (stripeDigits(currency) === 3) problems.push(...lastDigits(catalogue, currency));
  return problems;
}

const intervals = (prices: IntervalPrices): string => Object.keys(prices).sort().join();

/** "The least-significant (last) digit must be 0" (https://docs.stripe.com/currencies#three-decimal). */
function lastDigits({ plans, addOns, currency: own }: Catalogue, currency: string): string[] {
  const amounts = [
    ...plans.map(({ key, setupAmount, prices, currencies }) => {
      const from = currency === own ? { setupAmount, prices } : currencies[currency];
      return { key, amounts: [from?.setupAmount ?? 0, ...Object.values(from?.prices ?? {})] };
    }),
    ...addOns.map(({ key, oneTimeAmount, prices, currencies }) => {
      const from = currency === own ? { oneTimeAmount, prices } : currencies[currency];
      return { key, amounts: [from?.oneTimeAmount ?? 0, ...Object.values(from?.prices ?? {})] };
    }),
  ];
  return amounts
    .filter((each) => each.amounts.some((amount) => amount % 10 !== 0))
    .map(({ key }) => `${key}: amounts in ${currency} must end in 0 (three decimals; Stripe takes two)`);
}
