/** Rights by model and group. */
import { boolean, char, many2one } from '../orm/fields.ts';
import { overlook } from '../orm/fresh-rights.ts';
import type { ModelSource } from '../orm/registry.ts';

/** Set while a model is created with its rights. */
const WITHIN_MODEL = '_within_model';

export const irModelAccess: ModelSource = {
  name: 'ir.model.access',
  description: 'Model Access',
  module: 'base',
  order: 'model_id,group_id,name,id',
  fields: {
    name: char('Name', { required: true, index: true }),
    active: boolean('Active', { defaultValue: true }),
    model_id: many2one('Model', 'ir.model', { required: true, onDelete: 'cascade' }),
    group_id: many2one('Group', 'res.groups', { onDelete: 'restrict' }),
    perm_read: boolean('Read Access'),
    perm_write: boolean('Write Access'),
    perm_create: boolean('Create Access'),
    perm_unlink: boolean('Delete Access'),
  },
  hooks: {
    created(env, row) {
      if (env.context[WITHIN_MODEL] !== true) overlook(env, row);
    },
  },
};
