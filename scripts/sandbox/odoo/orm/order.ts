/** `order` as Odoo reads it: `field [asc|desc], …`; relations sort by name, empties come last. */
import { valueError } from '../errors.ts';
import { displayName } from './display-name.ts';
import { fieldValue } from './field-value.ts';
import type { Env, Field, Model, Row } from './types.ts';
import { isEmpty } from './values.ts';

type Compare = (a: Row, b: Row) => number;

/** @throws OdooError ValueError for an unknown field. */
export function sorter(env: Env, model: Model, order: string | undefined): Compare {
  const terms = (order?.trim() || model.order).split(',').map((term) => {
    const [name = '', direction = 'asc'] = term.trim().split(/\s+/);
    const field = model.fields.get(name);
    if (field === undefined) throw valueError(`Invalid field '${name}' on model '${model.name}'`);
    const sign = direction.toLowerCase() === 'desc' ? -1 : 1;
    const key = keyOf(env, model, name, field);
    return (a: Row, b: Row) => sign * compareKeys(key(a), key(b));
  });
  return (a, b) => {
    for (const term of terms) {
      const result = term(a, b);
      if (result !== 0) return result;
    }
    return a.id - b.id;
  };
}

function keyOf(env: Env, model: Model, name: string, field: Field): (row: Row) => unknown {
  if (name === 'id') return (row) => row.id;
  if (field.type === 'many2one')
    return (row) => {
      const target = env.erp.tables.get(field.relation!, Number(row[name]));
      return target === undefined ? false : displayName(env, env.erp.registry.get(field.relation!), target);
    };
  return (row) => fieldValue({ env, model, row, name, field });
}

function compareKeys(a: unknown, b: unknown): number {
  if (typeof a === 'boolean' && typeof b === 'boolean') return Number(a) - Number(b);
  if (isEmpty(a) || isEmpty(b)) return Number(isEmpty(a)) - Number(isEmpty(b));
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  const [x, y] = [String(a), String(b)];
  return x < y ? -1 : x > y ? 1 : 0;
}
