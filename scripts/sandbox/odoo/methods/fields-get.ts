/** What `fields_get` tells of a model's fields. */
import { mayReadField } from '../orm/access.ts';
import { isStored } from '../orm/fields.ts';
import type { Env, Field, Model } from '../orm/types.ts';

/** Of all fields the caller may see, or of those named; unknown names are left out, as Odoo does. */
export function describeFields(
  env: Env,
  model: Model,
  only: readonly string[] | undefined,
  attributes: readonly string[] | undefined,
): Record<string, Record<string, unknown>> {
  const described: Record<string, Record<string, unknown>> = {};
  for (const [name, field] of model.fields) {
    if (only !== undefined && only.length > 0 && !only.includes(name)) continue;
    if (!mayReadField(env, model, name)) continue;
    const all = describe(name, field);
    described[name] =
      attributes === undefined || attributes.length === 0
        ? all
        : Object.fromEntries(Object.entries(all).filter(([key]) => attributes.includes(key)));
  }
  return described;
}

function describe(name: string, field: Field): Record<string, unknown> {
  const stored = isStored(field) || field.type === 'one2many';
  return {
    name,
    type: field.type,
    string: field.string,
    ...(field.help === undefined ? {} : { help: field.help }),
    required: field.required ?? false,
    readonly: field.readonly ?? false,
    store: stored,
    searchable: true,
    sortable: stored,
    manual: field.manual ?? false,
    ...(field.relation === undefined ? {} : { relation: field.relation }),
    ...(field.type === 'one2many' ? { relation_field: field.inverse } : {}),
    ...(field.type === 'selection' ? { selection: field.selection ?? [] } : {}),
    ...(field.type === 'monetary' ? { currency_field: field.currencyField ?? 'currency_id' } : {}),
  };
}
