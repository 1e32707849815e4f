/** Unique constraints: the models' own, and indexes that set-up made by a server action. */
import { integrityError } from '../errors.ts';
import type { Env, Model, Row } from './types.ts';

/** Where indexes made with `CREATE UNIQUE INDEX` are kept: `{model, field, name}`. */
export const INDEXES = 'sandbox.unique.index';

/** @throws OdooError ValidationError when another record holds the same values. */
export function checkUnique(env: Env, model: Model, row: Record<string, unknown> & { id: number }): void {
  const { tables } = env.erp;
  for (const { fields, message, field, bare } of model.unique) {
    if (fields.some((name) => row[name] === false || row[name] === undefined)) continue;
    const [first] = fields;
    const ids = tables.lookup(model.name, first!, row[first!]);
    if (ids === undefined) throw new Error(`${model.name}.${first} is unique but has no index`);
    for (const id of ids) {
      const other = tables.get(model.name, id)!;
      if (id !== row.id && fields.every((name) => other[name] === row[name]))
        throw integrityError(message(row as Row), field, bare);
    }
  }
  if (tables.count(INDEXES) === 0) return;
  for (const index of tables.all(INDEXES)) {
    if (index.model !== model.name) continue;
    const name = String(index.field);
    const value = row[name];
    if (value === false || value === undefined) continue;
    for (const id of tables.lookup(model.name, name, value) ?? [])
      if (id !== row.id)
        throw integrityError(
          `duplicate key value violates unique constraint "${index.name}"\nDETAIL:  Key (${name})=(${value}) already exists.\n`,
          name,
        );
  }
}
