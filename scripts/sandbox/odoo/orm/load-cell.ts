/** One cell of a `load`: a text (or number) and what it becomes. */
import { attributeError } from '../errors.ts';
import { displayName } from './display-name.ts';
import { resolveXmlid, splitXmlid } from './external-ids.ts';
import { isNumeric } from './fields.ts';
import { isDate, isDatetime } from './time.ts';
import type { Env, Field, Model } from './types.ts';

export interface FieldColumn {
  readonly kind: 'field';
  readonly name: string;
  readonly field: Field;
  readonly by: 'value' | 'xmlid' | 'id';
}

export type Column = { readonly kind: 'id' } | { readonly kind: '.id' } | FieldColumn;

export interface LoadProblem {
  readonly field: string;
  readonly message: string;
  readonly moreinfo?: unknown;
  readonly field_name?: string;
}

type Result = { readonly value: unknown } | { readonly problem: LoadProblem };

interface Cell {
  readonly env: Env;
  readonly model: Model;
  readonly column: FieldColumn;
  readonly cell: unknown;
}

/** @throws OdooError AttributeError for `true` in a boolean column: Odoo lower-cases texts there. */
export function convertCell(input: Cell): Result {
  const { cell, column } = input;
  const { field } = column;
  if (field.relation !== undefined) return field.type === 'many2one' ? toOne(input) : toMany(input);
  if (cell === '' || cell === null || cell === undefined || cell === false) return { value: false };
  if (field.type === 'boolean') return toBoolean(input);
  if (field.type === 'selection') return toSelection(input);
  if (isNumeric(field)) return toNumber(input);
  if (field.type === 'date' && !isDate(String(cell).slice(0, 10)))
    return problem(
      input,
      `'${cell}' does not seem to be a valid date for field '${field.string}'`,
      "Use the format '2012-12-31'",
    );
  if (field.type === 'datetime' && !isDatetime(String(cell)) && !isDate(String(cell)))
    return problem(
      input,
      `'${cell}' does not seem to be a valid datetime for field '${field.string}'`,
      "Use the format '2012-12-31 23:59:59'",
    );
  return { value: cell };
}

const YES = new Set(['1', 'true', 'yes']);
const NO = new Set(['0', 'false', 'no', '']);

function toBoolean(input: Cell): Result {
  const { cell, column } = input;
  if (typeof cell === 'boolean') throw attributeError("'bool' object has no attribute 'lower'");
  if (typeof cell === 'number') return { value: cell !== 0 };
  const text = String(cell).toLowerCase();
  if (YES.has(text)) return { value: true };
  if (NO.has(text)) return { value: false };
  return problem(
    input,
    `Unknown value '${cell}' for boolean field '${column.field.string}'`,
    "Use '1' for yes and '0' for no",
  );
}

function toSelection(input: Cell): Result {
  const { cell, column } = input;
  const choices = column.field.selection ?? [];
  const wanted = String(cell).toLowerCase();
  const found =
    choices.find(([key]) => key === String(cell)) ??
    choices.find(([key, label]) => key.toLowerCase() === wanted || label.toLowerCase() === wanted);
  return found === undefined
    ? problem(
        input,
        `Value '${cell}' not found in selection field '${column.field.string}'`,
        choices.map(([, label]) => label),
      )
    : { value: found[0] };
}

function toNumber(input: Cell): Result {
  const { cell, column } = input;
  const isWhole = column.field.type === 'integer' || column.field.type === 'many2one_reference';
  const number = Number(cell);
  if (Number.isFinite(number) && (!isWhole || Number.isInteger(number))) return { value: number };
  return problem(
    input,
    isWhole
      ? `'${cell}' does not seem to be an integer for field '${column.field.string}'`
      : `'${cell}' does not seem to be a number for field '${column.field.string}'`,
  );
}

function toOne(input: Cell): Result {
  const { cell } = input;
  if (cell === '' || cell === null || cell === undefined || cell === false) return { value: false };
  const id = findRelated(input, String(cell));
  return id === undefined ? notFound(input, String(cell)) : { value: id };
}

function toMany(input: Cell): Result {
  const { cell } = input;
  if (cell === '' || cell === null || cell === undefined || cell === false) return { value: [[6, 0, []]] };
  const ids: number[] = [];
  for (const part of String(cell).split(',')) {
    const id = findRelated(input, part.trim());
    if (id === undefined) return notFound(input, part.trim());
    ids.push(id);
  }
  return { value: [[6, 0, ids]] };
}

function findRelated(input: Cell, text: string): number | undefined {
  const { env, column } = input;
  const { erp } = env;
  const relation = column.field.relation!;
  if (column.by === 'xmlid') {
    const target = resolveXmlid(erp, splitXmlid(text).join('.'));
    return target?.model === relation ? target.id : undefined;
  }
  if (column.by === 'id') return erp.tables.get(relation, Number(text))?.id;
  const model = erp.registry.get(relation);
  for (const row of erp.tables.all(relation)) if (displayName(env, model, row) === text) return row.id;
  return undefined;
}

const BY: Readonly<Record<'value' | 'xmlid' | 'id', string>> = {
  value: 'name',
  xmlid: 'external id',
  id: 'database id',
};

function notFound(input: Cell, text: string): Result {
  const { env, column } = input;
  const { field, by } = column;
  const list = env.erp.version === 17 ? 'tree,form' : 'list,form';
  return problem(input, `No matching record found for ${BY[by]} '${text}' in field '${field.string}'`, {
    name: 'Possible Values',
    type: 'ir.actions.act_window',
    target: 'new',
    view_mode: list,
    views: [
      [false, 'list'],
      [false, 'form'],
    ],
    context: { create: false },
    help: 'See all possible values',
    ...(by === 'value'
      ? { res_model: field.relation }
      : { res_model: 'ir.model.data', domain: [['model', '=', field.relation]] }),
  });
}

const problem = (input: Cell, message: string, moreinfo?: unknown): Result => ({
  problem: {
    field: input.column.name,
    message,
    ...(moreinfo === undefined ? {} : { moreinfo }),
    field_name: input.column.field.string,
  },
});
