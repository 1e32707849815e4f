/** The words of the template language: money, dates and a locale's own terms. No other helper exists. */
import type Handlebars from 'handlebars';
import { formatMoney } from '../stripe-money.ts';

/** @param amount minor units as Stripe counts them: 150000 usd, 1500 jpy, 1500000 kwd are all fifteen hundred */
export function money(amount: number, currency: string, locale: string): string {
  return formatMoney(amount, currency, { locale });
}

/** A day in words, UTC. @param value a Date or its ISO text */
export function date(value: Date | string, locale: string): string {
  const day = value instanceof Date ? value : new Date(value);
  return new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeZone: 'UTC' }).format(day);
}

export const HELPER_NAMES = ['money', 'date', 'word'] as const;

/** `{{money amount currency}}`, `{{date when}}`, `{{word role}}` in the language of `locale`. */
export function registerHelpers(
  handlebars: typeof Handlebars,
  { locale, words }: { locale: string; words: Readonly<Record<string, string>> },
): void {
  handlebars.registerHelper('money', (amount: unknown, currency: unknown) => {
    if (typeof amount !== 'number' || typeof currency !== 'string')
      throw new Error('money needs amount and currency');
    return money(amount, currency, locale);
  });
  handlebars.registerHelper('date', (value: unknown) => {
    if (!(value instanceof Date) && typeof value !== 'string') throw new Error('date needs a day');
    return date(value, locale);
  });
  handlebars.registerHelper('word', (key: unknown) => {
    if (typeof key !== 'string' || !Object.hasOwn(words, key)) {
      throw new Error(`"${String(key)}" is not in words.json of "${locale}"`);
    }
    return words[key];
  });
}
