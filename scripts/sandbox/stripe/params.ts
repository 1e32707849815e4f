/** Parameters against their description: closed by default, as Stripe refuses what it does not know. */
import { invalidParameter } from './errors.ts';
import { asList, type FormObject, type FormValue } from './form-body.ts';

export interface Field {
  readonly kind:
    | 'string'
    | 'integer'
    | 'number'
    | 'boolean'
    | 'enum'
    | 'map'
    | 'list'
    | 'object'
    | 'range'
    | 'any';
  readonly required?: boolean;
  readonly values?: readonly string[];
  readonly item?: Field;
  readonly fields?: Fields;
}
export type Fields = Readonly<Record<string, Field>>;

export const text: Field = { kind: 'string' };
export const integer: Field = { kind: 'integer' };
export const number: Field = { kind: 'number' };
export const flag: Field = { kind: 'boolean' };
export const map: Field = { kind: 'map' };
/** A timestamp, or `{gt, gte, lt, lte}`. */
export const range: Field = { kind: 'range' };
/** Taken without a look: what Stripe knows and this sandbox does not act on. */
export const any: Field = { kind: 'any' };
export const oneOf = (...values: string[]): Field => ({ kind: 'enum', values });
export const list = (item: Field): Field => ({ kind: 'list', item });
export const object = (fields: Fields): Field => ({ kind: 'object', fields });
export const required = (field: Field): Field => ({ ...field, required: true });

/** Of every list endpoint. https://docs.stripe.com/api/pagination */
export const PAGING: Fields = { limit: integer, starting_after: text, ending_before: text };

export type Range = number | { gt?: number; gte?: number; lt?: number; lte?: number };

/**
 * The raw form as the typed parameters `T` of stripe-node. An empty string means "clear this field" and is kept as ''.
 * @throws StripeFault `parameter_unknown`, `parameter_missing`, `parameter_invalid_integer` …
 */
export function readParams<T>(fields: Fields, raw: FormObject): T {
  return readObject({ ...fields, expand: list(text) }, raw, '') as T;
}

function readObject(fields: Fields, raw: FormObject, prefix: string): Record<string, unknown> {
  const nameOf = (key: string) => (prefix === '' ? key : `${prefix}[${key}]`);
  for (const key of Object.keys(raw)) {
    if (Object.hasOwn(fields, key)) continue;
    throw invalidParameter(`Received unknown parameter: ${nameOf(key)}`, nameOf(key), 'parameter_unknown');
  }
  const result: Record<string, unknown> = {};
  for (const [key, field] of Object.entries(fields)) {
    const value = raw[key];
    if (value === undefined) {
      if (field.required) {
        throw invalidParameter(`Missing required param: ${nameOf(key)}.`, nameOf(key), 'parameter_missing');
      }
    } else result[key] = readValue(field, value, nameOf(key));
  }
  return result;
}

function readValue(field: Field, value: FormValue, name: string): unknown {
  if (value === '') {
    if (!field.required) return '';
    throw invalidParameter(
      `You passed an empty string for '${name}'. ${name} cannot be unset.`,
      name,
      'parameter_invalid_empty',
    );
  }
  if (field.kind === 'any') return value;
  if (typeof value === 'object') return readStructure(field, value, name);
  switch (field.kind) {
    case 'string':
      return value;
    case 'integer':
    case 'range':
      if (!/^-?\d{1,15}$/.test(value)) {
        throw invalidParameter(`Invalid integer: ${value}`, name, 'parameter_invalid_integer');
      }
      return Number(value);
    case 'number':
      if (!Number.isFinite(Number(value))) throw invalidParameter(`Invalid number: ${value}`, name);
      return Number(value);
    case 'boolean':
      if (value !== 'true' && value !== 'false') throw invalidParameter(`Invalid boolean: ${value}`, name);
      return value === 'true';
    case 'enum':
      if (field.values!.includes(value)) return value;
      throw invalidParameter(`Invalid ${name}: must be one of ${field.values!.join(', ')}`, name);
    default:
      throw invalidParameter(`Invalid ${field.kind === 'list' ? 'array' : 'object'}`, name);
  }
}

function readStructure(field: Field, value: FormObject, name: string): unknown {
  switch (field.kind) {
    case 'map':
      return { ...value };
    case 'list':
      return asList(value).map((item, index) => readValue(field.item!, item, `${name}[${index}]`));
    case 'object':
      return readObject(field.fields!, value, name);
    case 'range':
      return readObject({ gt: integer, gte: integer, lt: integer, lte: integer }, value, name);
    default:
      throw invalidParameter(`Invalid ${field.kind}`, name);
  }
}
