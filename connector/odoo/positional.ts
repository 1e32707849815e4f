import type { Call } from './transport.ts';

// Overrides name these parameters differently (17: `write(self, values)`), and `create` looks at `args[0]` to choose its answer.
const BY_POSITION: Readonly<Record<string, readonly string[]>> = {
  create: ['vals_list'],
  write: ['vals'],
  load: ['fields', 'data'],
};

/** The call as `execute_kw` wants it: the records first, then arguments by position, then those by name. */
export function positional(call: Call): [args: unknown[], named: Record<string, unknown>] {
  const { ids, ...rest } = call.args;
  const first = BY_POSITION[call.method] ?? [];
  const args = [...(ids === undefined ? [] : [ids]), ...first.map((name) => rest[name])];
  return [args, Object.fromEntries(Object.entries(rest).filter(([name]) => !first.includes(name)))];
}
