/** Values of fields nobody named: from the context (`default_…`), else the field's own. */
import type { Env, Model, Vals } from './types.ts';

export function defaultsOf(env: Env, model: Model, given: Vals, only?: readonly string[]): Vals {
  const defaults: Vals = {};
  for (const [name, field] of model.fields) {
    if (name in given || (only !== undefined && !only.includes(name))) continue;
    const fromContext = env.context[`default_${name}`];
    if (fromContext !== undefined) defaults[name] = fromContext;
    else if (field.defaultOf !== undefined) defaults[name] = field.defaultOf(env);
    else if (field.defaultValue !== undefined) defaults[name] = field.defaultValue;
  }
  return defaults;
}
