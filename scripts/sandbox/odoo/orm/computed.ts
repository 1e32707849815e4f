/**
 * Fields whose value an administrator's Python works out. Real Odoo runs it; the sandbox knows the forms set-up uses: how
 * many records of a model point to this one, past all rights (scripts/commands/erp/link-fields.ts), and what lies below a
 * folder (scripts/commands/erp/models.ts).
 */
import type { Env, Row } from './types.ts';

const COUNT =
  /^for record in self:\s+record\['\w+'\] = record\.env\['([\w.]+)'\]\.sudo\(\)\.search_count\(\[\('(\w+)', '=', record\.id or 0\)\]\)$/;

const BELOW =
  /^for record in self:\s+below = level = record\s+while level:\s+level = record\.env\['(\w+)'\]\.search\(\[\('(\w+)', 'in', level\.ids\)\]\) - below\s+below \|= level\s+record\['\w+'\] = (below - record|record\.env\['ir\.attachment'\]\.search\(.*'in', below\.ids\)\]\))$/;

/** @returns undefined for code of any other form: such a field stays empty */
export function computedByPython(code: string): ((env: Env, row: Row) => unknown) | undefined {
  const [, model, link] = COUNT.exec(code.trim()) ?? [];
  if (model !== undefined && link !== undefined)
    return (env, row) => env.erp.tables.lookup(model, link, row.id)?.size ?? 0;
  const [, folder, parent, found] = BELOW.exec(code.trim()) ?? [];
  if (folder === undefined || parent === undefined) return undefined;
  return (env, row) => {
    const ids = below(env, { model: folder, parent, id: row.id });
    return found === 'below - record' ? ids.slice(1) : filesOf(env, folder, ids);
  };
}

/** The folder itself first. */
function below(env: Env, { model, parent, id }: { model: string; parent: string; id: number }): number[] {
  const found = new Set([id]);
  for (const each of found)
    for (const child of env.erp.tables.lookup(model, parent, each) ?? []) found.add(child);
  return [...found];
}

const filesOf = (env: Env, model: string, ids: readonly number[]): number[] =>
  [...env.erp.tables.all('ir.attachment')]
    .filter(({ res_model, res_id }) => res_model === model && ids.includes(Number(res_id)))
    .map(({ id }) => id);
