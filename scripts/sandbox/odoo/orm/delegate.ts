/** Values of a record and of the record it delegates to (`res.users` to its partner). */
import type { Model, Row, Vals } from './types.ts';

/** Splits what is written into the model's own values and, by link field, those of the delegated records. */
export function splitDelegated(model: Model, vals: Vals): { own: Vals; delegated: Map<string, Vals> } {
  const own: Vals = {};
  const delegated = new Map<string, Vals>();
  for (const [name, value] of Object.entries(vals)) {
    const via = model.fields.get(name)?.via;
    if (via === undefined) own[name] = value;
    else delegated.set(via, { ...delegated.get(via), [name]: value });
  }
  return { own, delegated };
}

/** Replaces fields that are only another way of writing stored ones (`company_type`) by those. */
export function spreadVals(model: Model, vals: Vals, row: Row | undefined): Vals {
  let result = vals;
  for (const [name, value] of Object.entries(vals)) {
    const spread = model.fields.get(name)?.spread;
    if (spread === undefined) continue;
    const { [name]: _, ...rest } = result;
    result = { ...rest, ...spread(value, row) };
  }
  return result;
}
