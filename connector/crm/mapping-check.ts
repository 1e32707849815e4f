/** Whether `odoo.json` and this ERP fit each other, asked with the running key alone. */

import { ConnectorError } from '../errors.ts';
import type { Odoo } from '../odoo/odoo.ts';
import { type ErpFields, fieldsOf, type Operation, rightsLacking } from './erp-view.ts';
import { type LinkModels, misfitOf } from './field-fit.ts';
import { MODULE } from './ids.ts';
import { lookupProblems } from './lookup-check.ts';
import type { FieldMapping, OdooMapping, RecordMapping } from './mapping.ts';
import type { MappingProblem } from './mapping-problem.ts';
import { resolveXmlid } from './resolve-xmlid.ts';
import { FOLDER_MODEL } from './workspace/attachments.ts';

const NEEDED: readonly Operation[] = ['read', 'create', 'write'];
const SETUP = 'run "npm run cli -- setup erp"';

/**
 * Every field against `fields_get`, every constant external id looked up, every model's rights.
 * @throws ConnectorError only when the ERP cannot be asked
 */
export async function checkOdooMapping(odoo: Odoo, mapping: OdooMapping): Promise<readonly MappingProblem[]> {
  const records = Object.entries(mapping.records);
  const models = [...new Set(records.map(([, { model }]) => model))];
  const seen = new Map(
    await Promise.all(
      models.map(async (model) => [model, await lookAt(odoo, model)] satisfies [string, ModelView]),
    ),
  );
  const links: LinkModels = {
    company: mapping.records.company.model,
    opportunity: mapping.records.opportunity.model,
    workspace: FOLDER_MODEL,
  };
  const found = await Promise.all(
    records.map(([kind, record]) =>
      recordProblems({ odoo, record, view: seen.get(record.model)!, links, path: `/records/${kind}` }),
    ),
  );
  return [...found.flat(), ...(await lostReasonProblem(odoo, mapping))];
}

/** @throws ConnectorError permanent `mapping_wrong`, its message listing every problem; whatever asking the ERP throws */
export async function requireFittingMapping(input: {
  odoo: Odoo;
  mapping: OdooMapping;
  file: string;
}): Promise<void> {
  const problems = await checkOdooMapping(input.odoo, input.mapping);
  if (problems.length === 0) return;
  const lines = problems.map(({ path, problem, fix }) => `  - ${path}: ${problem}. ${fix}`);
  throw new ConnectorError({
    kind: 'permanent',
    code: 'mapping_wrong',
    system: 'odoo',
    message: `${input.file} does not fit this ERP, ${problems.length} problem(s):\n${lines.join('\n')}`,
    advice: 'Correct the file or the ERP until "npm run cli -- mappings check" finds nothing.',
    details: { file: input.file, problems },
  });
}

interface ModelView {
  /** undefined: there is no such model. */
  readonly fields: ErpFields | undefined;
  readonly lacking: readonly Operation[];
}

async function lookAt(odoo: Odoo, model: string): Promise<ModelView> {
  const fields = await fieldsOf(odoo, model);
  if (fields === undefined) return { fields, lacking: [] };
  return { fields, lacking: await rightsLacking(odoo, model, NEEDED) };
}

async function recordProblems(input: {
  odoo: Odoo;
  record: RecordMapping;
  view: ModelView;
  links: LinkModels;
  path: string;
}): Promise<MappingProblem[]> {
  const { record, path } = input;
  const { fields, lacking } = input.view;
  if (fields === undefined) return [noModel(record.model, path)];
  const rights = lacking.length === 0 ? [] : [noRight({ model: record.model, path, lacking })];
  const each = await Promise.all(
    Object.entries(record.fields).map(([column, rule]) =>
      fieldProblem({
        ...input,
        column,
        rule,
        fields,
        path: `${path}/fields/${column.replaceAll('/', '~1')}`,
        // Without the right to write Odoo calls every field read-only: the right is the thing to mend.
        mayWrite: !lacking.includes('write'),
      }),
    ),
  );
  return [...rights, ...each.flat()];
}

async function fieldProblem(input: {
  odoo: Odoo;
  record: RecordMapping;
  column: string;
  rule: FieldMapping;
  fields: ErpFields;
  links: LinkModels;
  path: string;
  mayWrite: boolean;
}): Promise<MappingProblem[]> {
  const { odoo, record, column, rule, path } = input;
  const name = column.replace(/\/id$/, '');
  const field = input.fields[name];
  if (field === undefined) return [noField(name, record.model, path)];
  if (field.readonly && input.mayWrite)
    return [
      {
        path,
        problem: `${record.model}.${name} is read-only`,
        fix: 'Name a field that can be written: a computed one keeps nothing.',
      },
    ];
  if (rule.lookup !== undefined) return lookupProblems(odoo, { column, lookup: rule.lookup, field, path });
  const misfit = misfitOf({ column, rule, field, links: input.links });
  if (misfit !== undefined) return [{ path, ...misfit }];
  if (typeof rule.value !== 'string' || rule.value === '' || name === column) return [];
  return constantProblem(odoo, { xmlid: rule.value, model: field.relation, path });
}

async function constantProblem(
  odoo: Odoo,
  { xmlid, model, path }: { xmlid: string; model: string | undefined; path: string },
): Promise<MappingProblem[]> {
  const target = await resolveXmlid(odoo, xmlid);
  if (target === null)
    return [
      {
        path,
        problem: `there is no external id "${xmlid}", or the service’s user may not read its record`,
        fix: xmlid.startsWith(`${MODULE}.`)
          ? `Make it: ${SETUP}.`
          : 'Correct it, or give the record that external id in Odoo (Settings → Technical → External Identifiers).',
      },
    ];
  if (target.model === model) return [];
  return [
    {
      path,
      problem: `"${xmlid}" is a record of ${target.model}, the field leads to ${model}`,
      fix: `Name a record of ${model}.`,
    },
  ];
}

function lostReasonProblem(odoo: Odoo, { abandoned }: OdooMapping): Promise<MappingProblem[]> {
  const model = 'crm.lost.reason';
  return constantProblem(odoo, { xmlid: abandoned.lostReason, model, path: '/abandoned/lostReason' });
}

const isOurs = (name: string) => name.startsWith('x_');

const noModel = (model: string, path: string): MappingProblem => ({
  path: `${path}/model`,
  problem: `this ERP has no model ${model}`,
  fix: isOurs(model)
    ? `Make it: ${SETUP}.`
    : `Install the Odoo app that brings ${model}, or correct the name.`,
});

const noField = (name: string, model: string, path: string): MappingProblem => ({
  path,
  problem: `${model} has no field ${name}, or the service’s user may not see it`,
  fix:
    isOurs(model) || name.startsWith('x_stripe_')
      ? `Correct the name, or ${SETUP}.`
      : 'Correct the name, or make the field in Odoo (Settings → Technical → Fields).',
});

const noRight = (input: { model: string; path: string; lacking: readonly Operation[] }): MappingProblem => ({
  path: `${input.path}/model`,
  problem: `the service’s user may not ${input.lacking.join(', ')} records of ${input.model}`,
  fix: `Give it the right: ${SETUP}.`,
});
