/** A draft is changed, a discount given: the opportunity follows where nobody has changed it since we wrote it. */
import type { CrmContext } from './deps.ts';
import { type Cell, fieldOf, type Values } from './values.ts';

/**
 * Writes the cells that differ from what we wrote before, but only into fields that are empty or still say that.
 * @param input.written what we wrote before; a record of staff's own: nothing
 */
export async function followOrder(
  { odoo, mapping }: CrmContext,
  input: { id: number; written: Values; values: Values },
): Promise<void> {
  const { model } = mapping.records.opportunity;
  const { id, written, values } = input;
  const changed = Object.keys(values).filter((column) => values[column] !== written[column]);
  if (changed.length === 0) return;
  const [now] = await odoo.call<Record<string, unknown>[]>(model, 'read', {
    ids: [id],
    fields: changed.map(fieldOf),
  });
  const ours = changed.filter((column) => {
    const there = now?.[fieldOf(column)];
    return there === false || there === 0 || there === undefined || says(there, written[column]);
  });
  if (ours.length === 0) return;
  await odoo.load(model, ['.id', ...ours], [[id, ...ours.map((column) => values[column]!)]]);
}

/** Whether a field that was read says what a cell wrote: relations by id, rich text by its text. */
export function says(there: unknown, cell: Cell | undefined): boolean {
  if (cell === undefined) return false;
  if (Array.isArray(there)) return String(there[0]) === String(cell);
  if (typeof there === 'number') return Math.abs(there - Number(cell)) < 0.005;
  if (typeof there === 'boolean') return String(there) === String(cell).toLowerCase();
  return plain(String(there)) === plain(String(cell));
}

const plain = (text: string): string =>
  text
    .replace(/<[^>]*>/g, ' ')
    .replace(/&(lt|gt|quot|#39|#34);/g, ' ')
    .replaceAll('&amp;', ' ')
    .replace(/[<>"'&\s]+/g, ' ')
    .trim();
