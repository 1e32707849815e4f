/** The same method answers differently by version and transport; callers see one shape. */

// Return records: 17 and 18 give a number, 19 a list; over JSON-2 `create` always gives a list.
const ONE_RECORD: ReadonlySet<string> = new Set(['message_post', 'copy']);

export function normalise(method: string, result: unknown): unknown {
  if (result === undefined) return null;
  if (ONE_RECORD.has(method) && Array.isArray(result) && result.length === 1) return result[0];
  if (method === 'create' && typeof result === 'number') return [result];
  return result;
}
