/** Which groups a user is in, with everything those groups imply. */
import { resolveXmlid } from './external-ids.ts';
import type { Env, Erp } from './types.ts';

export const groupField = (erp: Erp): 'group_ids' | 'groups_id' =>
  erp.version === 19 ? 'group_ids' : 'groups_id';

export function groupId(erp: Erp, xmlid: string): number {
  const id = resolveXmlid(erp, xmlid)?.id;
  if (id === undefined) throw new Error(`the sandbox has no group ${xmlid}`);
  return id;
}

/** The groups given and all they imply. */
export function withImplied(erp: Erp, groups: Iterable<number>): Set<number> {
  const found = new Set<number>();
  const queue = [...groups];
  for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
    if (found.has(id)) continue;
    found.add(id);
    queue.push(...((erp.tables.get('res.groups', id)?.implied_ids as number[] | undefined) ?? []));
  }
  return found;
}

export function groupsOf(erp: Erp, uid: number): Set<number> {
  const row = erp.tables.get('res.users', uid);
  return withImplied(erp, (row?.[groupField(erp)] as number[] | undefined) ?? []);
}

export const hasGroup = (env: Env, xmlid: string): boolean =>
  env.su || groupsOf(env.erp, env.uid).has(groupId(env.erp, xmlid));

/** `Sales/Administrator` in access errors, `Sales / Administrator` where a field is refused. */
export function groupName(erp: Erp, id: number, separator = '/'): string {
  const row = erp.tables.get('res.groups', id);
  const category = row?.category_name;
  return category ? `${category}${separator}${row?.name}` : String(row?.name);
}
