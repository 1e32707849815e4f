/** Whether a field of the ERP can hold what the mapping puts there; pure. */
import type { ErpField } from './erp-view.ts';
import { FACT_TYPES, type FactType } from './fact-types.ts';
import type { FieldMapping } from './mapping.ts';

export interface Misfit {
  readonly problem: string;
  readonly fix: string;
}

/** Models that the mapping's links lead to. */
export type LinkModels = Readonly<Record<'company' | 'opportunity' | 'workspace', string>>;

const TEXT = ['char', 'text', 'html'];
const FITTING: Readonly<Record<'integer' | 'money' | 'date' | 'boolean', readonly string[]>> = {
  integer: ['integer', 'float', 'monetary'],
  money: ['monetary', 'float'],
  date: ['datetime', 'date'],
  boolean: ['boolean'],
};

/** @param column the field's name in the mapping, `/id` included @returns undefined when it fits */
export function misfitOf(input: {
  column: string;
  rule: FieldMapping;
  field: ErpField;
  links: LinkModels;
}): Misfit | undefined {
  const { rule, field } = input;
  const byExternalId = input.column.endsWith('/id');
  if (rule.value !== undefined) return constantMisfit({ value: rule.value, field, byExternalId });
  if (rule.text !== undefined) return byExternalId ? noTextIsAnId : textMisfit(field, rule, undefined);
  const type = FACT_TYPES[rule.fact!];
  return type && factMisfit(type, { ...input, byExternalId });
}

const noTextIsAnId: Misfit = {
  problem: 'a text cannot name a record',
  fix: 'Use a fact that is an external id (…_xmlid), or a constant external id.',
};

function factMisfit(
  type: FactType,
  input: { rule: FieldMapping; field: ErpField; links: LinkModels; byExternalId: boolean },
): Misfit | undefined {
  const { rule, field, byExternalId } = input;
  if (type.kind === 'external_id') return relationMisfit(type.model, field, { byExternalId, wanted: true });
  if (type.kind === 'link')
    return relationMisfit(input.links[type.to], field, { byExternalId, wanted: false });
  if (byExternalId)
    return {
      problem: `"${rule.fact}" is no external id`,
      fix: 'Take the /id away, or use a fact that ends in _xmlid.',
    };
  if (type.kind === 'text') return textMisfit(field, rule, type.values);
  return FITTING[type.kind].includes(field.type)
    ? undefined
    : wrongType(type.kind, field, FITTING[type.kind]);
}

function relationMisfit(
  model: string,
  field: ErpField,
  { byExternalId, wanted }: { byExternalId: boolean; wanted: boolean },
): Misfit | undefined {
  // By external id a load fills both kinds; a field that holds several records gets the one.
  const fitting = wanted ? ['many2one', 'many2many'] : ['many2one'];
  if (!fitting.includes(field.type)) return wrongType(`link to ${model}`, field, fitting);
  if (field.relation !== model)
    return {
      problem: `the field leads to ${field.relation}, the fact to ${model}`,
      fix: `Name a field that leads to ${model}.`,
    };
  if (byExternalId === wanted) return undefined;
  return wanted
    ? { problem: 'the fact is an external id', fix: 'Write the field with /id at its end.' }
    : { problem: 'the fact is a record, no external id', fix: 'Take the /id away.' };
}

function textMisfit(
  field: ErpField,
  rule: FieldMapping,
  values: readonly string[] | undefined,
): Misfit | undefined {
  if (TEXT.includes(field.type)) return undefined;
  if (field.type !== 'selection') return wrongType('text', field, TEXT);
  // An optional field is left out when the ERP refuses the value.
  if (rule.optional === true) return undefined;
  if (values === undefined)
    return {
      problem: 'a selection field cannot be relied on to take any text',
      fix: 'Use a text field, or mark it "optional": true.',
    };
  return selectionMisfit(field, values);
}

function selectionMisfit(field: ErpField, values: readonly string[]): Misfit | undefined {
  const known = new Set(field.selection!.map(([value]) => value));
  const unknown = values.filter((value) => !known.has(value));
  if (unknown.length === 0) return undefined;
  return {
    problem: `the selection has no value ${unknown.map((value) => `"${value}"`).join(', ')} (it has ${[...known].join(', ')})`,
    fix: 'Add the values to the field in Odoo, or use a text field.',
  };
}

function constantMisfit(input: {
  value: string | number | boolean;
  field: ErpField;
  byExternalId: boolean;
}): Misfit | undefined {
  const { value, field, byExternalId } = input;
  // An empty constant empties any field.
  if (value === '') return undefined;
  if (byExternalId) {
    if (field.type !== 'many2one') return wrongType('external id', field, ['many2one']);
    if (typeof value === 'string' && /^\w+\.[\w.-]+$/.test(value)) return undefined;
    return { problem: `${JSON.stringify(value)} is no external id`, fix: 'Write it as module.name.' };
  }
  if (field.type === 'many2one')
    return {
      problem: 'a constant cannot name a record by its text or number',
      fix: 'Write the field with /id at its end and give an external id.',
    };
  if (typeof value === 'boolean')
    return field.type === 'boolean' ? undefined : wrongType('boolean', field, ['boolean']);
  if (typeof value === 'number')
    return FITTING.integer.includes(field.type) ? undefined : wrongType('number', field, FITTING.integer);
  if (field.type === 'selection') return selectionMisfit(field, [value]);
  return TEXT.includes(field.type) ? undefined : wrongType('text', field, TEXT);
}

const wrongType = (what: string, field: ErpField, fitting: readonly string[]): Misfit => ({
  problem: `wrong type: a ${what} cannot go into a field of type ${field.type}`,
  fix: `Name a field of type ${fitting.join(', ')}.`,
});
