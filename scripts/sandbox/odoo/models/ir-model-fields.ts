/** Fields that administrators make, and the choices of selections. */
import { integrityError, userError, validationError } from '../errors.ts';
import { create } from '../orm/create.ts';
import { boolean, char, integer, many2one, one2many, selection, text } from '../orm/fields.ts';
import type { ModelSource } from '../orm/registry.ts';
import type { Env, Row } from '../orm/types.ts';
import { sudo } from '../orm/types.ts';
import { TYPES } from './field-types.ts';
import { NAMED_X } from './ir-model.ts';
import { parseSelection } from './selection-text.ts';

export const irModelFields: ModelSource = {
  name: 'ir.model.fields',
  description: 'Fields',
  module: 'base',
  order: 'name, id',
  unique: [{ fields: ['model_id', 'name'], message: () => 'Field names must be unique per model.' }],
  fields: {
    name: char('Field Name', { required: true, defaultValue: 'x_', index: true }),
    model: char('Model Name', { readonly: true, index: true }),
    model_id: many2one('Model', 'ir.model', { required: true, onDelete: 'cascade' }),
    field_description: char('Field Label', { required: true, defaultValue: '' }),
    help: text('Field Help'),
    ttype: selection(
      'Field Type',
      TYPES.map((type) => [type, type] as const),
      { required: true },
    ),
    relation: char('Related Model'),
    relation_field: char('Relation Field'),
    currency_field: char('Currency field'),
    selection: char('Selection Options (Deprecated)', {
      compute: selectionText,
      spread: (value) => ({ selection: value }),
    }),
    selection_ids: one2many('Selection Options', 'ir.model.fields.selection', 'field_id'),
    required: boolean('Required'),
    readonly: boolean('Readonly'),
    index: boolean('Indexed'),
    copied: boolean('Copied'),
    group_expand: boolean('Expand Groups'),
    store: boolean('Stored', { defaultValue: true }),
    translate: boolean('Translatable'),
    size: integer('Size'),
    domain: char('Domain', { defaultValue: '[]' }),
    related: char('Related Field'),
    compute: text('Compute'),
    depends: char('Dependencies'),
    tracking: integer('Enable Ordered Tracking'),
    on_delete: selection('On Delete', [
      ['cascade', 'Cascade'],
      ['set null', 'Set NULL'],
      ['restrict', 'Restrict'],
    ]),
    state: selection(
      'Type',
      [
        ['manual', 'Custom Field'],
        ['base', 'Base Field'],
      ],
      {
        required: true,
        readonly: true,
        defaultValue: 'manual',
      },
    ),
  },
  hooks: {
    creating(env, vals) {
      const model = env.erp.tables.get('ir.model', Number(vals.model_id || 0));
      const filled = { ...vals, model: model?.model ?? false, state: vals.state ?? 'manual' };
      if (filled.state === 'manual' && !NAMED_X.test(String(vals.name)))
        throw integrityError("Custom fields must have a name that starts with 'x_'!");
      if (vals.relation && env.erp.registry.find(String(vals.relation)) === undefined)
        throw validationError(`Unknown model name '${vals.relation}' in Related Model`);
      const { selection: _, ...rest } = filled as Record<string, unknown>;
      return rest;
    },
    created(env, row, given) {
      if (typeof given.selection === 'string' && given.selection !== '')
        addChoices(env, row, given.selection);
    },
    writing(_, __, vals) {
      const { selection: ___, ...rest } = vals;
      return rest;
    },
    deleting(env, row) {
      if (row.state !== 'manual')
        throw validationError('This column contains module data and cannot be removed!');
      const views = [...env.erp.tables.all('ir.ui.view')].filter(
        (view) => view.model === row.model && String(view.arch_db).includes(`name="${row.name}"`),
      );
      if (views.length > 0)
        throw userError(
          `Cannot rename/delete fields that are still present in views:\nFields: ${row.model}.${row.name}\nView: ${views[0]!.name}`,
        );
      for (const record of [...env.erp.tables.all(String(row.model))]) {
        const { [String(row.name)]: _, ...rest } = record;
        env.erp.tables.put(String(row.model), rest as Row);
      }
    },
  },
};

function addChoices(env: Env, row: Row, source: string): void {
  parseSelection(source).forEach(([value, name], sequence) => {
    create(sudo(env), env.erp.registry.get('ir.model.fields.selection'), {
      field_id: row.id,
      value,
      name,
      sequence,
    });
  });
}

function selectionText(env: Env, row: Row): string | false {
  if (row.ttype !== 'selection') return false;
  const choices = env.erp.registry.find(String(row.model))?.fields.get(String(row.name))?.selection ?? [];
  return `[${choices.map(([value, label]) => `('${value}', '${label}')`).join(', ')}]`;
}

export const irModelFieldsSelection: ModelSource = {
  name: 'ir.model.fields.selection',
  description: 'Fields Selection',
  module: 'base',
  order: 'sequence, id',
  unique: [{ fields: ['field_id', 'value'], message: () => 'Selections values must be unique per field' }],
  fields: {
    field_id: many2one('Field', 'ir.model.fields', { required: true, onDelete: 'cascade' }),
    value: char('Value', { required: true }),
    name: char('Name', { required: true }),
    sequence: integer('Sequence', { defaultValue: 1000 }),
  },
};
