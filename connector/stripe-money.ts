/** Money as Stripe counts it. Neither ISO 4217 nor Intl tells its digits: UGX has none there and two here. */

// https://docs.stripe.com/currencies#zero-decimal
const NONE: ReadonlySet<string> = new Set([
  'BIF',
  'CLP',
  'DJF',
  'GNF',
  'JPY',
  'KMF',
  'KRW',
  'MGA',
  'PYG',
  'RWF',
  'VND',
  'VUV',
  'XAF',
  'XOF',
  'XPF',
]);
// https://docs.stripe.com/currencies#three-decimal
const THREE: ReadonlySet<string> = new Set(['BHD', 'JOD', 'KWD', 'OMR', 'TND']);

/**
 * Digits of the minor unit in Stripe's API. ISK and UGX have no minor unit any more but keep two digits ("to maintain
 * backwards compatibility", https://docs.stripe.com/currencies#special-cases); HUF and TWD have two in charges, none
 * only in payouts.
 * @param currency ISO 4217, any case
 */
export function stripeDigits(currency: string): 0 | 2 | 3 {
  const code = currency.toUpperCase();
  if (NONE.has(code)) return 0;
  return THREE.has(code) ? 3 : 2;
}

/** Minor units as Stripe counts them → the amount: 175000 usd is 1750, 500 jpy 500, 150000 isk 1500. */
export function majorUnits(minor: number, currency: string): number {
  const digits = stripeDigits(currency);
  return Number((minor / 10 ** digits).toFixed(digits));
}

/** The amount → minor units as Stripe counts them, rounded: 1750 usd is 175000, 500 jpy 500. */
export const minorUnits = (major: number, currency: string): number =>
  Math.round(major * 10 ** stripeDigits(currency));

/** The amount for people, e.g. `$1,750.00`; what a currency has no coins for is shown only when it is there. */
export function formatMoney(
  amount: number,
  currency: string,
  { locale, display = 'symbol' }: { locale: string; display?: 'symbol' | 'code' },
): string {
  const digits = stripeDigits(currency);
  const whole = amount % 10 ** digits === 0;
  return new Intl.NumberFormat(locale, {
    style: 'currency',
    currency: currency.toUpperCase(),
    currencyDisplay: display,
    // A whole amount keeps the locale's habit: 1,750.00 USD, but 1,500 ISK.
    ...(!whole && { minimumFractionDigits: digits, maximumFractionDigits: digits }),
  }).format(amount / 10 ** digits);
}
