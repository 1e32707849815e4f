/** Amounts on an opportunity are in the ERP company's currency (Odoo `crm.lead.company_currency`), a sale's in its own. */
import type { Odoo } from '../odoo/odoo.ts';
import { majorUnits } from '../stripe-money.ts';

// Rates change once a day at most; one question an hour costs a run nothing.
const KEPT_MS = 3_600_000;

export interface CompanyAmounts {
  /**
   * @param amount minor units of `currency` (ISO 4217, lower case)
   * @returns major units of the company's currency, by the ERP's own rate of today; null: it keeps no rate for it
   */
  of(amount: number, currency: string): Promise<number | null>;
}

interface Currency {
  readonly name: string;
  /** Units of it for one unit of the company's currency. */
  readonly rate: number;
  readonly rate_ids: readonly number[];
}

export function createCompanyAmounts(deps: { odoo: Odoo; now: () => Date }): CompanyAmounts {
  const { odoo, now } = deps;
  const kept = new Map<string, { readonly at: number; readonly value: Promise<unknown> }>();

  /** Single flight; a failure is not kept. */
  function cached<T>(key: string, ask: () => Promise<T>): Promise<T> {
    const known = kept.get(key);
    if (known !== undefined && now().getTime() - known.at < KEPT_MS) return known.value as Promise<T>;
    const value = ask();
    kept.set(key, { at: now().getTime(), value });
    value.catch(() => kept.delete(key));
    return value;
  }

  const own = () =>
    cached('own', async () => {
      const [company] = await odoo.call<{ currency_id: [number, string] }[]>('res.company', 'search_read', {
        domain: [],
        fields: ['currency_id'],
        limit: 1,
        order: 'id',
      });
      return company!.currency_id[1];
    });

  const rateOf = (code: string) =>
    cached(code, async () => {
      const [currency] = await odoo.call<Currency[]>('res.currency', 'search_read', {
        domain: [['name', '=', code]],
        fields: ['name', 'rate', 'rate_ids'],
        limit: 1,
        context: { active_test: false },
      });
      // Without any stored rate Odoo says 1, which is no rate at all.
      return currency === undefined || currency.rate_ids.length === 0 ? null : currency.rate;
    });

  return {
    async of(amount, currency) {
      const code = currency.toUpperCase();
      const major = majorUnits(amount, currency);
      if ((await own()) === code) return major;
      const rate = await rateOf(code);
      return rate === null || rate <= 0 ? null : Math.round((major / rate) * 100) / 100;
    },
  };
}
