/** Writes records. */
import { missingError } from '../errors.ts';
import { checkAccess, checkField, checkRule } from './access.ts';
import { applyMany2many, applyOne2many } from './commands.ts';
import { checkNames, checkRequired } from './create.ts';
import { splitDelegated, spreadVals } from './delegate.ts';
import { isStored } from './fields.ts';
import { toDatetime } from './time.ts';
import { type Env, type Model, type Row, sudo, type Vals } from './types.ts';
import { checkUnique } from './unique.ts';
import { toStored } from './values.ts';

/** @throws OdooError MissingError for an id that is not there; else as `create`. */
export function write(env: Env, model: Model, ids: readonly number[], given: Vals): void {
  checkAccess(env, model, 'write');
  checkNames(env, model, given, 'write');
  for (const name of Object.keys(given)) checkField(env, model, name);
  for (const id of ids) writeOne(env, model, existing(env, model, id), given);
}

/** @throws OdooError MissingError */
export function existing(env: Env, model: Model, id: number): Row {
  const row = env.erp.tables.get(model.name, id);
  if (row === undefined) throw missingError({ model: model.name, ids: [id], uid: env.uid });
  return row;
}

function writeOne(env: Env, model: Model, before: Row, given: Vals): void {
  checkRule(env, model, before, 'write');
  const { own, delegated } = splitDelegated(model, spreadVals(model, given, before));
  for (const [link, vals] of delegated) {
    const target = env.erp.registry.get(model.fields.get(link)!.relation!);
    write(sudo(env), target, [Number(before[link])], vals);
  }
  const vals = model.hooks.writing?.(env, before, own) ?? own;
  const row: Record<string, unknown> & { id: number } = { ...before };
  const later: (() => void)[] = [];
  for (const [name, value] of Object.entries(vals)) {
    if (name.startsWith('_')) {
      row[name] = value;
      continue;
    }
    const field = model.fields.get(name)!;
    if (field.type === 'one2many')
      later.push(() => applyOne2many(env, model, env.erp.tables.get(model.name, before.id)!, field, value));
    if (!isStored(field)) continue;
    if (field.type === 'many2many')
      row[name] = applyMany2many(env, field, (before[name] as number[] | undefined) ?? [], value);
    else row[name] = toStored({ env, model, name, field, value, row: { ...before, ...vals } });
  }
  Object.assign(row, { write_uid: env.uid, write_date: toDatetime(env.erp.now()) });
  checkRequired(env, model, row);
  checkUnique(env, model, row);
  env.erp.tables.put(model.name, row);
  for (const act of later) act();
  model.hooks.written?.(env, env.erp.tables.get(model.name, before.id)!, before);
}
