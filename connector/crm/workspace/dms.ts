import { qualified } from '../ids.ts';
import { idList, type WorkspaceDriver } from './driver.ts';

/** External ids that `setup erp` gives. */
export const DMS = {
  storage: 'workspaces_storage',
  readers: 'workspaces_readers',
  editors: 'workspaces_editors',
  administrators: 'workspaces_administrators',
} as const;

const groupOf = (projectId: number) => `project_${projectId}_members`;

/**
 * OCA `dms` (17.0, github.com/OCA/dms): a directory is seen by the users of its access groups and of those above it. Staff
 * come in by the groups of set-up, members by a group of their project, which gives them to read.
 */
export const dms: WorkspaceDriver = {
  name: 'dms',
  title: 'OCA dms',
  proven: true,
  anchor: DMS.storage,
  folderModel: 'dms.directory',
  fileModel: 'dms.file',
  replaces: ['name', 'content'],
  folder: ({ name, parent, project }) =>
    parent === null
      ? {
          // Two roots of one storage may not have one name.
          name: `${fileSystemName(name)} (${project.id})`,
          is_root_directory: 'True',
          'storage_id/id': qualified(DMS.storage),
          'group_ids/id': [DMS.readers, DMS.editors, DMS.administrators, groupOf(project.id)]
            .map(qualified)
            .join(','),
        }
      : { name: fileSystemName(name), 'parent_id/id': parent },
  file: ({ name, folderId, base64 }) => ({
    name: fileSystemName(name),
    'directory_id/.id': folderId,
    content: base64,
  }),
  membership: (project, name, { userIds }) => ({
    model: 'dms.access.group',
    name: groupOf(project.id),
    values: { name: `CDE ${name} (${project.id})`, 'explicit_user_ids/.id': idList(userIds) },
  }),
};

/** dms refuses what cannot be the name of a file. */
const fileSystemName = (name: string): string => name.replace(/[/\0]/g, '-');
