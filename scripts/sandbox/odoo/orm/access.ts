/** Who may do what: model by model through `ir.model.access`, record by record through the models' rules, field by field through groups. */
import { accessError } from '../errors.ts';
import { isOverlooked } from './fresh-rights.ts';
import { groupId, groupName, groupsOf, hasGroup } from './groups.ts';
import type { Env, Model, Operation, Row } from './types.ts';

const WORDS: Readonly<Record<Operation, string>> = {
  read: 'access',
  write: 'modify',
  create: 'create',
  unlink: 'delete',
};

/** The superuser of a database: server actions under `sudo()` act as the caller, but nothing asks this one. */
export const SUPERUSER = 1;

function rights(env: Env, model: Model, operation: Operation): Row[] {
  const { tables } = env.erp;
  const modelRow = tables.first('ir.model', 'model', model.name);
  if (modelRow === undefined) return [];
  return [...(tables.lookup('ir.model.access', 'model_id', modelRow.id) ?? [])]
    .map((id) => tables.get('ir.model.access', id)!)
    .filter((row) => row.active !== false && row[`perm_${operation}`] === true);
}

export function mayAccess(env: Env, model: Model, operation: Operation): boolean {
  if (env.su || env.uid === SUPERUSER) return true;
  const granted = rights(env, model, operation).filter((row) => !isOverlooked(env, row, operation));
  if (granted.length === 0) return false;
  const groups = groupsOf(env.erp, env.uid);
  return granted.some((row) => row.group_id === false || groups.has(Number(row.group_id)));
}

/** @throws OdooError AccessError naming the groups that may. */
export function checkAccess(env: Env, model: Model, operation: Operation): void {
  if (mayAccess(env, model, operation)) return;
  const groups = rights(env, model, operation)
    .filter((row) => row.group_id !== false)
    .map((row) => `\t- ${groupName(env.erp, Number(row.group_id))}`);
  const who =
    groups.length === 0
      ? 'No group currently allows this operation.'
      : `This operation is allowed for the following groups:\n${[...new Set(groups)].sort().join('\n')}`;
  throw accessError(
    `You are not allowed to ${WORDS[operation]} '${model.description}' (${model.name}) records.\n\n${who}\n\nContact your administrator to request access if necessary.`,
  );
}

export const isVisible = (env: Env, model: Model, row: Row): boolean =>
  env.su || (model.hooks.rule?.(env, row, 'read') ?? true);

/** @throws OdooError AccessError when a rule of the model refuses this very record. */
export function checkRule(env: Env, model: Model, row: Row, operation: Operation): void {
  if (env.su || (model.hooks.rule?.(env, row, operation) ?? true)) return;
  const user = env.erp.tables.get('res.users', env.uid);
  const partner = env.erp.tables.get('res.partner', Number(user?.partner_id));
  throw accessError(
    `Uh-oh! Looks like you have stumbled upon some top-secret records.\n\nSorry, ${partner?.name} (id=${env.uid}) doesn't have '${operation}' access to:\n- ${model.description} (${model.name})\n\nIf you really, really need access, perhaps you can win over your friendly administrator with a batch of freshly baked cookies.`,
  );
}

/** @throws OdooError AccessError for a field that only another group may see. */
export function checkField(env: Env, model: Model, name: string): void {
  const group = model.fields.get(name)?.group;
  if (group === undefined || hasGroup(env, group)) return;
  throw accessError(
    `You do not have enough rights to access the field "${name}" on ${model.description} (${model.name}). Please contact your system administrator.\n\nOperation: read\nUser: ${env.uid}\nGroups: allowed for groups '${groupName(env.erp, groupId(env.erp, group), ' / ')}'`,
  );
}

export const mayReadField = (env: Env, model: Model, name: string): boolean => {
  const group = model.fields.get(name)?.group;
  return group === undefined || hasGroup(env, group);
};
