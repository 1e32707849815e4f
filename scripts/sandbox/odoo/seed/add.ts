/** Putting a seeded record in place. */
import { isStored } from '../orm/fields.ts';
import type { Model } from '../orm/types.ts';
import { emptyValue } from '../orm/values.ts';

const OPENED = '2026-01-01 00:00:00';

export type Add = (model: string, id: number, values: Record<string, unknown>, xmlid?: string) => void;

export function blank(model: Model): Record<string, unknown> {
  const row: Record<string, unknown> = {};
  for (const [name, field] of model.fields)
    if (isStored(field) && name !== 'id') row[name] = field.defaultValue ?? emptyValue(field);
  return { ...row, create_uid: 1, create_date: OPENED, write_uid: 1, write_date: OPENED };
}
