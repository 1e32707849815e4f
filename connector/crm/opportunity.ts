import type { Sale } from '../billing/sale.ts';
import type { CompanyAmounts } from './company-amount.ts';
import type { CrmDeps } from './deps.ts';
import { ensureRecords } from './ensure-records.ts';
import { saleFacts } from './facts.ts';
import { externalId } from './ids.ts';
import { type Cell, optionalColumns, type Values, valuesOf } from './values.ts';

export interface WonOpportunity {
  readonly opportunityId: number;
  /** The ERP keeps no rate for the sale's currency: the amount stands in the notes only. */
  readonly amountLeftOut: boolean;
}

/**
 * The order's opportunity, set to won when money was paid. Winning twice is harmless (Odoo `action_set_won`).
 * @param input.won default: the first invoice had an amount; a trial's zero invoice makes the opportunity but wins nothing
 * @param input.fill writes what the creation could not know (a trial's amount) where the ERP's field is still empty
 * @throws ConnectorError absent `erp_record_gone` when staff deleted it
 */
export async function ensureOpportunityWon(
  deps: CrmDeps,
  amounts: CompanyAmounts,
  sale: Sale,
  input: { companyId: number; won?: boolean; fill?: boolean },
): Promise<WonOpportunity> {
  const mapping = deps.mapping.records.opportunity;
  const name = externalId.opportunity(sale.orderId);
  const { amountPaid, currency } = sale.firstInvoice;
  const amount = await amounts.of(amountPaid, currency);
  const facts = { ...saleFacts(sale), 'invoice.amount': amount, 'link.company': input.companyId };
  const values = valuesOf(mapping, facts);
  const { ids } = await ensureRecords(deps, {
    model: mapping.model,
    wanted: [{ name, values, optional: optionalColumns(mapping) }],
  });
  const opportunityId = ids.get(name)!;
  if (input.fill === true) await fillEmpty(deps, { opportunityId, values: moneyOf(mapping.fields, values) });
  if (input.won ?? amountPaid > 0) {
    await deps.odoo.call(mapping.model, 'action_set_won', { ids: [opportunityId] });
  }
  return { opportunityId, amountLeftOut: amount === null };
}

/** Only what comes from the invoice: everything else was known at the creation and is staff's since. */
function moneyOf(fields: Readonly<Record<string, { readonly fact?: string }>>, values: Values): Values {
  const ours = Object.entries(values).filter(
    ([column]) => fields[column]?.fact?.startsWith('invoice.') === true,
  );
  return Object.fromEntries(ours);
}

async function fillEmpty(
  deps: CrmDeps,
  { opportunityId, values }: { opportunityId: number; values: Values },
): Promise<void> {
  const { model } = deps.mapping.records.opportunity;
  const fields = Object.keys(values);
  if (fields.length === 0) return;
  const [now] = await deps.odoo.call<Record<string, unknown>[]>(model, 'read', {
    ids: [opportunityId],
    fields,
  });
  const empty: Record<string, Cell> = {};
  for (const field of fields) if (!now?.[field]) empty[field] = values[field]!;
  if (Object.keys(empty).length > 0) {
    await deps.odoo.call(model, 'write', { ids: [opportunityId], vals: empty });
  }
}
