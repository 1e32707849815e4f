/** Records whose values stay ours: made once, written again only when what we want of them has changed. */
import { createHash } from 'node:crypto';
import { bind, findBindings } from './bindings.ts';
import type { CrmDeps } from './deps.ts';
import { type Ensured, ensureRecords } from './ensure-records.ts';
import type { Wanted } from './wanted.ts';

/**
 * @param input.columns those that follow ours; the others are given at creation, then they are staff's
 * @throws ConnectorError absent `erp_record_gone`; whatever the load throws
 */
export async function ensureCurrent(
  deps: Pick<CrmDeps, 'db' | 'odoo' | 'now'>,
  input: { model: string; wanted: readonly Wanted[]; columns: readonly string[] },
): Promise<Ensured> {
  const { model, columns } = input;
  const cells = ({ values }: Wanted) => columns.map((column) => values[column]!);
  const wanted = input.wanted.map((record) => ({ ...record, valuesHash: hashOf(cells(record)) }));
  const before = await findBindings(
    deps.db,
    wanted.map(({ name }) => name),
  );
  const ensured = await ensureRecords(deps, { model, wanted });
  const changed = wanted.filter(
    ({ name, valuesHash }) => !ensured.created.has(name) && before.get(name)?.valuesHash !== valuesHash,
  );
  if (changed.length === 0) return ensured;
  const rows = changed.map((record) => [ensured.ids.get(record.name)!, ...cells(record)]);
  await deps.odoo.load(model, ['.id', ...columns], rows);
  await bind(
    deps.db,
    changed.map(({ name, valuesHash }) => ({ name, resId: ensured.ids.get(name)!, valuesHash })),
  );
  return ensured;
}

export const hashOf = (value: unknown): string =>
  createHash('sha256').update(JSON.stringify(value)).digest('hex');
