/** Reads what is known of an order before it is paid. */
import type { Sql } from '../db/database.ts';
import type { BillingInterval, Catalogue, Plan } from './catalogue.ts';
import { inCurrency } from './in-currency.ts';
import { offerOfOrder } from './offers.ts';
import { findPlan } from './plans.ts';
import type { Organisation, Project } from './sale.ts';

export interface OrderedSale {
  readonly orderId: number;
  readonly organisation: Organisation;
  readonly project: Project;
  readonly planKey: string;
  readonly planName: string;
  readonly interval: BillingInterval;
  readonly quantity: number;
  /** What its first invoice will come to before taxes and discounts, minor units; null: the plan has no such price. */
  readonly amount: number | null;
  /** ISO 4217, lower case. */
  readonly currency: string;
}

/** @returns undefined when the order is forgotten */
export async function readOrder(
  sql: Sql,
  input: { orderId: number; catalogue: Catalogue },
): Promise<OrderedSale | undefined> {
  const { rows } = await sql.query<
    Omit<OrderedSale, 'planName' | 'amount' | 'currency'> & { ordered: string | null }
  >(
    `select o.id as "orderId", o.plan_key as "planKey", o.billing_interval as interval, o.quantity, o.currency as ordered,
       jsonb_build_object('id', g.id, 'providerCustomerId', g.provider_customer_id, 'name', g.name, 'country', g.country,
         'vatId', g.vat_id, 'contactName', g.contact_name, 'contactEmail', g.contact_email, 'locale', g.locale,
         'looksLikeDuplicateOf', g.looks_like_duplicate_of) as organisation,
       jsonb_build_object('id', p.id, 'organisationId', p.organisation_id, 'name', p.name, 'code', p.code,
         'description', p.description, 'client', p.client) as project
     from orders o join organisations g on g.id = o.organisation_id join projects p on p.id = o.project_id
    where o.id = $1`,
    [input.orderId],
  );
  const row = rows[0];
  if (row === undefined) return undefined;
  const offer = await offerOfOrder(sql, input.orderId);
  const { ordered, ...rest } = row;
  const catalogue = inCurrency(input.catalogue, ordered ?? input.catalogue.currency);
  const plan = findPlan(catalogue, row.planKey);
  return {
    ...rest,
    planName: plan?.name ?? row.planKey,
    amount: offer?.amounts ? offer.amounts.setup + offer.amounts.recurring : priceOf(plan, row),
    currency: offer?.currency ?? catalogue.currency,
  };
}

function priceOf(
  plan: Plan | undefined,
  { interval, quantity }: { interval: BillingInterval; quantity: number },
): number | null {
  const recurring = plan?.prices[interval];
  return plan === undefined || recurring === undefined ? null : plan.setupAmount + recurring * quantity;
}
