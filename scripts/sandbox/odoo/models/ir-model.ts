/** Models that administrators make. */
import { validationError } from '../errors.ts';
import { create } from '../orm/create.ts';
import { boolean, char, one2many, selection, text } from '../orm/fields.ts';
import type { ModelSource } from '../orm/registry.ts';
import { sudo } from '../orm/types.ts';

export const NAMED_X = /^x_/;

export const irModel: ModelSource = {
  name: 'ir.model',
  description: 'Models',
  module: 'base',
  order: 'model',
  unique: [{ fields: ['model'], message: () => 'Each model must have a unique name.' }],
  fields: {
    name: char('Model Description', { required: true }),
    model: char('Model', { required: true, index: true, defaultValue: 'x_' }),
    order: char('Order', { required: true, defaultValue: 'id' }),
    info: text('Information'),
    state: selection(
      'Type',
      [
        ['manual', 'Custom Object'],
        ['base', 'Base Object'],
      ],
      {
        readonly: true,
        defaultValue: 'manual',
      },
    ),
    transient: boolean('Transient Model'),
    is_mail_thread: boolean('Has Mail Thread'),
    is_mail_activity: boolean('Has Mail Activity'),
    field_id: one2many('Fields', 'ir.model.fields', 'model_id', { required: true }),
    access_ids: one2many('Access', 'ir.model.access', 'model_id'),
    view_ids: one2many('Views', 'ir.ui.view', 'model_id'),
  },
  hooks: {
    creating(env, vals) {
      if (!env.su && !NAMED_X.test(String(vals.model)))
        throw validationError("The model name must start with 'x_'.");
      return { ...vals, state: vals.state ?? 'manual' };
    },
    created(env, row, given) {
      // Fields given with the model replace the name field Odoo would add; `load` gives none, and adds none before 19.
      if ('field_id' in given || row.state !== 'manual') return;
      if (env.context._load === true && env.erp.version !== 19) return;
      create(sudo(env), env.erp.registry.get('ir.model.fields'), {
        model_id: row.id,
        name: 'x_name',
        field_description: 'Name',
        ttype: 'char',
      });
    },
    deleting(env, row) {
      if (row.state !== 'manual')
        throw validationError(`Model “${row.name}” contains module data and cannot be removed.`);
      const views = [...env.erp.tables.all('ir.ui.view')].filter((view) => view.model === row.model);
      if (views.length > 0)
        throw validationError(
          `The model is still present in views: ${views.map((view) => view.name).join(', ')}`,
        );
      for (const record of [...env.erp.tables.all(String(row.model))])
        env.erp.tables.remove(String(row.model), record.id);
    },
  },
};
