/** `cli customers list|get|explain`; a customer is named by cus_… or by the number of its organisation. */
import { parseArgs } from 'node:util';
import type { CustomerDetails, ListedCustomer } from '../../connector/billing/customers.ts';
import type { Explanation } from '../../connector/http/admin-records.ts';
import { formatMoney } from '../../connector/stripe-money.ts';
import { adminClient } from './admin-client.ts';
import { argument } from './argument.ts';
import { minute, table } from './table.ts';

type Argv = readonly string[];
const text = { type: 'string' } as const;
const json = { type: 'boolean', default: false } as const;

export async function customersList(argv: Argv, env: NodeJS.ProcessEnv): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      search: text,
      parked: { type: 'boolean', default: false },
      after: text,
      limit: { ...text, default: '50' },
      json,
    },
  });
  const { json: asJson, parked, ...filter } = values;
  const query = new URLSearchParams({ ...filter, parked: String(parked) });
  const { customers } = await adminClient(env).request<{ customers: ListedCustomer[] }>(
    'GET',
    `/customers?${query}`,
  );
  if (asJson) console.log(JSON.stringify(customers));
  else {
    const rows = customers.map((each) => [
      each.id,
      String(each.organisationId ?? ''),
      each.name ?? '',
      each.email ?? '',
      String(each.alive),
      each.parkedAt === null ? `in step ${minute(each.syncedAt)}` : `parked ${minute(each.parkedAt)}`,
    ]);
    console.log(table(['customer', 'org', 'name', 'mail', 'alive', 'sync'], rows));
  }
  return 0;
}

export async function customersGet(argv: Argv, env: NodeJS.ProcessEnv): Promise<number> {
  const { values, positionals } = parseArgs({ args: [...argv], options: { json }, allowPositionals: true });
  const customer = await adminClient(env).request<CustomerDetails>('GET', path(positionals));
  if (values.json) {
    console.log(JSON.stringify(customer));
    return 0;
  }
  const organisation =
    customer.organisationId === null ? 'no organisation of ours' : `organisation ${customer.organisationId}`;
  console.log(`${customer.id}  ${customer.name ?? ''} <${customer.email ?? ''}>, ${organisation}`);
  if (customer.parkCause !== null) {
    console.log(`Parked: ${String(customer.parkCause.message)}; tried again ${minute(customer.retryAt)}`);
    console.log(`→ ${String(customer.parkCause.advice ?? 'see the log')}`);
  }
  const subscriptions = customer.subscriptions.map((each) => [
    String(each.id),
    each.providerId,
    each.planKey ?? '',
    each.project ?? '',
    `${money(each.recurringAmount, each.currency)}/${each.billingInterval}`,
    each.status,
    each.access,
    minute(each.currentPeriodEnd),
  ]);
  console.log(
    `\n${table(['no', 'subscription', 'plan', 'project', 'amount', 'status', 'access', 'period ends'], subscriptions)}`,
  );
  const invoices = customer.invoices.map((each) => [
    each.providerId,
    each.number ?? '',
    money(each.total, each.currency),
    each.status,
    minute(each.created),
  ]);
  console.log(`\n${table(['invoice', 'number', 'total', 'status', 'created'], invoices)}`);
  return 0;
}

export async function customersExplain(argv: Argv, env: NodeJS.ProcessEnv): Promise<number> {
  const { values, positionals } = parseArgs({ args: [...argv], options: { json }, allowPositionals: true });
  const explained = await adminClient(env).request<Explanation>('GET', `${path(positionals)}/explain`);
  if (values.json) console.log(JSON.stringify(explained));
  else {
    console.log(`${explained.customer}  ${explained.name ?? ''}; times are UTC\n`);
    const rows = explained.lines.map((line) => [
      String(line.at).replace('T', ' ').slice(0, 23),
      line.kind,
      line.subject,
      line.text,
    ]);
    console.log(table(['when', 'what', 'of', 'said or done'], rows));
  }
  return 0;
}

const money = (amount: number, currency: string) =>
  formatMoney(amount, currency, { locale: 'en', display: 'code' });

const path = (positionals: readonly string[]): string =>
  `/customers/${encodeURIComponent(argument(positionals, 'a customer: cus_… or the number of its organisation'))}`;
