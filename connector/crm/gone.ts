/** Records staff have deleted or merged: found again by external id, or said to be gone; never made again silently. */
import { ConnectorError } from '../errors.ts';
import { bind, markGone } from './bindings.ts';
import type { CrmDeps } from './deps.ts';
import { MODULE, qualified } from './ids.ts';
import { mergedPartner } from './linked-partner.ts';
import { mergedInto } from './merged-lead.ts';

/**
 * Looks at bound records, archived ones included.
 * @returns name → ERP id, which is another one after a merge
 * @throws ConnectorError absent `erp_record_gone`
 */
export async function stillThere(
  deps: Pick<CrmDeps, 'db' | 'odoo' | 'now'>,
  model: string,
  bound: ReadonlyMap<string, number>,
): Promise<Map<string, number>> {
  const ids = new Map(bound);
  if (bound.size === 0) return ids;
  const alive = await deps.odoo.call<number[]>(model, 'search', {
    domain: [['id', 'in', [...new Set(bound.values())]]],
    context: { active_test: false },
  });
  const there = new Set(alive);
  for (const [name, id] of bound) {
    if (!there.has(id)) ids.set(name, await foundAgain(deps, model, name, id));
  }
  return ids;
}

/** Where a lost record went, without writing anything down; undefined: nowhere. */
export async function lookAgain(
  deps: Pick<CrmDeps, 'db' | 'odoo'>,
  input: { model: string; name: string; lostId: number },
): Promise<number | undefined> {
  const found = await deps.odoo.xmlidToRes(MODULE, input.name);
  if (found !== null && found.id !== input.lostId) return found.id;
  return (await mergedPartner(deps, input)) ?? mergedInto(deps, input);
}

/** One look by external id, which a merge of contacts moves to the one that is left, then by what else leads there. */
export async function foundAgain(
  deps: Pick<CrmDeps, 'db' | 'odoo' | 'now'>,
  model: string,
  name: string,
  lostId: number,
): Promise<number> {
  const other = await lookAgain(deps, { model, name, lostId });
  if (other !== undefined) {
    await bind(deps.db, [{ name, resId: other }]);
    return other;
  }
  await markGone(deps.db, name, deps.now());
  throw new ConnectorError({
    kind: 'absent',
    code: 'erp_record_gone',
    system: 'odoo',
    message: `${model} ${lostId} (${name}) is no longer in Odoo`,
    advice: `Staff deleted it: restore it, or link another record by giving it the external identifier ${qualified(name)} (Odoo: Settings → Technical → External Identifiers), then retry.`,
    details: { model, name, id: lostId },
  });
}
