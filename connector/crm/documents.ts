import { createHash } from 'node:crypto';
import type { Sale } from '../billing/sale.ts';
import { ConnectorError } from '../errors.ts';
import { bind, findBindings } from './bindings.ts';
import type { CrmDeps } from './deps.ts';
import { ensureRecords } from './ensure-records.ts';
import { externalId } from './ids.ts';
import { FOLDER_MODEL, type Workspace } from './workspace.ts';

export interface DocumentFile {
  readonly kind: 'bep' | 'eir';
  readonly fileName: string;
  readonly content: Uint8Array;
}

const MODEL = 'ir.attachment';

/**
 * Files the documents where the workspace mapping says; one with other content replaces the earlier one of its kind.
 * @returns attachment ids in the order of `files`
 */
export async function fileDocuments(
  deps: CrmDeps,
  sale: Sale,
  input: { folders: Workspace['folders']; files: readonly DocumentFile[] },
): Promise<{ attachmentIds: readonly number[] }> {
  const wanted = input.files.map((file) => ({
    name: externalId.document(sale.project.id, file.kind),
    valuesHash: createHash('sha256').update(file.content).digest('hex'),
    values: {
      name: file.fileName,
      res_model: FOLDER_MODEL,
      res_id: folderOf(deps, input.folders, file.kind),
      mimetype: 'application/pdf',
      datas: Buffer.from(file.content).toString('base64'),
    },
  }));
  const before = await findBindings(
    deps.db,
    wanted.map(({ name }) => name),
  );
  const { ids, created } = await ensureRecords(deps, { model: MODEL, wanted });
  for (const { name, valuesHash, values } of wanted) {
    if (created.has(name) || before.get(name)?.valuesHash === valuesHash) continue;
    const { name: fileName, datas } = values;
    await deps.odoo.call(MODEL, 'write', { ids: [ids.get(name)!], vals: { name: fileName, datas } });
    await bind(deps.db, [{ name, resId: ids.get(name)!, valuesHash }]);
  }
  return { attachmentIds: wanted.map(({ name }) => ids.get(name)!) };
}

function folderOf(deps: CrmDeps, folders: Workspace['folders'], kind: DocumentFile['kind']): number {
  const path = deps.workspaceTree.documents[kind];
  const folder = folders.find((candidate) => candidate.path === path);
  if (folder !== undefined) return folder.id;
  throw new ConnectorError({
    kind: 'permanent',
    code: 'workspace_folder_missing',
    message: `the workspace has no folder "${path}" for the ${kind.toUpperCase()}`,
    advice: 'mappings/workspace.json was changed after this workspace was made: make the folder, then retry.',
  });
}
