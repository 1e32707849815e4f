/** What a written value becomes in the row. */
import { integrityError, OdooError, valueError } from '../errors.ts';
import { sanitizeHtml } from '../html/sanitize.ts';
import { parseDate, parseDatetime } from './time.ts';
import type { Env, Field, Model, Row } from './types.ts';

export const isEmpty = (value: unknown): boolean => value === false || value === null || value === undefined;

/** The value of a field nobody set. */
export function emptyValue(field: Field): unknown {
  switch (field.type) {
    case 'integer':
    case 'float':
    case 'monetary':
    case 'many2one_reference':
      return 0;
    case 'many2many':
      return [];
    default:
      return false;
  }
}

/**
 * Everything but one2many and many2many.
 * @throws OdooError ValueError for a value of the wrong form; ValidationError for a many2one that points nowhere.
 */
export function toStored(input: {
  env: Env;
  model: Model;
  name: string;
  field: Field;
  value: unknown;
  row: Row | Record<string, unknown>;
}): unknown {
  const { env, model, name, field, value, row } = input;
  if (isEmpty(value)) return emptyValue(field);
  switch (field.type) {
    case 'boolean':
      return Boolean(value);
    case 'integer':
    case 'many2one_reference':
      return toInteger(toNumber(value, (text) => `invalid literal for int() with base 10: '${text}'`));
    case 'float':
      return toNumber(value, (text) => `could not convert string to float: '${text}'`);
    case 'monetary':
      return toMoney(
        toNumber(value, (text) => `could not convert string to float: '${text}'`),
        { env, field, row },
      );
    case 'date':
      return parseDate(value);
    case 'datetime':
      return parseDatetime(value);
    case 'html':
      return sanitizeHtml(String(value));
    case 'selection': {
      const text = String(value);
      if (!(field.selection ?? []).some(([key]) => key === text))
        throw valueError(`Wrong value for ${model.name}.${name}: '${text}'`);
      return text;
    }
    case 'many2one': {
      const id = Array.isArray(value) ? Number(value[0]) : Number(value);
      if (!Number.isInteger(id)) throw valueError(`Wrong value for ${model.name}.${name}: '${value}'`);
      if (env.erp.tables.get(field.relation!, id) === undefined)
        throw integrityError(
          'another model requires the record being deleted. If possible, archive it instead.\n\n' +
            `Model: ${model.description} (${model.name}), Field: ${field.string} (${name})`,
          name,
        );
      return id;
    }
    case 'json':
      return value;
    default:
      return typeof value === 'object' ? JSON.stringify(value) : String(value);
  }
}

const MAX_INT4 = 2 ** 31 - 1;

function toInteger(number: number): number {
  const whole = Math.trunc(number);
  if (Math.abs(whole) > MAX_INT4)
    throw new OdooError('psycopg2.errors.NumericValueOutOfRange', 'integer out of range\n');
  return whole;
}

function toNumber(value: unknown, complaint: (text: string) => string): number {
  if (typeof value === 'boolean') return value ? 1 : 0;
  const number = typeof value === 'string' && value.trim() === '' ? Number.NaN : Number(value);
  if (!Number.isFinite(number)) throw valueError(complaint(String(value)));
  return number;
}

/** Rounded to the currency when the record has one; a currency that is not stored (opportunities) rounds nothing. */
function toMoney(amount: number, input: { env: Env; field: Field; row: Record<string, unknown> }): number {
  const currency = input.field.currencyField === undefined ? undefined : input.row[input.field.currencyField];
  if (typeof currency !== 'number') return amount;
  const rounding = Number(input.env.erp.tables.get('res.currency', currency)?.rounding ?? 0.01);
  return roundTo(amount, rounding);
}

/** Half up, in steps of `step`. */
export function roundTo(amount: number, step: number): number {
  const digits = Math.max(0, Math.round(-Math.log10(step)));
  const factor = 10 ** digits;
  return (Math.sign(amount) * Math.round(Math.abs(amount) * factor + 1e-7)) / factor;
}
