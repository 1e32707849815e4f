/** `cli invoices list`: the invoices we hold, newest first. */
import { parseArgs } from 'node:util';
import type { ListedInvoice } from '../../connector/billing/customers.ts';
import { formatMoney } from '../../connector/stripe-money.ts';
import { adminClient } from './admin-client.ts';
import { minute, table } from './table.ts';

const text = { type: 'string' } as const;

export async function invoicesList(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      customer: text,
      status: text,
      before: text,
      limit: { ...text, default: '50' },
      json: { type: 'boolean', default: false },
    },
  });
  const { json, ...filter } = values;
  const { invoices } = await adminClient(env).request<{ invoices: ListedInvoice[] }>(
    'GET',
    `/invoices?${new URLSearchParams(filter)}`,
  );
  if (json) console.log(JSON.stringify(invoices));
  else {
    const rows = invoices.map((each) => [
      each.providerId,
      each.number ?? '',
      each.customerId,
      formatMoney(each.total, each.currency, { locale: 'en', display: 'code' }),
      each.status,
      each.attemptCount === 0 ? '' : String(each.attemptCount),
      minute(each.created),
      minute(each.paidAt),
    ]);
    console.log(
      table(['invoice', 'number', 'customer', 'total', 'status', 'tries', 'created', 'paid'], rows),
    );
  }
  return 0;
}
