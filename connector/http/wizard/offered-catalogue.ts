/** The catalogue as a salesperson has agreed it: the offered plan at its own price, so that every page shows what is charged. */
import type { Catalogue } from '../../billing/catalogue.ts';
import { inCurrency } from '../../billing/in-currency.ts';
import type { Offer } from '../../billing/offers.ts';

/** In the offer's currency. An agreed amount is the whole: it is charged once, however many users there are. */
export function offeredCatalogue(
  catalogue: Catalogue,
  { planKey, interval, amounts, currency }: Pick<Offer, 'planKey' | 'interval' | 'amounts' | 'currency'>,
): Catalogue {
  const sold = inCurrency(catalogue, currency);
  if (amounts === null) return sold;
  const agreed = {
    custom: false,
    usage: 'flat',
    setupAmount: amounts.setup,
    prices: { [interval]: amounts.recurring },
  } as const;
  return {
    ...sold,
    plans: sold.plans.map((plan) => (plan.key === planKey ? { ...plan, ...agreed } : plan)),
  };
}
