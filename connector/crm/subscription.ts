/** The ERP's subscription record: made by provisioning, kept up to date by the outbox alone. */
import type { Sale, SubscriptionRecord } from '../billing/sale.ts';
import type { Tx } from '../db/database.ts';
import { findBindings } from './bindings.ts';
import type { CrmContext } from './deps.ts';
import { ensureRecords } from './ensure-records.ts';
import { type Facts, saleFacts, subscriptionFacts } from './facts.ts';
import { externalId, qualified } from './ids.ts';
import type { OdooMapping } from './mapping.ts';
import { putInOutbox } from './outbox-rows.ts';
import { optionalColumns, type Values, valuesOf } from './values.ts';

/** The subscription's state at a version, as our database has it. */
export type SubscriptionMirror = Omit<SubscriptionRecord, 'id'> & { readonly subscriptionId: number };

/**
 * Makes the record as the subscription now is, before there is a workspace: a run that stops later can be seen, and
 * retried, there. One made before gets this version through the outbox, if it is newer.
 * @throws ConnectorError absent `erp_record_gone`
 */
export async function ensureSubscription(
  deps: CrmContext,
  sale: Sale,
  links: { companyId: number; opportunityId: number },
): Promise<{ recordId: number }> {
  const { version } = sale.subscription;
  const mapping = deps.mapping.records.subscription;
  const name = externalId.subscription(sale.subscription.id);
  const facts: Facts = {
    ...saleFacts(sale),
    ...subscriptionFacts(sale.subscription),
    'link.company': links.companyId,
    'link.opportunity': links.opportunityId,
  };
  const { ids, created } = await ensureRecords(deps, {
    model: mapping.model,
    wanted: [
      {
        name,
        values: { ...valuesOf(mapping, facts), ...(await deps.lookups.of(mapping)) },
        optional: optionalColumns(mapping),
        version,
      },
    ],
  });
  const written = (await findBindings(deps.db, [name])).get(name)!.version;
  if (!created.has(name) && written < version) {
    const values = valuesOf(mapping, facts, { only: 'always', empty: 'clear' });
    await deps.db.tx((tx) =>
      putInOutbox(tx, { externalId: qualified(name), model: mapping.model, version, values }),
    );
  }
  return { recordId: ids.get(name)! };
}

/**
 * The record of a subscription that no order of ours explains (made in the Dashboard): its own facts and the customer's
 * name, linked to the company when that is one of ours.
 * @throws ConnectorError absent `erp_record_gone`
 */
export async function ensureUnordered(
  deps: CrmContext,
  input: {
    subscription: SubscriptionRecord;
    customerId: string;
    customerName: string;
    organisationId: number | null;
  },
): Promise<{ recordId: number }> {
  const mapping = deps.mapping.records.subscription;
  const { subscription, organisationId } = input;
  const company = organisationId === null ? undefined : externalId.company(organisationId);
  const companyId = company && (await findBindings(deps.db, [company])).get(company)?.resId;
  const facts: Facts = {
    ...subscriptionFacts(subscription),
    'organisation.name': input.customerName,
    'organisation.stripe_customer_id': input.customerId,
    'plan.name': subscription.planKey,
    ...(companyId != null && { 'link.company': companyId }),
  };
  const name = externalId.subscription(subscription.id);
  const { ids } = await ensureRecords(deps, {
    model: mapping.model,
    wanted: [
      {
        name,
        values: { ...valuesOf(mapping, facts), ...(await deps.lookups.of(mapping)) },
        optional: optionalColumns(mapping),
        version: subscription.version,
      },
    ],
  });
  return { recordId: ids.get(name)! };
}

/** Leaves the newest state for the outbox, in the caller's transaction; written once the record is bound. */
export async function mirrorSubscription(
  tx: Tx,
  mapping: OdooMapping,
  input: SubscriptionMirror,
): Promise<void> {
  const { subscriptionId, ...subscription } = input;
  await putInOutbox(tx, {
    externalId: qualified(externalId.subscription(subscriptionId)),
    model: mapping.records.subscription.model,
    version: input.version,
    values: mirroredValues(mapping, subscription),
  });
}

/** What the ERP's record holds of a subscription that may change over its life. */
export function mirroredValues(mapping: OdooMapping, subscription: Omit<SubscriptionRecord, 'id'>): Values {
  const facts = subscriptionFacts(subscription);
  return valuesOf(mapping.records.subscription, facts, { only: 'always', empty: 'clear' });
}
