/** Odoo empties the link to an opportunity that a merge deletes: the record is led to the one that is left. */
import type { Database } from '../db/database.ts';
import { ConnectorError } from '../errors.ts';
import type { Odoo } from '../odoo/odoo.ts';
import { stillThere } from './gone.ts';
import { MODULE } from './ids.ts';
import type { OdooMapping } from './mapping.ts';

interface Unlinked {
  readonly subscriptionId: number;
  /** The ERP's id of its record. */
  readonly recordId: number;
}

interface Known {
  readonly subscriptionId: number;
  /** Our name of the order's opportunity. */
  readonly name: string;
  readonly resId: number;
}

/** The field of the subscription's record that leads to its opportunity; undefined: none that is ours to keep. */
export function opportunityLink({ records }: OdooMapping): string | undefined {
  const { fields, write } = records.subscription;
  return Object.entries(fields).find(
    ([, rule]) => rule.fact === 'link.opportunity' && (rule.write ?? write) === 'always',
  )?.[0];
}

/** Those of the records whose order has an opportunity that is not known to be gone. */
export async function knownOpportunities(
  { db }: { readonly db: Database },
  unlinked: readonly Unlinked[],
): Promise<readonly (Unlinked & Known)[]> {
  if (unlinked.length === 0) return [];
  const { rows } = await db.query<Known>(
    `select s.id as "subscriptionId", substr(r.external_id, ${MODULE.length + 2}) as name, r.res_id as "resId"
       from subscriptions s join erp_records r on r.external_id = '${MODULE}.order_' || s.order_id || '_opportunity'
      where s.id = any($1::bigint[]) and r.res_id is not null and r.gone_at is null`,
    [unlinked.map(({ subscriptionId }) => subscriptionId)],
  );
  const records = new Map(unlinked.map(({ subscriptionId, recordId }) => [subscriptionId, recordId]));
  return rows.map((row) => ({ ...row, recordId: records.get(row.subscriptionId)! }));
}

/** One write for all; an opportunity that staff deleted is marked as gone, and not asked for again. */
export async function relinkOpportunities(
  deps: {
    readonly db: Database;
    readonly odoo: Odoo;
    readonly now: () => Date;
    readonly mapping: OdooMapping;
  },
  unlinked: readonly (Unlinked & Known)[],
): Promise<void> {
  const { opportunity, subscription } = deps.mapping.records;
  const rows: [recordId: number, opportunityId: number][] = [];
  for (const { name, resId, recordId } of unlinked) {
    try {
      const found = await stillThere(deps, opportunity.model, new Map([[name, resId]]));
      rows.push([recordId, found.get(name)!]);
    } catch (thrown) {
      if (!(thrown instanceof ConnectorError && thrown.code === 'erp_record_gone')) throw thrown;
    }
  }
  if (rows.length === 0) return;
  await deps.odoo.load(subscription.model, ['.id', `${opportunityLink(deps.mapping)}/.id`], rows);
}
