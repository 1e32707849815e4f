/** Amounts for people. */
import type { BillingInterval } from '../billing/catalogue.ts';
import { formatMoney, stripeDigits } from '../stripe-money.ts';
import type { Language } from './field-texts.ts';

/**
 * @param amount minor units as Stripe counts them of `currency` (ISO 4217, lower case); whole amounts are shown without decimals
 */
export function money(amount: number, currency: string, language: Language): string {
  const locale = language === 'fr' ? 'fr-FR' : 'en-US';
  const text = formatMoney(amount, currency, { locale, display: 'code' });
  return amount % 10 ** stripeDigits(currency) === 0 ? text.replace(/[.,]0+(?=\D*$)/, '') : text;
}

/** The price of one unit of use, a quarter of a cent too: `USD 0.0025`. @param unitAmount minor units, a decimal as text */
export function unitMoney(unitAmount: string, currency: string, language: Language): string {
  const fraction = unitAmount.split('.')[1]?.replace(/0+$/, '').length ?? 0;
  if (fraction === 0) return money(Number(unitAmount), currency, language);
  const digits = stripeDigits(currency) + fraction;
  return new Intl.NumberFormat(language === 'fr' ? 'fr-FR' : 'en-US', {
    style: 'currency',
    currency: currency.toUpperCase(),
    currencyDisplay: 'code',
    minimumFractionDigits: digits,
  }).format(Number(unitAmount) / 10 ** stripeDigits(currency));
}

/** With all its digits, as it is charged: `USD 515.00`. @param amount minor units as Stripe counts them */
export const exactMoney = (amount: number, currency: string, language: Language): string =>
  formatMoney(amount, currency, { locale: language === 'fr' ? 'fr-FR' : 'en-US', display: 'code' }).replace(
    '-',
    '−',
  );

const PER: Readonly<Record<Language, Readonly<Record<BillingInterval, string>>>> = {
  en: { month: 'per month', year: 'per year' },
  fr: { month: 'par mois', year: 'par an' },
};

export function per(interval: BillingInterval, language: Language): string {
  return PER[language][interval];
}
