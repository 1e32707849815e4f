import { describe, expect, it } from 'vitest';
import { money as pageMoney, unitMoney } from '../connector/http/money.ts';
import { money as mailMoney } from '../connector/mail/helpers.ts';
import { formatMoney, majorUnits, stripeDigits } from '../connector/stripe-money.ts';

const plain = (text: string) => text.replace(/\s/g, ' ');

describe('money as Stripe counts it', () => {
  it.each([
    ['usd', 2],
    ['JPY', 0],
    ['mga', 0],
    ['kwd', 3],
    ['tnd', 3],
    // Without a minor unit since, but two digits at Stripe.
    ['isk', 2],
    ['ugx', 2],
    // No digits only in payouts.
    ['huf', 2],
    ['twd', 2],
    // Intl knows none, Stripe two.
    ['all', 2],
    ['lak', 2],
  ])('%s has %i digits', (currency, digits) => expect(stripeDigits(currency)).toBe(digits));

  it('becomes the ERP’s decimal number', () => {
    expect(majorUnits(175_000, 'usd')).toBe(1750);
    expect(majorUnits(1, 'eur')).toBe(0.01);
    expect(majorUnits(500, 'jpy')).toBe(500);
    expect(majorUnits(1234, 'kwd')).toBe(1.234);
    expect(majorUnits(150_000, 'isk')).toBe(1500);
    expect(majorUnits(150_000, 'ugx')).toBe(1500);
    expect(majorUnits(150_000, 'mga')).toBe(150_000);
  });

  it.each([
    ['1', 'usd', 'en', 'USD 0.01'],
    ['500', 'usd', 'en', 'USD 5'],
    ['0.25', 'usd', 'en', 'USD 0.0025'],
    ['0.250', 'usd', 'fr', '0,0025 USD'],
    ['0.000000000001', 'jpy', 'en', 'JPY 0.000000000001'],
  ] as const)('%s of %s for one unit of use is %s %s', (unitAmount, currency, language, text) =>
    expect(plain(unitMoney(unitAmount, currency, language))).toBe(text),
  );

  it('is written the same in pages, mails and notes', () => {
    for (const currency of ['isk', 'ugx']) {
      const code = currency.toUpperCase();
      expect(plain(pageMoney(150_000, currency, 'en'))).toBe(`${code} 1,500`);
      expect(plain(mailMoney(150_000, currency, 'en'))).toBe(`${code} 1,500`);
      expect(plain(formatMoney(150_000, currency, { locale: 'en' }))).toBe(`${code} 1,500`);
    }
    expect(plain(formatMoney(150_050, 'isk', { locale: 'en' }))).toBe('ISK 1,500.50');
    expect(formatMoney(175_000, 'usd', { locale: 'en' })).toBe('$1,750.00');
    expect(plain(pageMoney(1_500_500, 'kwd', 'en'))).toBe('KWD 1,500.500');
  });
});
