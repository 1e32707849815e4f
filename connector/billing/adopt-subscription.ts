/** An order for a subscription made in the Dashboard, on staff's word: from then on it is a sale like any other. */
import type { Database, Tx } from '../db/database.ts';
import { ConnectorError } from '../errors.ts';
import { newToken } from '../secrets/token.ts';
import type { BillingCustomer } from './account/gateway.ts';
import { hasEnded } from './has-ended.ts';
import type { OrderInput } from './order-form.ts';
import { clean, compileCheck, ORDER_PROPERTIES } from './order-input.ts';
import { createOrder } from './orders.ts';

interface Deps {
  readonly db: Database;
  readonly now: () => Date;
  /** null: gone at the provider. */
  readonly customer: (customerId: string) => Promise<BillingCustomer | null>;
  /** Asks for the customer's present state: the fetched fact that money was paid is what provisions. */
  readonly syncNow: (customerId: string) => Promise<void>;
}

interface Row {
  readonly providerId: string;
  readonly customerId: string;
  readonly orderId: number | null;
  readonly organisationId: number | null;
  readonly planKey: string | null;
  readonly interval: 'month' | 'year' | null;
  readonly quantity: number;
  readonly status: string;
  readonly endedAt: Date | null;
  readonly paid: boolean;
}

export interface Adopted {
  readonly orderId: number;
  /** The order was there before. */
  readonly already: boolean;
  /** False: provisioning begins by itself with the first payment. */
  readonly paid: boolean;
  readonly project: string;
}

const check = compileCheck({
  type: 'object',
  properties: {
    organisation: ORDER_PROPERTIES.organisation,
    project: ORDER_PROPERTIES.project,
    stakeholders: ORDER_PROPERTIES.stakeholders,
  },
});

/**
 * Project and stakeholder come of what Stripe knows: the customer's name, and its e-mail address as the information
 * manager's; staff add people later. A customer we do not know becomes an organisation bound to that Stripe customer.
 * @throws ConnectorError absent `subscription_not_found`, conflict `subscription_not_ours`, `subscription_ended`,
 *   `customer_incomplete`, `customer_gone`
 */
export async function adoptSubscription(deps: Deps, subscriptionId: number): Promise<Adopted> {
  const before = await readRow(deps.db, subscriptionId);
  const facts = before.orderId === null ? await readCustomer(deps, before.customerId) : undefined;
  const adopted = await deps.db.tx(async (tx) => {
    const row = await readRow(tx, subscriptionId, 'for update of s');
    if (row.orderId !== null || facts === undefined)
      return { orderId: row.orderId!, already: true, paid: row.paid };
    refuseUnfit(row);
    const input = orderInput(row, facts, subscriptionId);
    const organisationId = row.organisationId ?? undefined;
    const order = await createOrder(tx, {
      input,
      // Nobody holds it: the order's page is reached by the links in its mails.
      token: newToken(),
      now: deps.now(),
      quantity: row.quantity,
      ...(organisationId !== undefined && { organisationId }),
    });
    await tx.query(
      'update organisations set provider_customer_id = $2 where id = $1 and provider_customer_id is null',
      [order.organisationId, row.customerId],
    );
    await tx.query(
      `update subscriptions set order_id = $2, organisation_id = $3, project_id = $4, version = version + 1,
         updated_at = $5 where id = $1`,
      [subscriptionId, order.id, order.organisationId, order.projectId, deps.now()],
    );
    return { orderId: order.id, already: false, paid: row.paid };
  });
  await deps.syncNow(before.customerId);
  return { ...adopted, project: await projectOf(deps.db, adopted.orderId) };
}

async function readRow(
  sql: Pick<Tx, 'query'>,
  subscriptionId: number,
  lock: '' | 'for update of s' = '',
): Promise<Row> {
  const { rows } = await sql.query<Row>(
    `select s.provider_id as "providerId", s.customer_id as "customerId", s.order_id as "orderId",
            coalesce(s.organisation_id, o.id) as "organisationId", s.plan_key as "planKey",
            s.billing_interval as interval, s.quantity, s.status, s.ended_at as "endedAt",
            exists (select 1 from invoices i where i.subscription_id = s.id and i.status = 'paid') as paid
       from subscriptions s left join organisations o on o.provider_customer_id = s.customer_id
      where s.id = $1 ${lock}`,
    [subscriptionId],
  );
  if (rows[0] === undefined)
    throw refusal('absent', 'subscription_not_found', `There is no subscription ${subscriptionId}.`);
  return rows[0];
}

async function readCustomer(deps: Deps, customerId: string): Promise<BillingCustomer> {
  const customer = await deps.customer(customerId);
  if (customer === null)
    throw refusal('conflict', 'customer_gone', `The customer ${customerId} is gone at Stripe.`);
  return customer;
}

function refuseUnfit(row: Row): void {
  if (hasEnded(row)) throw refusal('conflict', 'subscription_ended', 'The subscription has ended.');
  if (row.planKey === null || row.interval === null)
    throw refusal('conflict', 'subscription_not_ours', 'The subscription is not of one of our plans.');
}

function orderInput(row: Row, customer: BillingCustomer, subscriptionId: number): OrderInput {
  const email = customer.email ?? '';
  const name = customer.name || email;
  const vat = customer.taxIds[0]?.value;
  const input = clean({
    plan: row.planKey,
    interval: row.interval,
    organisation: {
      name,
      country: customer.address?.country ?? '',
      ...(vat !== undefined && { vat_id: vat }),
      contact_name: name,
      contact_email: email,
    },
    project: { name, code: `SUB-${subscriptionId}`, description: '', client: name },
    stakeholders: [{ name, email, role: 'information_manager' }],
  }) as OrderInput;
  const wrong = check(input);
  if (wrong.length === 0) return input;
  const missing = [...new Set(wrong.map(({ pointer }) => WORDS[pointer] ?? pointer))].join(', ');
  throw refusal(
    'conflict',
    'customer_incomplete',
    `At Stripe this customer lacks what an order needs, or it is not valid: ${missing}.`,
    'Complete the customer in Stripe (name, e-mail address, country of the billing address), then press Provision again.',
  );
}

const WORDS: Readonly<Record<string, string>> = {
  '/organisation/name': 'name',
  '/organisation/contact_name': 'name',
  '/organisation/contact_email': 'e-mail address',
  '/organisation/country': 'country',
  '/organisation/vat_id': 'tax id',
  '/project/name': 'name',
  '/project/client': 'name',
  '/stakeholders/0/name': 'name',
  '/stakeholders/0/email': 'e-mail address',
};

async function projectOf(db: Database, orderId: number): Promise<string> {
  const { rows } = await db.query<{ name: string; code: string }>(
    'select p.name, p.code from orders o join projects p on p.id = o.project_id where o.id = $1',
    [orderId],
  );
  return `${rows[0]!.name} (${rows[0]!.code})`;
}

const refusal = (
  kind: 'absent' | 'conflict',
  code: string,
  message: string,
  advice?: string,
): ConnectorError => new ConnectorError({ kind, code, message, ...(advice !== undefined && { advice }) });
