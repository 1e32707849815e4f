/** From facts to the cells of a `load`. */
import type { Fact, Facts } from './facts.ts';
import { type FieldMapping, factsOf, type RecordMapping, type WriteRule } from './mapping.ts';

export type Cell = string | number;
/** Column of a load (`name`, `country_id/id`, `partner_id/.id`) → its cell. */
export type Values = Readonly<Record<string, Cell>>;

/**
 * The values a record gets. A field one of whose facts is not in `facts` is left out: a mirror knows the
 * subscription alone, and must not empty what only the sale knows.
 * @param options.only with `always`, the fields staff do not own
 * @param options.empty what a fact without a value does: `omit` leaves Odoo's default (creation), `clear` empties the field
 */
export function valuesOf(
  mapping: RecordMapping,
  facts: Facts,
  options: { only?: WriteRule; empty?: 'omit' | 'clear' } = {},
): Values {
  const values: Record<string, Cell> = {};
  for (const [field, rule] of Object.entries(mapping.fields)) {
    if (options.only !== undefined && (rule.write ?? mapping.write) !== options.only) continue;
    // Asked of the ERP, and written at creation only (`lookups.ts`).
    if (rule.lookup !== undefined) continue;
    if (factsOf(rule).some((fact) => !(fact in facts))) continue;
    const cell = cellOf(rule, facts);
    // An empty constant is a decision of the mapping, not a missing fact.
    if (cell === '' && rule.value === undefined && options.empty !== 'clear') continue;
    values[columnOf(field, rule)] = cell;
  }
  return values;
}

/** Columns Odoo may refuse without stopping a paid customer. */
export function optionalColumns(mapping: RecordMapping): string[] {
  return Object.entries(mapping.fields)
    .filter(([, rule]) => rule.optional === true)
    .map(([field, rule]) => columnOf(field, rule));
}

/** `Hello {organisation.name}` with its facts. */
export function fill(text: string, facts: Facts): string {
  return text.replace(/\{([^}]*)\}/g, (_, name: string) => String(toCell(facts[name] ?? null)));
}

/** As `load` reads it: booleans as words, UTC without a zone, nothing as empty text. */
export function toCell(fact: Fact): Cell {
  if (fact === null) return '';
  if (typeof fact === 'boolean') return fact ? 'True' : 'False';
  if (fact instanceof Date) return odooDatetime(fact);
  return fact;
}

/** Odoo refuses ISO 8601's `T` and `Z`. */
export const odooDatetime = (date: Date): string => date.toISOString().slice(0, 19).replace('T', ' ');

/** The field a column of a load writes. */
export const fieldOf = (column: string): string => column.replace(/\/\.?id$/, '');

const columnOf = (field: string, rule: FieldMapping): string =>
  rule.fact?.startsWith('link.') === true ? `${field}/.id` : field;

function cellOf(rule: FieldMapping, facts: Facts): Cell {
  if (rule.fact !== undefined) return toCell(facts[rule.fact] ?? null);
  if (rule.text !== undefined) return fill(rule.text, facts);
  return toCell(rule.value!);
}
