/** `expand[]`: ids replaced by their objects. https://docs.stripe.com/api/expanding_objects */
import { lineItemsOf } from './checkout-lines.ts';
import type { Core } from './core.ts';
import { invalid } from './errors.ts';
import { newestFirst, wholeList } from './list.ts';
import { intentOf } from './payments.ts';
import type { Charge, Customer, Invoice, Session } from './plain.ts';
import type { Tables } from './tables.ts';
import { taxIdsOf } from './tax-ids.ts';

type Json = Record<string, unknown>;

const TABLE_OF_PREFIX: Readonly<Record<string, keyof Tables>> = {
  sub_sched: 'schedules',
  cus: 'customers',
  prod: 'products',
  price: 'prices',
  cs_test: 'sessions',
  sub: 'subscriptions',
  in: 'invoices',
  pi: 'paymentIntents',
  pm: 'paymentMethods',
  ch: 'charges',
  txi: 'taxIds',
  bpc: 'portalConfigurations',
  re: 'refunds',
  du: 'disputes',
  di: 'discounts',
  promo: 'promotionCodes',
};

/** Parts of an object that are left out unless asked for. */
const ON_DEMAND: Readonly<Record<string, (core: Core, object: never) => unknown>> = {
  'customer.subscriptions': (core, customer: Customer) =>
    wholeList(
      newestFirst(core.tables.subscriptions.all()).filter(
        (one) => one.customer === customer.id && one.status !== 'canceled',
      ),
      `/v1/customers/${customer.id}/subscriptions`,
    ),
  'customer.tax_ids': (core, customer: Customer) =>
    wholeList(taxIdsOf(core, customer.id), `/v1/customers/${customer.id}/tax_ids`),
  'checkout.session.line_items': (core, session: Session) =>
    wholeList(lineItemsOf(core, session), `/v1/checkout/sessions/${session.id}/line_items`),
  'invoice.payments': (core, invoice: Invoice) =>
    wholeList(
      core.tables.invoicePayments.all().filter((one) => one.invoice === invoice.id),
      `/v1/invoice_payments?invoice=${invoice.id}`,
    ),
  'invoice.confirmation_secret': (core, invoice: Invoice) => {
    const secret = intentOf(core, invoice)?.client_secret;
    return secret ? { client_secret: secret, type: 'payment_intent' } : null;
  },
  'charge.refunds': (core, charge: Charge) =>
    wholeList(
      core.tables.refunds.all().filter((refund) => refund.charge === charge.id),
      `/v1/charges/${charge.id}/refunds`,
    ),
};

/** A copy of the answer with every asked path expanded. @throws StripeFault for a path that cannot be */
export function expandAll(core: Core, answer: object, paths: readonly string[]): object {
  if (paths.length === 0) return answer;
  const copy = structuredClone(answer) as Json;
  for (const path of paths) {
    // "Expansions have a maximum depth of four levels." (Expanding responses)
    if (path.split('.').length > 4 + (path.startsWith('data.') ? 1 : 0)) {
      throw invalid(`You cannot expand more than 4 levels of a property: ${path}`, { param: 'expand' });
    }
    expandPath({ core, target: copy, parts: path.split('.'), path });
  }
  return copy;
}

function expandPath(input: { core: Core; target: Json; parts: readonly string[]; path: string }): void {
  const { core, target, parts, path } = input;
  const [part, ...rest] = parts;
  if (part === undefined) return;
  const onDemand = ON_DEMAND[`${target.object}.${part}`];
  if (target[part] === undefined && onDemand) target[part] = structuredClone(onDemand(core, target as never));
  const value = target[part];
  if (value === undefined) throw invalid(`This property cannot be expanded (${path}).`, { param: 'expand' });
  if (value === null) return;
  if (Array.isArray(value)) {
    target[part] = value.map((item) => follow({ core, value: item, rest, path }));
  } else target[part] = follow({ core, value, rest, path });
}

function follow(input: { core: Core; value: unknown; rest: readonly string[]; path: string }): unknown {
  const { core, value, rest, path } = input;
  const object = typeof value === 'string' ? objectOf(core, value) : value;
  if (typeof object !== 'object' || object === null) {
    throw invalid(`This property cannot be expanded (${path}).`, { param: 'expand' });
  }
  expandPath({ core, target: object as Json, parts: rest, path });
  return object;
}

function objectOf(core: Core, id: string): unknown {
  const table = TABLE_OF_PREFIX[id.slice(0, id.lastIndexOf('_'))];
  // A coupon's id has no prefix: whoever makes it chooses it.
  const stored = table ? core.tables[table].get(id) : core.tables.coupons.get(id);
  return stored && structuredClone(stored);
}
