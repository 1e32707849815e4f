/** Comparing one value with what a leaf of a domain wants. */
import type { OdooError } from '../errors.ts';
import { displayName } from './display-name.ts';
import { fieldValue } from './field-value.ts';
import { isStored } from './fields.ts';
import type { Env, Field, Model, Row } from './types.ts';
import { isEmpty } from './values.ts';

export interface Leaf {
  readonly env: Env;
  readonly model: Model;
  readonly path: readonly string[];
  readonly operator: string;
  readonly value: unknown;
  readonly unknown: () => OdooError;
}

export function reader(env: Env, model: Model, name: string, field: Field): (row: Row) => unknown {
  if (name === 'id') return (row) => row.id;
  if (isStored(field)) return (row) => row[name] ?? false;
  return (row) => fieldValue({ env, model, row, name, field });
}

/** A test of one value (an id for relations). */
export function matcher(leaf: Leaf, field: Field): (value: unknown) => boolean {
  const { operator } = leaf;
  const wanted = leaf.value;
  const isRelation = field.relation !== undefined;
  const nameOf = (id: unknown): string => {
    const row = typeof id === 'number' ? leaf.env.erp.tables.get(field.relation!, id) : undefined;
    return row === undefined ? '' : displayName(leaf.env, leaf.env.erp.registry.get(field.relation!), row);
  };
  const equal = (value: unknown, other: unknown): boolean => {
    if (isEmpty(other)) return isBlank(value);
    if (field.type === 'boolean') return Boolean(value) === Boolean(other);
    if (isRelation && typeof other === 'string') return nameOf(value) === other;
    if (typeof value === 'number') return !isEmpty(other) && value === Number(other);
    return !isEmpty(value) && value === String(other);
  };
  switch (operator) {
    case '=':
    case '==':
    case '=?':
      return Array.isArray(wanted)
        ? (value) => (wanted.length === 0 ? isBlank(value) : wanted.some((other) => equal(value, other)))
        : (value) => equal(value, wanted);
    case 'in': {
      const list = Array.isArray(wanted) ? wanted : [wanted];
      const set = new Set(list);
      return (value) => set.has(value) || list.some((other) => equal(value, other));
    }
    case '<':
    case '<=':
    case '>':
    case '>=':
      return (value) => compare(operator, value, wanted);
    default: {
      const pattern = toPattern(operator, String(isEmpty(wanted) ? '' : wanted));
      return (value) => {
        const textValue = isRelation ? nameOf(value) : isEmpty(value) ? undefined : String(value);
        return textValue !== undefined && (!isRelation || textValue !== '') && pattern.test(textValue);
      };
    }
  }
}

const isBlank = (value: unknown) =>
  isEmpty(value) || value === 0 || (Array.isArray(value) && value.length === 0);

function compare(operator: string, value: unknown, wanted: unknown): boolean {
  if (isEmpty(value) || isEmpty(wanted)) return false;
  const [a, b] =
    typeof value === 'number' ? [value, Number(wanted)] : ([String(value), String(wanted)] as const);
  if (operator === '<') return a < b;
  if (operator === '<=') return a <= b;
  return operator === '>' ? a > b : a >= b;
}

/** `%` and `_` as in SQL, taken literally after a backslash; like and ilike look anywhere in the text. */
function toPattern(operator: string, wanted: string): RegExp {
  const source = wanted.replaceAll(
    /\\(.)|([%_])|[.*+?^${}()|[\]\\/]/gsu,
    (letter, escaped?: string, wildcard?: string) => {
      if (wildcard !== undefined) return wildcard === '%' ? '.*' : '.';
      const literal = escaped ?? letter;
      return /[.*+?^${}()|[\]\\/]/.test(literal) ? `\\${literal}` : literal;
    },
  );
  return new RegExp(
    operator.startsWith('=') ? `^${source}$` : source,
    operator.endsWith('ilike') ? 'isu' : 'su',
  );
}
