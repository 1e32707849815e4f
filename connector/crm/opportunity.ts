/** The order's opportunity: born when its payment page is opened, won when money was paid; one, whoever comes first. */
import type { OrderedSale } from '../billing/read-order.ts';
import type { Sale } from '../billing/sale.ts';
import { closeActivity } from './activities.ts';
import type { CompanyAmounts } from './company-amount.ts';
import type { CrmContext } from './deps.ts';
import { ensureRecords } from './ensure-records.ts';
import { type Facts, orderFacts, saleFacts } from './facts.ts';
import { followOrder } from './follow-order.ts';
import { externalId } from './ids.ts';
import { keepCurrent } from './keep-current.ts';
import { MAKING_MS, withOpportunity } from './opportunity-lease.ts';
import { readOpportunity, recordShown } from './opportunity-rows.ts';
import { resolveXmlid } from './resolve-xmlid.ts';
import { optionalColumns, type Values, valuesOf } from './values.ts';

export interface WonOpportunity {
  readonly opportunityId: number;
  /** The ERP keeps no rate for the sale's currency: the amount stands in the notes only. */
  readonly amountLeftOut: boolean;
}

/** Key of the activity "checkout abandoned". */
export const abandonedActivity = (orderId: number): string => `order_${orderId}_abandoned`;

/**
 * The order's opportunity, set to won when money was paid: also one that was lost meanwhile, or that staff made by hand.
 * Winning twice is harmless (Odoo `action_set_won`).
 * @param input.won default: the first invoice had an amount; a trial's zero invoice makes the opportunity but wins nothing
 * @throws ConnectorError absent `erp_record_gone` when staff deleted it, retryable `opportunity_busy`
 */
export async function ensureOpportunityWon(
  deps: CrmContext,
  amounts: CompanyAmounts,
  sale: Sale,
  input: { companyId: number; won?: boolean },
): Promise<WonOpportunity> {
  const { orderId } = sale;
  const { amountPaid, currency } = sale.firstInvoice;
  const amount = await amounts.of(amountPaid, currency);
  const facts = {
    ...saleFacts(sale),
    // A trial's zero is not what the sale is expected to bring.
    'order.amount': amountPaid > 0 ? amount : null,
    'invoice.amount': amount,
    'link.company': input.companyId,
  };
  // What a process that died here has sent says "won" as well: a repeat need not wait for it.
  const hold = { orderId, forMs: MAKING_MS, wait: true };
  const opportunityId = await withOpportunity(deps, hold, async () => {
    const id = await bringUpToDate(deps, orderId, facts);
    if (input.won ?? amountPaid > 0)
      await deps.odoo.call(deps.mapping.records.opportunity.model, 'action_set_won', { ids: [id] });
    await closeActivity(deps, { key: abandonedActivity(orderId) });
    const { version } = await readOpportunity(deps.db, orderId, deps.now());
    await recordShown(deps.db, { orderId, version, shown: 'paid' });
    return id;
  });
  return { opportunityId: opportunityId!, amountLeftOut: amount === null };
}

/**
 * Makes the opportunity of an order whose payment page was opened, or brings it in line with a changed draft. To be called
 * by its one writer (`withOpportunity`).
 * @returns its ERP id @throws ConnectorError absent `erp_record_gone`
 */
export async function openOpportunity(
  deps: CrmContext,
  amounts: CompanyAmounts,
  order: OrderedSale,
  input: { companyId: number },
): Promise<number> {
  const amount = order.amount === null ? null : await amounts.of(order.amount, order.currency);
  return bringUpToDate(deps, order.orderId, {
    ...orderFacts(order),
    'order.amount': amount,
    'order.interval': order.interval,
    'link.company': input.companyId,
  });
}

async function bringUpToDate(deps: CrmContext, orderId: number, facts: Facts): Promise<number> {
  const mapping = deps.mapping.records.opportunity;
  const name = externalId.opportunity(orderId);
  const values = valuesOf(mapping, facts);
  const { columns, defaults } = await withoutStage(deps, { ...values, ...(await deps.lookups.of(mapping)) });
  const { ids, created } = await ensureRecords(deps, {
    model: mapping.model,
    wanted: [{ name, values: columns, optional: optionalColumns(mapping) }],
    ...(defaults !== undefined && { context: defaults }),
  });
  const id = ids.get(name)!;
  const before = await readOpportunity(deps.db, orderId, deps.now());
  if (!created.has(name)) {
    await followOrder(deps, { id, written: before.written, values });
    await keepCurrent(deps, mapping, [{ id, facts }]);
  }
  await recordShown(deps.db, {
    orderId,
    version: before.shownVersion,
    shown: before.shown ?? 'open',
    written: values,
  });
  return id;
}

/**
 * The stage counts at creation only, even when two writers create it at once: a `load` of what is there already would
 * put a won opportunity back to the start.
 */
async function withoutStage(
  { odoo }: CrmContext,
  values: Values,
): Promise<{ columns: Values; defaults?: { default_stage_id: number } }> {
  const { 'stage_id/.id': byId, 'stage_id/id': byName, ...columns } = values;
  if (byId !== undefined) return { columns, defaults: { default_stage_id: Number(byId) } };
  if (byName === undefined) return { columns };
  const stage = await resolveXmlid(odoo, String(byName));
  return stage === null ? { columns } : { columns, defaults: { default_stage_id: stage.id } };
}
