/** Short words for writing down fields. */
import type { Field, FieldType } from './types.ts';

type More = Partial<Omit<Field, 'type' | 'string'>>;

const of =
  (type: FieldType) =>
  (string: string, more: More = {}): Field => ({ type, string, ...more });

export const binary = of('binary');
export const boolean = of('boolean');
export const char = of('char');
export const date = of('date');
export const datetime = of('datetime');
export const float = of('float');
export const html = of('html');
export const integer = of('integer');
export const monetary = of('monetary');
export const reference = of('many2one_reference');
export const text = of('text');

export const many2one = (string: string, relation: string, more: More = {}): Field => ({
  type: 'many2one',
  string,
  relation,
  ...more,
});
export const many2many = (string: string, relation: string, more: More = {}): Field => ({
  type: 'many2many',
  string,
  relation,
  ...more,
});
export const one2many = (string: string, relation: string, inverse: string, more: More = {}): Field => ({
  type: 'one2many',
  string,
  relation,
  inverse,
  ...more,
});
export const selection = (
  string: string,
  values: readonly (readonly [string, string])[],
  more: More = {},
): Field => ({ type: 'selection', string, selection: values, ...more });

/** Stored in the row (and not worked out, spread over others, or kept on another record). */
export const isStored = (field: Field): boolean =>
  field.compute === undefined &&
  field.spread === undefined &&
  field.via === undefined &&
  field.type !== 'one2many';

export const isNumeric = (field: Field): boolean =>
  field.type === 'integer' ||
  field.type === 'float' ||
  field.type === 'monetary' ||
  field.type === 'many2one_reference';
