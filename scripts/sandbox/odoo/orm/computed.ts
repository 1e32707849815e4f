/**
 * Fields whose value an administrator's Python works out. Real Odoo runs it; the sandbox knows the one form set-up
 * uses (scripts/commands/erp/link-fields.ts): how many records of a model point to this one, past all rights.
 */
import type { Env, Row } from './types.ts';

const COUNT =
  /^for record in self:\s+record\['\w+'\] = record\.env\['([\w.]+)'\]\.sudo\(\)\.search_count\(\[\('(\w+)', '=', record\.id or 0\)\]\)$/;

/** @returns undefined for code of any other form: such a field stays empty */
export function computedByPython(code: string): ((env: Env, row: Row) => unknown) | undefined {
  const [, model, link] = COUNT.exec(code.trim()) ?? [];
  if (model === undefined || link === undefined) return undefined;
  return (env, row) => env.erp.tables.lookup(model, link, row.id)?.size ?? 0;
}
