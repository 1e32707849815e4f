/** Look-ups of the mapping: records staff have in the ERP (a team, a salesperson, tags), named by what staff call them. */
import { ConnectorError } from '../errors.ts';
import type { Odoo } from '../odoo/odoo.ts';
import { fieldsOf } from './erp-view.ts';
import type { Lookup, RecordMapping } from './mapping.ts';
import { resolveXmlid } from './resolve-xmlid.ts';
import type { Cell, Values } from './values.ts';

// What a team or a tag is called changes seldom; one question an hour costs a sale nothing.
const KEPT_MS = 3_600_000;

export interface Lookups {
  /** The cells of a record's look-ups, by column of a load. @throws ConnectorError permanent `mapping_lookup_failed` */
  of(record: RecordMapping): Promise<Values>;
}

export interface Found {
  readonly wanted: string;
  readonly ids: readonly number[];
}

export function createLookups(deps: { odoo: Odoo; now: () => Date }): Lookups {
  const kept = new Map<RecordMapping, { readonly at: number; readonly cells: Promise<Values> }>();
  return {
    async of(record) {
      if (!Object.values(record.fields).some((rule) => rule.lookup !== undefined)) return {};
      const known = kept.get(record);
      if (known !== undefined && deps.now().getTime() - known.at < KEPT_MS) return known.cells;
      const cells = resolve(deps.odoo, record);
      kept.set(record, { at: deps.now().getTime(), cells });
      cells.catch(() => kept.delete(record));
      return cells;
    },
  };
}

async function resolve(odoo: Odoo, record: RecordMapping): Promise<Values> {
  const fields = await fieldsOf(odoo, record.model);
  const cells: Record<string, Cell> = {};
  for (const [name, { lookup }] of Object.entries(record.fields)) {
    if (lookup === undefined) continue;
    const model = fields?.[name]?.relation;
    if (model === undefined) throw failed(`${record.model}.${name}`, 'leads nowhere: there is no such field');
    const found = await lookUp(odoo, model, lookup);
    const wrong = found.find(({ ids }) => ids.length !== 1);
    if (wrong !== undefined) throw failed(`${record.model}.${name}`, findsWrong(wrong));
    cells[`${name}/.id`] = found.map(({ ids }) => ids[0]).join(',');
  }
  return cells;
}

/** What each wanted name leads to: nothing, one record, or several. Archived records are not found. */
export async function lookUp(odoo: Odoo, model: string, lookup: Lookup): Promise<readonly Found[]> {
  const [by, wanted] = Object.entries(lookup)[0]! as [keyof Lookup, string | readonly string[]];
  return Promise.all(
    [wanted].flat().map(async (text) => ({
      wanted: text,
      ids: by === 'xmlid' ? await byExternalId(odoo, model, text) : await bySearch(odoo, { model, by, text }),
    })),
  );
}

async function byExternalId(odoo: Odoo, model: string, xmlid: string): Promise<number[]> {
  const target = await resolveXmlid(odoo, xmlid);
  return target?.model === model ? [target.id] : [];
}

function bySearch(odoo: Odoo, input: { model: string; by: string; text: string }): Promise<number[]> {
  return odoo.call<number[]>(input.model, 'search', { domain: [[input.by, '=', input.text]], limit: 2 });
}

const findsWrong = ({ wanted, ids }: Found): string =>
  `finds ${ids.length === 0 ? 'nothing' : 'more than one record'} called "${wanted}"`;

const failed = (field: string, what: string): ConnectorError =>
  new ConnectorError({
    kind: 'permanent',
    code: 'mapping_lookup_failed',
    system: 'odoo',
    message: `the look-up of ${field} ${what}`,
    advice: 'Run "npm run cli -- mappings check": it says what to correct in mappings/odoo.json or in Odoo.',
  });
