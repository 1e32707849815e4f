import type { WorkspaceDriver } from './driver.ts';

/**
 * Odoo Documents up to 17: folders have a model of their own, whose rights are groups of users. It knows no people
 * from outside but by a link that anybody may pass on, so stakeholders see nothing here: their files reach them by
 * mail and storage. From public documentation and public modules; not proven here on a real server.
 */
export const documents17: WorkspaceDriver = {
  name: 'documents_17',
  title: 'Odoo Documents',
  proven: false,
  anchor: 'workspaces_documents',
  folderModel: 'documents.folder',
  fileModel: 'documents.document',
  replaces: ['name', 'datas'],
  folder: ({ name, parent }) => ({
    name,
    'parent_folder_id/id': parent ?? 'stripe_connector.workspaces_documents',
    'group_ids/id': 'sales_team.group_sale_manager,stripe_connector.group_connector',
    'read_group_ids/id': 'sales_team.group_sale_salesman',
  }),
  file: ({ name, folderId, base64 }) => ({ name, 'folder_id/.id': folderId, datas: base64 }),
};
