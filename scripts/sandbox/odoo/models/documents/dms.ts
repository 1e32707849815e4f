/** OCA `dms` 17.0: who sees a directory is said by its access groups and those of the directories above it. */
import { validationError } from '../../errors.ts';
import { boolean, char, integer, many2many, many2one, selection } from '../../orm/fields.ts';
import { groupsOf, hasGroup } from '../../orm/groups.ts';
import type { ModelSource } from '../../orm/registry.ts';
import type { Env, Operation, Row, Vals } from '../../orm/types.ts';
import { unlink } from '../../orm/unlink.ts';

export const dmsStorage: ModelSource = {
  name: 'dms.storage',
  description: 'Storage',
  module: 'dms',
  fields: {
    name: char('Name', { required: true }),
    save_type: selection(
      'Save Type',
      [
        ['database', 'Database'],
        ['file', 'Filestore'],
        ['attachment', 'Attachment'],
      ],
      { required: true, defaultValue: 'database' },
    ),
    company_id: many2one('Company', 'res.company', { defaultValue: 1 }),
    is_hidden: boolean('Storage is Hidden'),
  },
};

export const dmsAccessGroup: ModelSource = {
  name: 'dms.access.group',
  description: 'Record Access Groups',
  module: 'dms',
  unique: [{ fields: ['name'], message: () => 'The name of the group must be unique!' }],
  fields: {
    name: char('Group Name', { required: true, index: true }),
    perm_create: boolean('Create Access'),
    perm_write: boolean('Write Access'),
    perm_unlink: boolean('Unlink Access'),
    group_ids: many2many('Groups', 'res.groups'),
    // Whoever makes a group without naming people is in it.
    explicit_user_ids: many2many('Explicit Users', 'res.users', {
      defaultOf: ({ uid }) => [[6, 0, [uid]]],
    }),
    count_users: integer('Count Users', { compute: (env, row) => usersOf(env, row).length }),
  },
  hooks: {
    rule: (env, row, operation) =>
      operation === 'read' ||
      operation === 'create' ||
      row.create_uid === env.uid ||
      hasGroup(env, 'dms.group_dms_manager'),
  },
};

const usersOf = (env: Env, group: Row): number[] => {
  const groups = new Set(group.group_ids as number[]);
  const members = [...env.erp.tables.all('res.users')]
    .map(({ id }) => id)
    .filter((id) => [...groupsOf(env.erp, id)].some((held) => groups.has(held)));
  return [...new Set([...members, ...(group.explicit_user_ids as number[])])];
};

export const dmsDirectory: ModelSource = {
  name: 'dms.directory',
  description: 'Directory',
  module: 'dms',
  thread: true,
  order: 'name',
  fields: {
    name: char('Name', { required: true }),
    is_root_directory: boolean('Is Root Directory'),
    parent_id: many2one('Parent Directory', 'dms.directory', { onDelete: 'restrict' }),
    storage_id: many2one('Storage', 'dms.storage', { onDelete: 'restrict' }),
    group_ids: many2many('Groups', 'dms.access.group'),
    inherit_group_ids: boolean('Inherit Groups', { defaultValue: true }),
    complete_name: char('Complete Name', {
      compute: (env, row) => [...above(env, row)].map(({ name }) => name).join(' / '),
    }),
  },
  hooks: {
    displayName: (env, row) => [...above(env, row)].map(({ name }) => name).join(' / '),
    creating: (env, vals) => {
      const parent = env.erp.tables.get('dms.directory', Number(vals.parent_id));
      return parent === undefined ? vals : { ...vals, storage_id: parent.storage_id };
    },
    created: (env, row) => checkPlace(env, row),
    written: (env, row) => checkPlace(env, row),
    deleting: (env, row) => {
      const { tables, registry } = env.erp;
      for (const [model, link] of [
        ['dms.file', 'directory_id'],
        ['dms.directory', 'parent_id'],
      ] as const)
        unlink(env, registry.get(model), [...(tables.lookup(model, link, row.id) ?? [])]);
    },
    rule: (env, row, operation) => {
      const deciding = operation === 'create' && row.is_root_directory !== true ? parentOf(env, row) : row;
      return deciding !== undefined && mayIn(env, deciding, operation);
    },
  },
};

/** Whether an access group of the directory lets this user do it. */
export function mayIn(env: Env, directory: Row, operation: Operation): boolean {
  const right = operation === 'read' ? undefined : `perm_${operation}`;
  return groupsIn(env, directory).some(
    (group) => (right === undefined || group[right] === true) && usersOf(env, group).includes(env.uid),
  );
}

function groupsIn(env: Env, directory: Row): Row[] {
  const parent = directory.inherit_group_ids === true ? parentOf(env, directory) : undefined;
  const own = (directory.group_ids as number[]).flatMap(
    (id) => env.erp.tables.get('dms.access.group', id) ?? [],
  );
  return parent === undefined ? own : [...own, ...groupsIn(env, parent)];
}

const parentOf = (env: Env, row: Row): Row | undefined =>
  row.parent_id === false ? undefined : env.erp.tables.get('dms.directory', Number(row.parent_id));

/** From the root down to the directory itself. */
function above(env: Env, row: Row): Row[] {
  const parent = parentOf(env, row);
  return parent === undefined ? [row] : [...above(env, parent), row];
}

function checkPlace(env: Env, row: Row): void {
  const isRoot = row.is_root_directory === true;
  if (isRoot && !row.storage_id) throw validationError('A root directory has to have a storage.');
  if (isRoot && row.parent_id)
    throw validationError("A directory can't be a root and have a parent directory.");
  if (!isRoot && !row.parent_id) throw validationError('A directory has to have a parent directory.');
  checkName(row, 'The directory name is invalid.');
  const same = ({ id, name, ...other }: Vals & { id: number }) =>
    id !== row.id &&
    name === row.name &&
    (isRoot
      ? other.is_root_directory === true && other.storage_id === row.storage_id
      : other.parent_id === row.parent_id);
  if ([...env.erp.tables.all('dms.directory')].some(same))
    throw validationError('A directory with the same name already exists.');
}

/** It makes a file of that name and looks whether the system lets it. */
export function checkName(row: Row, refusal: string): void {
  if (/[/\0]/.test(String(row.name)) || Buffer.byteLength(String(row.name)) > 255)
    throw validationError(refusal);
}
