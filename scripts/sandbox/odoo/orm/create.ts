/** Creates one record. */
import { integrityError, keyError, type OdooError, valueError } from '../errors.ts';
import { postCreated } from '../methods/thread.ts';
import { checkAccess, checkRule } from './access.ts';
import { applyMany2many, applyOne2many } from './commands.ts';
import { defaultsOf } from './defaults.ts';
import { splitDelegated, spreadVals } from './delegate.ts';
import { isStored } from './fields.ts';
import { toDatetime } from './time.ts';
import { type Env, type Field, type Model, type Row, sudo, type Vals } from './types.ts';
import { checkUnique } from './unique.ts';
import { emptyValue, isEmpty, toStored } from './values.ts';

/** Columns the ORM fills itself. */
const MAGIC = new Set(['id', 'display_name', 'create_uid', 'create_date', 'write_uid', 'write_date']);

/**
 * @throws OdooError AccessError, ValueError (unknown field, wrong value), ValidationError (required, unique, the model's own rules).
 */
export function create(env: Env, model: Model, given: Vals): Row {
  checkAccess(env, model, 'create');
  checkNames(env, model, given, 'create');
  const asked = spreadVals(model, given, undefined);
  const { own, delegated } = splitDelegated(model, { ...defaultsOf(env, model, asked), ...asked });
  for (const [link, vals] of delegated) {
    const target = env.erp.registry.get(model.fields.get(link)!.relation!);
    if (typeof own[link] !== 'number') own[link] = create(sudo(env), target, vals).id;
    else if (link in given) writeDelegated(env, { model, link, id: Number(own[link]), given });
  }
  const vals = model.hooks.creating?.(env, own, given) ?? own;
  const now = toDatetime(env.erp.now());
  const id = env.erp.tables.newId(model.name);
  const row: Record<string, unknown> & { id: number } = { id };
  const later: (() => void)[] = [];
  for (const [name, field] of model.fields) {
    if (MAGIC.has(name)) continue;
    if (field.type === 'one2many' && name in vals)
      later.push(() => applyOne2many(env, model, env.erp.tables.get(model.name, id)!, field, vals[name]));
    if (!isStored(field)) continue;
    if (field.type === 'many2many') row[name] = applyMany2many(env, field, [], vals[name] ?? []);
    else
      row[name] =
        name in vals
          ? toStored({ env, model, name, field, value: vals[name], row: vals })
          : emptyValue(field);
  }
  for (const name of Object.keys(vals)) if (name.startsWith('_')) row[name] = vals[name];
  Object.assign(row, { create_uid: env.uid, create_date: now, write_uid: env.uid, write_date: now });
  checkRequired(env, model, row);
  checkUnique(env, model, row);
  env.erp.tables.put(model.name, row);
  for (const act of later) act();
  model.hooks.created?.(env, env.erp.tables.get(model.name, id)!, given);
  if (model.thread) postCreated(env, model, id);
  const made = env.erp.tables.get(model.name, id)!;
  checkRule(env, model, made, 'create');
  return made;
}

/** @throws OdooError for a field the model does not have; its form depends on version and operation. */
export function checkNames(env: Env, model: Model, vals: Vals, operation: 'create' | 'write'): void {
  for (const name of Object.keys(vals)) {
    if (model.fields.has(name)) continue;
    if (env.erp.version !== 19) throw valueError(`Invalid field '${name}' on model '${model.name}'`);
    throw operation === 'write' ? keyError(name) : valueError(`Invalid field '${name}' in '${model.name}'`);
  }
}

export function checkRequired(env: Env, model: Model, row: Record<string, unknown>): void {
  for (const [name, field] of model.fields) {
    if (field.required !== true || !isStored(field) || field.type === 'boolean') continue;
    if (!isEmpty(row[name])) continue;
    throw missingValue(env, model, name, field);
  }
}

function missingValue(env: Env, model: Model, name: string, field: Field): OdooError {
  const what = `Missing required value for the field '${field.string}' (${name})`;
  if (env.erp.version === 19)
    return integrityError(
      `${what}.\nModel: '${model.description}' (${model.name})\n- create/update: a mandatory field is not set\n- delete: another model requires the record being deleted, you can archive it instead\n`,
      name,
    );
  const explained = `\n- Create/update: a mandatory field is not set.\n- Delete: another model requires the record being deleted. If possible, archive it instead.\n\nModel: ${model.description} (${model.name})\nField: ${field.string} (${name})\n`;
  return integrityError(explained, name, what);
}

/** Values meant for an existing partner of a new user are written to it. */
function writeDelegated(env: Env, input: { model: Model; link: string; id: number; given: Vals }): void {
  const { model, link, id, given } = input;
  const relation = model.fields.get(link)!.relation!;
  const before = env.erp.tables.get(relation, id);
  if (before === undefined) return;
  const target = env.erp.registry.get(relation);
  const changed: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(given)) {
    const field = model.fields.get(name)?.via === link ? target.fields.get(name) : undefined;
    if (field !== undefined && isStored(field) && field.type !== 'many2many')
      changed[name] = toStored({ env, model: target, name, field, value, row: before });
  }
  if (Object.keys(changed).length > 0) env.erp.tables.put(relation, { ...before, ...changed });
}
