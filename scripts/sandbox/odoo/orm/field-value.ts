/** The raw value of a field: stored, delegated, worked out or looked up from the other side. */

import { displayName } from './display-name.ts';
import type { Env, Field, Model, Row } from './types.ts';
import { emptyValue } from './values.ts';

export function fieldValue(input: { env: Env; model: Model; row: Row; name: string; field: Field }): unknown {
  const { env, model, row, name, field } = input;
  if (name === 'display_name') return displayName(env, model, row);
  if (field.via !== undefined) {
    const link = model.fields.get(field.via)!;
    const target = env.erp.tables.get(link.relation!, Number(row[field.via]));
    if (target === undefined) return emptyValue(field);
    const owner = env.erp.registry.get(link.relation!);
    const there = owner.fields.get(name)!;
    return fieldValue({ env, model: owner, row: target, name, field: there });
  }
  if (field.compute !== undefined) return field.compute(env, row);
  if (field.type === 'one2many') return manyIds(input);
  const value = row[name];
  if (value === undefined) return emptyValue(field);
  if (field.type === 'many2many' && env.context.active_test !== false)
    return (value as number[]).filter((id) => isActive(env, field.relation!, id));
  return value;
}

/** Records that point here, without archived ones unless the context asks for them. */
function manyIds(input: { env: Env; model: Model; row: Row; field: Field }): number[] {
  const { env, model, row, field } = input;
  const { tables } = env.erp;
  const ids = [...(tables.lookup(field.relation!, field.inverse!, row.id) ?? [])].filter((id) => {
    if (field.inverseModel !== undefined)
      return tables.get(field.relation!, id)?.[field.inverseModel] === model.name;
    return true;
  });
  const shown =
    env.context.active_test === false ? ids : ids.filter((id) => isActive(env, field.relation!, id));
  // Chatter and activities show the newest first, as their models are ordered.
  const newestFirst = field.relation === 'mail.message';
  return shown.sort((a, b) => (newestFirst ? b - a : a - b));
}

function isActive(env: Env, model: string, id: number): boolean {
  const row = env.erp.tables.get(model, id);
  return row !== undefined && row.active !== false && row.x_active !== false;
}
