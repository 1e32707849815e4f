/** Reads everything about one sold subscription in one query. */
import type { Sql } from '../db/database.ts';
import { ConnectorError } from '../errors.ts';
import type { Catalogue } from './catalogue.ts';
import type { FirstInvoice, Organisation, Project, Sale, Stakeholder, SubscriptionRecord } from './sale.ts';

/** @throws ConnectorError absent `sale_not_found` when the subscription has no order of ours */
export async function readSale(
  sql: Sql,
  input: { subscriptionId: number; catalogue: Catalogue },
): Promise<Sale> {
  const found = await sql.query<{
    orderId: number;
    planKey: string;
    organisation: Organisation;
    project: Project;
    stakeholders: Stakeholder[] | null;
    subscription: SubscriptionRecord;
    invoice: FirstInvoice | null;
  }>(
    `select o.id as "orderId", coalesce(s.plan_key, o.plan_key) as "planKey",
       jsonb_build_object('id', g.id, 'providerCustomerId', g.provider_customer_id, 'name', g.name, 'country', g.country,
         'vatId', g.vat_id, 'contactName', g.contact_name, 'contactEmail', g.contact_email, 'locale', g.locale,
         'looksLikeDuplicateOf', g.looks_like_duplicate_of) as organisation,
       jsonb_build_object('id', p.id, 'organisationId', p.organisation_id, 'name', p.name, 'code', p.code,
         'description', p.description, 'client', p.client) as project,
       (select jsonb_agg(jsonb_build_object('id', k.id, 'name', k.name, 'email', k.email, 'role', k.role) order by k.position)
          from stakeholders k where k.project_id = p.id) as stakeholders,
       jsonb_build_object('id', s.id, 'providerId', s.provider_id, 'planKey', s.plan_key,
         'billingInterval', s.billing_interval, 'quantity', s.quantity, 'currency', s.currency,
         'recurringAmount', s.recurring_amount,
         'monthlyAmount', case when s.collection_paused then 0 else s.monthly_amount end, 'status', s.status, 'access', s.access,
         'currentPeriodStart', s.current_period_start, 'currentPeriodEnd', s.current_period_end,
         'cancelAtPeriodEnd', s.cancel_at_period_end, 'canceledAt', s.canceled_at, 'endedAt', s.ended_at,
         'trialEnd', s.trial_end, 'version', s.version) as subscription,
       (select jsonb_build_object('providerId', i.provider_id, 'number', i.number, 'currency', i.currency,
          'amountPaid', i.amount_paid, 'hostedUrl', i.hosted_invoice_url, 'paidAt', i.paid_at)
          from invoices i where i.subscription_id = s.id and i.status = 'paid'
         order by (i.amount_paid > 0) desc, i.created limit 1) as invoice
     from subscriptions s
     join orders o on o.id = s.order_id
     join organisations g on g.id = o.organisation_id
     join projects p on p.id = s.project_id
    where s.id = $1`,
    [input.subscriptionId],
  );
  const row = found.rows[0];
  if (row === undefined || row.invoice === null) {
    throw new ConnectorError({
      kind: 'absent',
      code: 'sale_not_found',
      message: `subscription ${input.subscriptionId} has no paid order of ours`,
      advice:
        'A subscription made in the Dashboard has no order. If this one has, read the customer anew: npm run cli -- sync cus_….',
    });
  }
  const plan = input.catalogue.plans.find((each) => each.key === row.planKey);
  return {
    orderId: row.orderId,
    organisation: row.organisation,
    project: row.project,
    stakeholders: row.stakeholders ?? [],
    planKey: row.planKey,
    planName: plan?.name ?? row.planKey,
    subscription: withDates(row.subscription),
    firstInvoice: { ...row.invoice, paidAt: toDate(row.invoice.paidAt) },
  };
}

/** Dates inside a jsonb object come back as text. */
function withDates(record: SubscriptionRecord): SubscriptionRecord {
  return {
    ...record,
    currentPeriodStart: toDate(record.currentPeriodStart),
    currentPeriodEnd: toDate(record.currentPeriodEnd),
    canceledAt: toDate(record.canceledAt),
    endedAt: toDate(record.endedAt),
    trialEnd: toDate(record.trialEnd),
  };
}

function toDate(value: Date | string | null): Date | null {
  return value === null ? null : new Date(value);
}
