/** Whether a look-up of the mapping leads to exactly one record each, of the model the field leads to. */
import type { Odoo } from '../odoo/odoo.ts';
import { type ErpField, fieldsOf } from './erp-view.ts';
import { type Found, lookUp } from './lookups.ts';
import type { Lookup } from './mapping.ts';
import type { MappingProblem } from './mapping-problem.ts';

/** Where staff make such records in Odoo. */
const MADE_AT: Readonly<Record<string, string>> = {
  'crm.team': 'CRM → Configuration → Sales Teams',
  'crm.tag': 'CRM → Configuration → Tags',
  'crm.stage': 'CRM → Configuration → Stages',
  'res.users': 'Settings → Users',
  'res.company': 'Settings → Companies',
};

/** @param input.column the field's name in the mapping */
export async function lookupProblems(
  odoo: Odoo,
  input: { column: string; lookup: Lookup; field: ErpField; path: string },
): Promise<MappingProblem[]> {
  const { column, lookup, field, path } = input;
  const problem = (text: string, fix: string): MappingProblem[] => [{ path, problem: text, fix }];
  const model = field.relation;
  if (column.endsWith('/id'))
    return problem('a look-up gives a record, no external id', 'Take the /id away.');
  if (model === undefined || !['many2one', 'many2many'].includes(field.type))
    return problem(
      `wrong type: a look-up cannot go into a field of type ${field.type}`,
      'Name a field of type many2one or many2many.',
    );
  const [by, wanted] = Object.entries(lookup)[0]! as [keyof Lookup, string | readonly string[]];
  if (field.type === 'many2one' && Array.isArray(wanted))
    return problem('the field holds one record, the look-up names several', 'Name one.');
  if (by !== 'xmlid' && (await fieldsOf(odoo, model))?.[by] === undefined)
    return problem(`${model} has no field ${by} to look it up by`, 'Look it up by "name" or "xmlid".');
  const found = await lookUp(odoo, model, lookup);
  return found
    .filter(({ ids }) => ids.length !== 1)
    .map((each) => ({ path, ...unclear({ model, by }, each) }));
}

function unclear({ model, by }: { model: string; by: string }, { wanted, ids }: Found) {
  if (ids.length > 1)
    return {
      problem: `there is more than one ${model} with ${by} "${wanted}"`,
      fix: 'Rename one in Odoo, or look it up by "xmlid".',
    };
  const where = MADE_AT[model];
  return {
    problem: `there is no ${model} with ${by} "${wanted}", or the service’s user may not see it`,
    fix: `Correct the ${by}, or make the record in Odoo${where === undefined ? '' : ` (${where})`}; the connector makes none.`,
  };
}
