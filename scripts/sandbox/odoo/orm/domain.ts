/** Search domains: prefix notation of leaves, `&`, `|` and `!`. */
import { valueError } from '../errors.ts';
import { condition, OPERATORS } from './condition.ts';
import type { Env, Model, Row } from './types.ts';

export type Test = (row: Row) => boolean;

export interface Compiled {
  readonly test: Test;
  /** Ids outside of which nothing can match, when an indexed field narrows the search. */
  readonly candidates: ReadonlySet<number> | undefined;
}

/**
 * Adds the archive filter unless the context or the domain itself speaks of it.
 * @throws OdooError ValueError for an unknown field or operator, or a domain of the wrong form.
 */
export function compileDomain(env: Env, model: Model, domain: unknown): Compiled {
  if (!Array.isArray(domain)) throw valueError(`Domain() invalid item in domain: ${JSON.stringify(domain)}`);
  const compiled = parse(env, model, domain);
  const flag = archiveFlag(model);
  if (flag === undefined || env.context.active_test === false || mentions(domain, flag)) return compiled;
  return { ...compiled, test: (row) => row[flag] === true && compiled.test(row) };
}

export const archiveFlag = (model: Model): 'active' | 'x_active' | undefined =>
  model.fields.has('active') ? 'active' : model.fields.has('x_active') ? 'x_active' : undefined;

const mentions = (domain: readonly unknown[], field: string) =>
  domain.some((item) => Array.isArray(item) && item[0] === field);

const ALL: Compiled = { test: () => true, candidates: undefined };

function parse(env: Env, model: Model, domain: readonly unknown[]): Compiled {
  const items = [...domain];
  const term = (): Compiled => {
    if (items.length === 0) throw valueError('Domain() is malformed: an operator lacks its operands');
    const item = items.shift();
    if (item === '&') return and(term(), term());
    if (item === '|') return or(term(), term());
    if (item === '!') {
      const inner = term();
      return { test: (row) => !inner.test(row), candidates: undefined };
    }
    return leaf(env, model, item);
  };
  let result = ALL;
  while (items.length > 0) result = and(result, term());
  return result;
}

function and(a: Compiled, b: Compiled): Compiled {
  if (a === ALL) return b;
  const narrower =
    a.candidates !== undefined && b.candidates !== undefined
      ? a.candidates.size <= b.candidates.size
        ? a.candidates
        : b.candidates
      : (a.candidates ?? b.candidates);
  return { test: (row) => a.test(row) && b.test(row), candidates: narrower };
}

const or = (a: Compiled, b: Compiled): Compiled => ({
  test: (row) => a.test(row) || b.test(row),
  candidates:
    a.candidates !== undefined && b.candidates !== undefined
      ? new Set([...a.candidates, ...b.candidates])
      : undefined,
});

function leaf(env: Env, model: Model, item: unknown): Compiled {
  if (!Array.isArray(item) || item.length !== 3)
    throw valueError(
      env.erp.version === 19
        ? `Domain() invalid item in domain: ${JSON.stringify(item)}`
        : `not enough values to unpack (expected 3, got ${Array.isArray(item) ? item.length : 1})`,
    );
  const [left, operator, right] = item as [unknown, unknown, unknown];
  if ((left === 1 || left === 0) && operator === '=')
    return { test: () => (left === right) as boolean, candidates: undefined };
  const name = String(left);
  if (!OPERATORS.has(String(operator)))
    throw valueError(
      env.erp.version === 19
        ? `Invalid operator in condition ('${name}', '${operator}', ${show(right)})`
        : `Invalid leaf ('${name}', '${operator}', ${show(right)})`,
    );
  return condition({
    env,
    model,
    path: name.split('.'),
    operator: String(operator),
    value: right,
    unknown: () =>
      valueError(
        `Invalid field ${model.name}.${name} in ${env.erp.version === 19 ? 'condition' : 'leaf'} ('${name}', '${operator}', ${show(right)})`,
      ),
  });
}

const show = (value: unknown) => (typeof value === 'string' ? `'${value}'` : JSON.stringify(value));
