/** The name of a record as relations and lists show it. */
import type { Env, Model, Row } from './types.ts';

export function displayName(env: Env, model: Model, row: Row): string {
  if (model.hooks.displayName !== undefined) return model.hooks.displayName(env, row);
  if (model.recName === 'id') return `${model.name},${row.id}`;
  const value = row[model.recName];
  return value === false || value === undefined ? '' : String(value);
}

/** `[id, "name"]` of a many2one, or false when it is empty. */
export function relationPair(env: Env, relation: string, id: unknown): [number, string] | false {
  if (typeof id !== 'number' || id === 0) return false;
  const row = env.erp.tables.get(relation, id);
  return row === undefined ? false : [id, displayName(env, env.erp.registry.get(relation), row)];
}
