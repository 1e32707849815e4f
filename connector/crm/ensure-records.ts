/**
 * The one way an ERP record comes to be: intent, one `load` for all, binding. A repeat asks for the external id before
 * it loads; a record bound before is looked at, never made again when staff have removed it.
 */

import { bind, findBindings, intend } from './bindings.ts';
import type { CrmDeps } from './deps.ts';
import { stillThere } from './gone.ts';
import { MODULE, qualified } from './ids.ts';
import { loadLeavingOut } from './load-leaving-out.ts';
import type { Wanted } from './wanted.ts';

export interface Ensured {
  readonly ids: ReadonlyMap<string, number>;
  /** Made by this call. */
  readonly created: ReadonlySet<string>;
  readonly refused: readonly { readonly name: string; readonly field: string; readonly reason: string }[];
}

/**
 * @param input.wanted rows of one model; a row may refer to an earlier one by external id
 * @throws ConnectorError absent `erp_record_gone`; whatever the load throws
 */
export async function ensureRecords(
  deps: Pick<CrmDeps, 'db' | 'odoo' | 'now'>,
  input: {
    model: string;
    wanted: readonly Wanted[];
    /** Odoo's context for what is made. */
    context?: Readonly<Record<string, unknown>>;
    /** What a load cannot do; called with the records that were made, or found made, and are not bound yet. */
    finish?: (ids: ReadonlyMap<string, number>, names: readonly string[]) => Promise<void>;
  },
): Promise<Ensured> {
  const { db, odoo } = deps;
  const names = input.wanted.map((record) => record.name);
  const known = await findBindings(db, names);
  const unbound = names.filter((name) => known.get(name)?.resId == null);
  const fresh = unbound.length === 0 ? new Set<string>() : await intend(db, input.model, unbound);

  const ids = await stillThere(deps, input.model, boundOf(known));
  // An intent without a binding: somebody began to make it, and may have.
  const repeats = unbound.filter((name) => !fresh.has(name));
  const found = await Promise.all(repeats.map((name) => odoo.xmlidToRes(MODULE, name)));
  const rebound = repeats.flatMap((name, index) => {
    const resId = found[index]?.id;
    return resId === undefined ? [] : [{ name, resId }];
  });
  for (const { name, resId } of rebound) ids.set(name, resId);

  const missing = input.wanted.filter((record) => !ids.has(record.name));
  const made = await loadLeavingOut(odoo, input.model, missing.map(referringTo(ids)), input.context);
  for (const { name, id } of made) ids.set(name, id);

  // Bound last: should `finish` not come to its end, the intents stay open and a repeat comes by here again.
  const unfinished = [...rebound, ...made].map(({ name }) => name);
  if (unfinished.length > 0) await input.finish?.(ids, unfinished);
  await bind(db, [
    ...rebound,
    ...made.map(({ name, id, refused }, index) => ({ ...missing[index], name, resId: id, refused })),
  ]);

  const refusedNow = new Map(made.map((record) => [record.name, record.refused]));
  return {
    ids,
    created: new Set(made.map((record) => record.name)),
    refused: names.flatMap((name) =>
      Object.entries(refusedNow.get(name) ?? known.get(name)?.refused ?? {}).map(([field, reason]) => ({
        name,
        field,
        reason,
      })),
    ),
  };
}

function boundOf(known: Awaited<ReturnType<typeof findBindings>>): Map<string, number> {
  const bound = new Map<string, number>();
  for (const [name, { resId }] of known) if (resId !== null) bound.set(name, resId);
  return bound;
}

/** A reference to a record bound already goes by its ERP id: staff may have merged it, which its external id need not show. */
function referringTo(ids: ReadonlyMap<string, number>): (record: Wanted) => Wanted {
  const byReference = new Map([...ids].map(([name, id]) => [qualified(name), id]));
  return (record) => ({
    ...record,
    values: Object.fromEntries(
      Object.entries(record.values).map(([column, cell]) => {
        const id = column.endsWith('/id') ? byReference.get(String(cell)) : undefined;
        return id === undefined ? [column, cell] : [column.replace(/\/id$/, '/.id'), id];
      }),
    ),
  });
}
