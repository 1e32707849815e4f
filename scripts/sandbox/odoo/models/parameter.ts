/** System parameters. */
import { checkAccess } from '../orm/access.ts';
import { char, text } from '../orm/fields.ts';
import type { ModelSource } from '../orm/registry.ts';
import type { Env } from '../orm/types.ts';

export const parameter: ModelSource = {
  name: 'ir.config_parameter',
  description: 'System Parameter',
  module: 'base',
  recName: 'key',
  order: 'key',
  unique: [{ fields: ['key'], message: () => 'Key must be unique.' }],
  fields: { key: char('Key', { required: true, index: true }), value: text('Value', { required: true }) },
  methods: {
    get_param: {
      onModel: true,
      params: ['key', 'default'],
      required: 1,
      run({ env, model, args }) {
        checkAccess(env, model, 'read');
        const stored = env.erp.tables.first(model.name, 'key', args.key)?.value;
        // Odoo notes its own address when an administrator logs in.
        return stored ?? (args.key === 'web.base.url' ? env.erp.url() : (args.default ?? false));
      },
    },
    set_param: {
      onModel: true,
      params: ['key', 'value'],
      required: 2,
      run({ env, model, args }) {
        checkAccess(env, model, 'write');
        return setParameter(env, String(args.key), args.value);
      },
    },
  },
};

/** @returns the value before, or false */
export function setParameter(env: Env, key: string, value: unknown): unknown {
  const { tables } = env.erp;
  const before = tables.first('ir.config_parameter', 'key', key);
  if (value === false || value === null) {
    if (before !== undefined) tables.remove('ir.config_parameter', before.id);
  } else {
    tables.put('ir.config_parameter', {
      ...before,
      id: before?.id ?? tables.newId('ir.config_parameter'),
      key,
      value: String(value),
    });
  }
  return before?.value ?? false;
}
