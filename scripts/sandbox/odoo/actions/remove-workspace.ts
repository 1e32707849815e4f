/** Deletes one project's workspace with everything in it, or counts what would go. */
import { resolveXmlid } from '../orm/external-ids.ts';
import { type Env, type Row, sudo } from '../orm/types.ts';
import { unlink } from '../orm/unlink.ts';
import type { Handler } from './handler.ts';

interface Place {
  readonly parent: string;
  /** null: files are records of the folder model. */
  readonly files: { readonly model: string; readonly folder: string } | null;
}

const PLACES: Readonly<Record<string, Place>> = {
  x_cde_folder: { parent: 'x_parent_id', files: { model: 'ir.attachment', folder: 'res_id' } },
  'documents.document': { parent: 'folder_id', files: null },
  'documents.folder': {
    parent: 'parent_folder_id',
    files: { model: 'documents.document', folder: 'folder_id' },
  },
  'dms.directory': { parent: 'parent_id', files: { model: 'dms.file', folder: 'directory_id' } },
};

export const removeWorkspace: Handler = ({ env, values }) => {
  const projectId = Number(values.project_id);
  const root = resolveXmlid(env.erp, `stripe_connector.project_${projectId}_workspace`);
  const place = root && PLACES[root.model];
  const gone = { found: false, folders: 0, files: 0 };
  const counts =
    root === undefined || place === undefined ? gone : below(env, root, place, values.dry_run === true);
  const group = resolveXmlid(env.erp, `stripe_connector.project_${projectId}_members`);
  if (values.dry_run !== true && group?.model === 'dms.access.group')
    unlink(sudo(env), env.erp.registry.get(group.model), [group.id]);
  return counts;
};

function below(env: Env, root: { model: string; id: number }, place: Place, dryRun: boolean) {
  const { tables, registry } = env.erp;
  const folders: Row[] = [];
  let level = [...tables.all(root.model)].filter((row) => row.id === root.id);
  while (level.length > 0) {
    folders.unshift(...level);
    const above = new Set(level.map((row) => row.id));
    level = [...tables.all(root.model)].filter((row) => above.has(Number(row[place.parent])));
  }
  const ids = new Set(folders.map((row) => row.id));
  const files =
    place.files === null
      ? []
      : [...tables.all(place.files.model)].filter(
          (row) =>
            ids.has(Number(row[place.files!.folder])) &&
            (place.files!.model !== 'ir.attachment' || row.res_model === root.model),
        );
  if (!dryRun) {
    for (const file of files) unlink(sudo(env), registry.get(place.files!.model), [file.id]);
    for (const folder of folders) unlink(sudo(env), registry.get(root.model), [folder.id]);
  }
  return { found: true, folders: folders.length, files: files.length };
}
