import type { WorkspaceDriver } from './driver.ts';

export const FOLDER_MODEL = 'x_cde_folder';

/**
 * Folders are records of our own model, files their attachments: for an ERP without an application for documents. Staff
 * alone see them: Odoo gives attachments to internal users only, whoever may read the record they belong to.
 */
export const attachments: WorkspaceDriver = {
  name: 'attachments',
  title: 'folders of x_cde_folder with attachments',
  proven: true,
  anchor: null,
  folderModel: FOLDER_MODEL,
  fileModel: 'ir.attachment',
  replaces: ['name', 'datas'],
  folder: ({ path, name, parent, project }) => ({
    x_name: name,
    'x_partner_id/.id': project.companyId,
    x_project_code: project.code,
    ...(path !== null && { x_path: path }),
    ...(parent !== null && { 'x_parent_id/id': parent }),
  }),
  file: ({ name, folderId, base64 }) => ({
    name,
    res_model: FOLDER_MODEL,
    res_id: folderId,
    mimetype: 'application/pdf',
    datas: base64,
  }),
};
