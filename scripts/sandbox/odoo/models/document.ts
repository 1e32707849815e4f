/** The record a message, an activity or a file belongs to. */
import { displayName } from '../orm/display-name.ts';
import { groupId, groupsOf } from '../orm/groups.ts';
import type { Env } from '../orm/types.ts';

export const isInternal = (env: Env) => groupsOf(env.erp, env.uid).has(groupId(env.erp, 'base.group_user'));

export const nameOfTarget = (env: Env, model: unknown, id: unknown): string | false => {
  const target = typeof model === 'string' ? env.erp.registry.find(model) : undefined;
  const row = target === undefined ? undefined : env.erp.tables.get(target.name, Number(id));
  return row === undefined ? false : displayName(env, target!, row);
};
