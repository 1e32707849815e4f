/** `cli revenue`: monthly recurring revenue by tier and currency, and what came in month by month. */
import { parseArgs } from 'node:util';
import type { Revenue } from '../../connector/billing/revenue.ts';
import { formatMoney } from '../../connector/stripe-money.ts';
import { adminClient } from './admin-client.ts';
import { table } from './table.ts';

export async function runRevenue(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: { months: { type: 'string', default: '12' }, json: { type: 'boolean', default: false } },
  });
  const { recurring, months } = await adminClient(env).request<Revenue>(
    'GET',
    `/revenue?${new URLSearchParams({ months: values.months })}`,
  );
  if (values.json) {
    console.log(JSON.stringify({ recurring, months }));
    return 0;
  }
  const now = [...recurring, ...totals(recurring)].map((each) => [
    each.currency.toUpperCase(),
    each.planKey ?? 'no plan',
    String(each.subscriptions),
    String(each.seats),
    money(each.mrr, each.currency),
    each.trials === 0 ? '' : `${each.trials}, ${money(each.trialMrr, each.currency)} a month if they stay`,
  ]);
  console.log(table(['currency', 'tier', 'subscriptions', 'seats', 'a month', 'on trial'], now));
  const past = months.map((each) => [
    each.month,
    each.currency.toUpperCase(),
    String(each.invoicesPaid),
    money(each.paid, each.currency),
    money(each.refunded, each.currency),
    String(each.started),
    String(each.ended),
  ]);
  console.log(`\n${table(['month', 'currency', 'invoices', 'paid', 'refunded', 'started', 'ended'], past)}`);
  return 0;
}

type Row = Revenue['recurring'][number];

/** One line for each currency that has several tiers. */
function totals(recurring: readonly Row[]): Row[] {
  const currencies = Map.groupBy(recurring, ({ currency }) => currency);
  return [...currencies].flatMap(([currency, rows]) => {
    const sum = (of: (row: Row) => number) => rows.reduce((total, row) => total + of(row), 0);
    const total = {
      currency,
      planKey: 'all',
      subscriptions: sum((row) => row.subscriptions),
      seats: sum((row) => row.seats),
      mrr: sum((row) => row.mrr),
      trials: sum((row) => row.trials),
      trialMrr: sum((row) => row.trialMrr),
    };
    return rows.length > 1 ? [total] : [];
  });
}

const money = (amount: number, currency: string): string =>
  formatMoney(amount, currency, { locale: 'en', display: 'code' });
