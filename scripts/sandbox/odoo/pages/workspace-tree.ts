/** Folders of the documents workspaces with their files. */
import { escapeHtml } from '../../page.ts';
import { displayName } from '../orm/display-name.ts';
import type { Env, Row } from '../orm/types.ts';
import { filePath, recordLink } from './links.ts';

const FOLDER = 'x_cde_folder';

export function workspaceTree(env: Env): string {
  if (env.erp.registry.find(FOLDER) === undefined) return '<p>None yet.</p>';
  const roots = [...env.erp.tables.all(FOLDER)].filter((row) => !row.x_parent_id);
  return roots.length === 0
    ? '<p>None yet.</p>'
    : `<ul>${roots.map((row) => folder(env, row)).join('')}</ul>`;
}

function folder(env: Env, row: Row): string {
  const { tables, registry } = env.erp;
  const name = displayName(env, registry.get(FOLDER), row);
  const children = [...(tables.lookup(FOLDER, 'x_parent_id', row.id) ?? [])].map(
    (id) => tables.get(FOLDER, id)!,
  );
  const inner = children.map((child) => folder(env, child)).join('') + fileItems(env, FOLDER, row.id);
  return `<li>${recordLink(FOLDER, row.id, name)}${inner === '' ? '' : `<ul>${inner}</ul>`}</li>`;
}

/** Files of a record as list items. */
export function fileItems(env: Env, model: string, id: number): string {
  return [...(env.erp.tables.lookup('ir.attachment', 'res_id', id) ?? [])]
    .map((fileId) => env.erp.tables.get('ir.attachment', fileId)!)
    .filter((file) => file.res_model === model)
    .map(
      (file) =>
        `<li><a href="${filePath(file.id)}">${escapeHtml(String(file.name))}</a> <small>${file.file_size} bytes</small></li>`,
    )
    .join('');
}
