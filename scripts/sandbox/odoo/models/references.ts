/** Asking for a record by its external id, as any user may. */
import { valueError } from '../errors.ts';
import { searchRows } from '../orm/search.ts';
import type { Env } from '../orm/types.ts';

/**
 * `[model, id]`, or `[model, false]` when the caller's search does not show it (archived, another's).
 * @throws OdooError ValueError without such an external id; AccessError when the model is closed to the caller
 */
export function checkObjectReference(env: Env, module: string, name: string): [string, number | false] {
  const row = env.erp.tables.first('ir.model.data', 'complete_name', `${module}.${name}`);
  if (row === undefined || !row.res_id)
    throw valueError(`External ID not found in the system: ${module}.${name}`);
  const model = env.erp.registry.get(String(row.model));
  const found = searchRows(env, model, { domain: [['id', '=', row.res_id]] });
  return [model.name, found[0]?.id ?? false];
}
