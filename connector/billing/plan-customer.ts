/** What a sync of one customer would change, for an operator who looks before asking for it. */
import type { Sql } from '../db/database.ts';
import { ConnectorError } from '../errors.ts';
import { differences } from './same-mirror.ts';
import { readSync } from './sync-customer.ts';

export interface CustomerPlan {
  readonly customer: string;
  readonly name: string | null;
  /** Those that are new or differ; each with what our record says and what Stripe says. */
  readonly subscriptions: readonly {
    readonly subscription: string;
    readonly isNew: boolean;
    readonly changes: ReturnType<typeof differences>;
  }[];
  /** Those of which we know another status, or nothing. */
  readonly invoices: readonly {
    readonly invoice: string;
    readonly here: string | null;
    readonly stripe: string;
  }[];
  /** What follows from it: each begins its runs, mails and ERP writes. */
  readonly transitions: readonly {
    readonly subscription: string;
    readonly kind: string;
    /** null: our record's new version. */
    readonly fact: string | null;
  }[];
}

/**
 * Reads Stripe as a sync would and writes nothing. An event may come in meanwhile: the sync itself decides anew.
 * @throws ConnectorError absent `customer_not_found`; those of the provider's adapter
 */
export async function planCustomer(
  deps: Parameters<typeof readSync>[0],
  customerId: string,
): Promise<CustomerPlan> {
  const { customer, known, invoices, plan } = await readSync(deps, { customerId, invoiceIds: [] });
  if (customer === null && !(await isKnown(deps.db, customerId))) throw unknown(customerId);
  const ours = new Map(known.subscriptions.map((each) => [each.providerId, each]));
  const statuses = new Map(known.invoices.map((each) => [each.providerId, each.status]));
  const done = await recorded(deps.db, customerId);
  return {
    customer: customerId,
    name: customer?.name ?? null,
    subscriptions: plan.subscriptions.map((fact) => ({
      subscription: fact.providerId,
      isNew: !ours.has(fact.providerId),
      changes: differences(ours.get(fact.providerId), fact),
    })),
    invoices: invoices
      .map(({ providerId, status }) => ({
        invoice: providerId,
        here: statuses.get(providerId) ?? null,
        stripe: status,
      }))
      .filter(({ here, stripe }) => here !== stripe),
    transitions: plan.transitions
      .filter((each) => !done.has(keyOf(each.subscriptionProviderId, each.kind, each.fact)))
      .map(({ subscriptionProviderId, kind, fact }) => ({
        subscription: subscriptionProviderId,
        kind,
        fact,
      })),
  };
}

const keyOf = (subscription: string, kind: string, fact: string | null): string =>
  `${subscription} ${kind} ${fact}`;

/** What was done for a fact is not done again. */
async function recorded(sql: Sql, customerId: string): Promise<ReadonlySet<string>> {
  const { rows } = await sql.query<{ subscription: string; kind: string; fact: string }>(
    `select s.provider_id as subscription, t.kind, t.fact from transitions t
       join subscriptions s on s.id = t.subscription_id where s.customer_id = $1`,
    [customerId],
  );
  return new Set(rows.map(({ subscription, kind, fact }) => keyOf(subscription, kind, fact)));
}

async function isKnown(sql: Sql, customerId: string): Promise<boolean> {
  const { rowCount } = await sql.query('select 1 from customers where id = $1', [customerId]);
  return rowCount > 0;
}

const unknown = (customerId: string): ConnectorError =>
  new ConnectorError({
    kind: 'absent',
    code: 'customer_not_found',
    message: `Neither Stripe nor we have a customer ${customerId}.`,
    advice: 'Find it by name: "cli customers list --search …"; a test id does not exist in live mode.',
  });
