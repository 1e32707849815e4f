/** External ids. */
import { boolean, char, integer } from '../orm/fields.ts';
import type { ModelSource } from '../orm/registry.ts';
import { checkObjectReference } from './references.ts';

export const irModelData: ModelSource = {
  name: 'ir.model.data',
  description: 'Model Data',
  module: 'base',
  order: 'module, model, name',
  unique: [
    {
      fields: ['complete_name'],
      message: (row) =>
        `duplicate key value violates unique constraint "ir_model_data_module_name_uniq_index"\nDETAIL:  Key (module, name)=(${row.module}, ${row.name}) already exists.\n`,
    },
  ],
  recName: 'complete_name',
  fields: {
    name: char('External Identifier', { required: true, index: true }),
    complete_name: char('Complete ID', { readonly: true, index: true }),
    target: char('Target', { readonly: true, index: true, group: 'base.group_system' }),
    model: char('Model Name', { required: true }),
    module: char('Module', { required: true, defaultValue: '' }),
    res_id: { ...integer('Record ID'), type: 'many2one_reference' },
    noupdate: boolean('Non Updatable'),
  },
  hooks: { creating: (_, vals) => named(vals), writing: (_, row, vals) => named({ ...row, ...vals }, vals) },
  methods: {
    check_object_reference: {
      onModel: true,
      params: ['module', 'xml_id', 'raise_on_access_error'],
      required: 2,
      run: ({ env, args }) => checkObjectReference(env, String(args.module), String(args.xml_id)),
    },
  },
};

function named(
  all: Record<string, unknown>,
  changed: Record<string, unknown> = all,
): Record<string, unknown> {
  return { ...changed, complete_name: `${all.module}.${all.name}`, target: `${all.model},${all.res_id}` };
}
