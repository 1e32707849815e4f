import type { WorkspaceDriver } from './driver.ts';

const MODEL = 'documents.document';

/**
 * Odoo Documents from 18 on: a folder is a document of the type "folder". Folders take over the rights of the one above:
 * internal users read, nobody comes in by a link, members read their own project. From public documentation and public
 * modules that use these models; not proven here on a real server.
 */
export const documents: WorkspaceDriver = {
  name: 'documents',
  title: 'Odoo Documents',
  proven: false,
  anchor: 'workspaces_documents',
  folderModel: MODEL,
  fileModel: MODEL,
  replaces: ['name', 'datas'],
  folder: ({ name, parent, project }) => ({
    name,
    type: 'folder',
    'folder_id/id': parent ?? 'stripe_connector.workspaces_documents',
    'partner_id/.id': project.companyId,
    access_internal: 'view',
    access_via_link: 'none',
  }),
  file: ({ name, folderId, base64 }) => ({ name, type: 'binary', 'folder_id/.id': folderId, datas: base64 }),
  admit: async (odoo, { workspaceId, partnerIds, leaving }) => {
    await odoo.call(MODEL, 'action_update_access_rights', {
      ids: [workspaceId],
      access_internal: 'view',
      access_via_link: 'none',
      // Said to the folders below as well, by Documents itself.
      // Without a role somebody is no member any more.
      partners: Object.fromEntries([
        ...leaving.map((id) => [id, [false, false]]),
        ...partnerIds.map((id) => [id, ['view', false]]),
      ]),
    });
  },
  page: async (odoo, workspaceId) => {
    const [row] = await odoo.call<{ access_url?: string | false }[]>(MODEL, 'read', {
      ids: [workspaceId],
      fields: ['access_url'],
    });
    return row?.access_url || null;
  },
};
