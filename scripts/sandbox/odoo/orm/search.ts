/** Search: the rows of a model that a domain allows, a user may see, in order. */
import { checkAccess, isVisible } from './access.ts';
import { compileDomain } from './domain.ts';
import { sorter } from './order.ts';
import type { Env, Model, Row } from './types.ts';

export interface Query {
  readonly domain?: unknown;
  readonly order?: unknown;
  readonly limit?: unknown;
  readonly offset?: unknown;
}

export function searchRows(env: Env, model: Model, query: Query): Row[] {
  checkAccess(env, model, 'read');
  const compare = sorter(env, model, typeof query.order === 'string' ? query.order : undefined);
  const rows = matching(env, model, query.domain ?? []).sort(compare);
  const offset = Number(query.offset || 0);
  const limit = Number(query.limit || 0);
  return limit > 0 ? rows.slice(offset, offset + limit) : rows.slice(offset);
}

export function countRows(env: Env, model: Model, domain: unknown): number {
  checkAccess(env, model, 'read');
  return matching(env, model, domain).length;
}

function matching(env: Env, model: Model, domain: unknown): Row[] {
  const { tables } = env.erp;
  const { test, candidates } = compileDomain(env, model, domain);
  const found: Row[] = [];
  const consider = (row: Row | undefined) => {
    if (row !== undefined && test(row) && isVisible(env, model, row)) found.push(row);
  };
  if (candidates !== undefined) for (const id of candidates) consider(tables.get(model.name, id));
  else for (const row of tables.all(model.name)) consider(row);
  return found;
}
