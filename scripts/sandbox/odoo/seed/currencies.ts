/** ISO 4217 currencies, as the runtime knows them; without a minor unit the rounding is 1. */

export const CURRENCIES: readonly { code: string; symbol: string; rounding: number; name: string }[] =
  (() => {
    const names = new Intl.DisplayNames('en', { type: 'currency' });
    return Intl.supportedValuesOf('currency').map((code) => {
      const format = new Intl.NumberFormat('en', {
        style: 'currency',
        currency: code,
        currencyDisplay: 'narrowSymbol',
      });
      const digits = format.resolvedOptions().maximumFractionDigits ?? 2;
      const symbol = format.formatToParts(0).find((part) => part.type === 'currency')?.value ?? code;
      return { code, symbol, rounding: 10 ** -digits, name: names.of(code) ?? code };
    });
  })();
