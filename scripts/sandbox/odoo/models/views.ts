/** Views and menus. */
import { validationError, valueError } from '../errors.ts';
import { boolean, char, integer, many2many, many2one, selection, text } from '../orm/fields.ts';
import type { ModelSource } from '../orm/registry.ts';
import type { Env, Row, Vals, Version } from '../orm/types.ts';
import { groupsName } from './actions.ts';

const ROOT = /<\s*([a-z]+)/;

export const view = (version: Version): ModelSource => ({
  name: 'ir.ui.view',
  description: 'View',
  module: 'base',
  order: 'priority,name,id',
  fields: {
    name: char('View Name', { required: true }),
    model: char('Model', { index: true }),
    model_id: many2one('Model of the view', 'ir.model', {
      readonly: true,
      compute: (env: Env, row: Row) => env.erp.tables.first('ir.model', 'model', row.model)?.id ?? false,
    }),
    type: char('View Type'),
    arch: text('View Architecture', {
      compute: (_, row) => row.arch_db ?? false,
      spread: (value) => ({ arch_db: value }),
    }),
    arch_db: text('Arch Blob'),
    arch_base: text('Base View Architecture', {
      compute: (_, row) => row.arch_db ?? false,
      spread: (value) => ({ arch_db: value }),
    }),
    priority: integer('Sequence', { required: true, defaultValue: 16 }),
    mode: selection(
      'View inheritance mode',
      [
        ['primary', 'Base view'],
        ['extension', 'Extension View'],
      ],
      {
        required: true,
        defaultValue: 'primary',
      },
    ),
    inherit_id: many2one('Inherited View', 'ir.ui.view', { onDelete: 'restrict' }),
    active: boolean('Active', { defaultValue: true }),
    [groupsName(version)]: many2many('Groups', 'res.groups'),
  },
  hooks: {
    creating(env, vals: Vals) {
      if (!vals.arch_db) throw validationError('Missing view architecture.');
      if (vals.inherit_id) {
        const parent = env.erp.tables.get('ir.ui.view', Number(vals.inherit_id));
        return { ...vals, type: parent?.type ?? false, mode: 'extension' };
      }
      if (vals.type) return vals;
      const root = ROOT.exec(String(vals.arch_db ?? '').replace(/<\?xml[^>]*\?>/, ''))?.[1];
      const wrong = version === 17 ? 'list' : 'tree';
      if (root === undefined || root === wrong)
        throw valueError(`Wrong value for ir.ui.view.type: '${root}'`);
      return { ...vals, type: root };
    },
    created: checkFields,
    written: checkFields,
  },
});

/** @throws OdooError ValidationError for a field the view's model does not have. */
function checkFields(env: Env, row: Row): void {
  const model = env.erp.registry.find(String(row.model));
  for (const [, name] of String(row.arch_db).matchAll(/<field name="(\w+)"/g))
    if (model !== undefined && !model.fields.has(name!))
      throw validationError(
        `Error while validating view near:\n\n${String(row.arch_db).slice(0, 200)}\nField "${name}" does not exist in model "${row.model}"`,
      );
}

export const menu = (version: Version): ModelSource => ({
  name: 'ir.ui.menu',
  description: 'Menu',
  module: 'base',
  order: 'sequence,id',
  fields: {
    name: char('Menu', { required: true }),
    active: boolean('Active', { defaultValue: true }),
    sequence: integer('Sequence', { defaultValue: 10 }),
    parent_id: many2one('Parent Menu', 'ir.ui.menu', { onDelete: 'restrict' }),
    action: char('Action'),
    [groupsName(version)]: many2many('Groups', 'res.groups'),
  },
});
