/** An invoice shows its first ten lines; the others are paged. https://docs.stripe.com/api/invoice-line-item/retrieve */

const SHOWN = 10;

/** A copy in which every invoice, at any depth, holds at most ten lines. */
export function trimLines(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(trimLines);
  if (typeof value !== 'object' || value === null) return value;
  const copy = Object.fromEntries(Object.entries(value).map(([key, part]) => [key, trimLines(part)]));
  const lines = copy.lines as { data: unknown[]; has_more: boolean } | undefined;
  if (copy.object === 'invoice' && lines && lines.data.length > SHOWN) {
    copy.lines = { ...lines, data: lines.data.slice(0, SHOWN), has_more: true };
  }
  return copy;
}
