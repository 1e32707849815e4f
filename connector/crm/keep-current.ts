/** Fields the mapping writes `always`, on records that are there already: brought back to our word whoever changed them. */
import { loadProblems } from '../odoo/load.ts';
import type { CrmDeps } from './deps.ts';
import type { Facts } from './facts.ts';
import { says } from './follow-order.ts';
import type { RecordMapping } from './mapping.ts';
import { type Cell, fieldOf, optionalColumns, type Values, valuesOf } from './values.ts';

interface Kept {
  readonly id: number;
  readonly facts: Facts;
}

/** One read, and one write when something differs; without such fields in the mapping, nothing. */
export async function keepCurrent(
  { odoo }: Pick<CrmDeps, 'odoo'>,
  mapping: RecordMapping,
  records: readonly Kept[],
): Promise<void> {
  const wanted = records.map(({ id, facts }) => ({ id, values: ownedBy(mapping, facts) }));
  const columns = Object.keys(wanted[0]?.values ?? {});
  if (columns.length === 0) return;
  const ids = wanted.map(({ id }) => id);
  const fields = columns.map(fieldOf);
  const rows = await odoo.call<({ id: number } & { [field: string]: unknown })[]>(mapping.model, 'read', {
    ids,
    fields,
  });
  const there = new Map(rows.map((row) => [row.id, row]));
  const differing = wanted.filter(({ id, values }) =>
    columns.some((column) => differs(there.get(id)?.[fieldOf(column)], values[column]!)),
  );
  if (differing.length === 0) return;
  const write = (names: readonly string[]) =>
    odoo.load(
      mapping.model,
      ['.id', ...names],
      differing.map(({ id, values }) => [id, ...names.map((name) => values[name]!)]),
    );
  const optional = optionalColumns(mapping);
  const needed = columns.filter((column) => !optional.includes(column));
  try {
    await write(columns);
  } catch (thrown) {
    // An optional value the ERP refuses stops nobody; it was told when the record was made.
    if (loadProblems(thrown).length === 0 || needed.length === columns.length) throw thrown;
    if (needed.length > 0) await write(needed);
  }
}

/** The stage is not among them: it counts at creation only, and what is won stays won. */
function ownedBy(mapping: RecordMapping, facts: Facts): Values {
  const all = valuesOf(mapping, facts, { only: 'always', empty: 'clear' });
  return Object.fromEntries(Object.entries(all).filter(([column]) => fieldOf(column) !== 'stage_id'));
}

const differs = (there: unknown, cell: Cell): boolean =>
  there === false && (cell === '' || cell === 'False') ? false : !says(there, cell);
