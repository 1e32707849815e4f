/** Deletes records, with what belongs to them. */
import { integrityError } from '../errors.ts';
import { checkAccess, checkRule } from './access.ts';
import { xmlidsOf } from './external-ids.ts';
import { type Env, type Model, type Row, sudo } from './types.ts';
import { existing } from './write.ts';

/** @throws OdooError MissingError; ValidationError when a record that must have this one still points to it. */
export function unlink(env: Env, model: Model, ids: readonly number[]): void {
  checkAccess(env, model, 'unlink');
  for (const id of ids) {
    const row = existing(env, model, id);
    checkRule(env, model, row, 'unlink');
    model.hooks.deleting?.(env, row);
    letGo(env, model, row);
    const { tables } = env.erp;
    for (const data of xmlidsOf(env.erp, model.name, id)) tables.remove('ir.model.data', data.id);
    for (const chatter of ['mail.message', 'mail.activity', 'ir.attachment'])
      for (const other of tables.lookup(chatter, 'res_id', id) ?? []) {
        const there = tables.get(chatter, other);
        if (there?.model === model.name || there?.res_model === model.name) tables.remove(chatter, other);
      }
    tables.remove(model.name, id);
  }
}

/** Relations to a record that goes: cleared, deleted with it, or the reason to refuse. */
function letGo(env: Env, model: Model, row: Row): void {
  const { tables, registry } = env.erp;
  for (const other of allModels(env)) {
    for (const [name, field] of other.fields) {
      if (field.type !== 'many2one' || field.relation !== model.name || field.compute !== undefined) continue;
      const ids = [...(tables.lookup(other.name, name, row.id) ?? [])];
      for (const id of ids) {
        const there = tables.get(other.name, id)!;
        if (field.onDelete === 'cascade') unlink(sudo(env), registry.get(other.name), [id]);
        else if (field.onDelete === 'restrict' || field.required === true) throw stillUsed(other, name);
        else tables.put(other.name, { ...there, [name]: false });
      }
    }
  }
}

function* allModels(env: Env): Iterable<Model> {
  const names = new Set(env.erp.registry.base().map((model) => model.name));
  for (const row of env.erp.tables.all('ir.model')) names.add(String(row.model));
  for (const name of names) {
    const model = env.erp.registry.find(name);
    if (model !== undefined) yield model;
  }
}

const stillUsed = (model: Model, field: string) =>
  integrityError(
    `another model is using the record you are trying to delete.\n\nThe troublemaker is this model: ${model.description} (${model.name})\nThanks to the following constraint: ${field}\nHow about archiving the record instead?`,
    field,
  );
