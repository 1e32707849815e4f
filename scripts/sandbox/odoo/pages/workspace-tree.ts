/** Folders of the documents workspaces with their files, wherever they lie. */
import { escapeHtml } from '../../page.ts';
import { displayName } from '../orm/display-name.ts';
import type { Env, Row } from '../orm/types.ts';
import { filePath, recordLink } from './links.ts';

interface Place {
  readonly model: string;
  readonly parent: string;
  readonly files: string;
  /** Field of a file that says in which folder it is. */
  readonly fileIn: string;
  readonly isFolder?: (row: Row) => boolean;
  readonly isFile?: (row: Row) => boolean;
}

const PLACES: readonly Place[] = [
  {
    model: 'x_cde_folder',
    parent: 'x_parent_id',
    files: 'ir.attachment',
    fileIn: 'res_id',
    isFile: (row) => row.res_model === 'x_cde_folder',
  },
  { model: 'dms.directory', parent: 'parent_id', files: 'dms.file', fileIn: 'directory_id' },
  {
    model: 'documents.folder',
    parent: 'parent_folder_id',
    files: 'documents.document',
    fileIn: 'folder_id',
  },
  {
    model: 'documents.document',
    parent: 'folder_id',
    files: 'documents.document',
    fileIn: 'folder_id',
    isFolder: (row) => row.type === 'folder',
    isFile: (row) => row.type !== 'folder',
  },
];

export function workspaceTree(env: Env): string {
  const { tables, registry } = env.erp;
  const roots = PLACES.filter(({ model }) => registry.find(model) !== undefined).flatMap((place) =>
    [...tables.all(place.model)]
      .filter((row) => !row[place.parent] && isFolder(place, row))
      .map((row) => folder(env, place, row)),
  );
  return roots.length === 0 ? '<p>None yet.</p>' : `<ul>${roots.join('')}</ul>`;
}

const isFolder = (place: Place, row: Row): boolean => place.isFolder?.(row) ?? true;

function folder(env: Env, place: Place, row: Row): string {
  const { model, parent } = place;
  const children = at(env, model, parent, row.id).filter((child) => isFolder(place, child));
  const inner = children.map((child) => folder(env, place, child)).join('') + fileItems(env, model, row.id);
  const name = displayName(env, env.erp.registry.get(model), row);
  return `<li>${recordLink(model, row.id, name)}${inner === '' ? '' : `<ul>${inner}</ul>`}</li>`;
}

const at = (env: Env, model: string, link: string, id: number): Row[] =>
  [...(env.erp.tables.lookup(model, link, id) ?? [])].map((other) => env.erp.tables.get(model, other)!);

/** Files of a record as list items: those in a folder, or attached to any other record. */
export function fileItems(env: Env, model: string, id: number): string {
  const place = PLACES.find((candidate) => candidate.model === model) ?? {
    files: 'ir.attachment',
    fileIn: 'res_id',
    isFile: (row: Row) => row.res_model === model,
  };
  return at(env, place.files, place.fileIn, id)
    .filter((file) => place.isFile?.(file) ?? true)
    .map(
      (file) =>
        `<li><a href="${filePath(place.files, file.id)}">${escapeHtml(String(file.name))}</a> <small>${file.file_size ?? file.size} bytes</small></li>`,
    )
    .join('');
}
