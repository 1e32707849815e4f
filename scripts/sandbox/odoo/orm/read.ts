/** Records as RPC callers read them: many2one as `[id, "name"]`, empties as false. */
import { valueError } from '../errors.ts';
import { checkAccess, checkField, checkRule, mayReadField } from './access.ts';
import { relationPair } from './display-name.ts';
import { fieldValue } from './field-value.ts';
import type { Env, Field, Model, Row } from './types.ts';

/** @throws OdooError AccessError; ValueError for an unknown field. Missing ids are left out, as Odoo does. */
export function readRecords(
  env: Env,
  model: Model,
  input: { ids: readonly number[]; fields?: readonly string[] | undefined; load?: unknown },
): Record<string, unknown>[] {
  checkAccess(env, model, 'read');
  const rows = input.ids.map((id) => env.erp.tables.get(model.name, id)).filter((row) => row !== undefined);
  for (const row of rows) checkRule(env, model, row, 'read');
  return readRows(env, model, rows, input.fields, input.load);
}

/** Rows that were already found readable. */
export function readRows(
  env: Env,
  model: Model,
  rows: readonly Row[],
  names?: readonly string[],
  load: unknown = '_classic_read',
): Record<string, unknown>[] {
  const wanted = names === undefined || names.length === 0 ? visibleFields(env, model) : names;
  const fields = wanted.map((name): [string, Field] => {
    const field = model.fields.get(name);
    if (field === undefined)
      throw valueError(
        env.erp.version === 19
          ? `Invalid field '${name}' on '${model.name}'`
          : `Invalid field '${name}' on model '${model.name}'`,
      );
    checkField(env, model, name);
    return [name, field];
  });
  return rows.map((row) => {
    const record: Record<string, unknown> = { id: row.id };
    for (const [name, field] of fields) record[name] = shown({ env, model, row, name, field, load });
    return record;
  });
}

const visibleFields = (env: Env, model: Model) =>
  [...model.fields.keys()].filter((name) => mayReadField(env, model, name));

function shown(input: {
  env: Env;
  model: Model;
  row: Row;
  name: string;
  field: Field;
  load: unknown;
}): unknown {
  const { env, field, name, row } = input;
  if (name === 'id') return row.id;
  const value = fieldValue(input);
  if (field.type === 'many2one')
    return input.load === '_classic_read' || input.load === undefined
      ? relationPair(env, field.relation!, value)
      : value;
  if (field.type === 'binary' && env.context.bin_size === true && typeof value === 'string')
    return `${(Buffer.from(value, 'base64').length).toFixed(2)} bytes`;
  return value;
}
