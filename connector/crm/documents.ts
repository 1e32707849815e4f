import type { Sale } from '../billing/sale.ts';
import { ConnectorError } from '../errors.ts';
import type { CrmDeps } from './deps.ts';
import { ensureCurrent } from './ensure-current.ts';
import { externalId } from './ids.ts';
import { DRIVERS } from './workspace/drivers.ts';
import type { Workspace } from './workspace.ts';

export interface DocumentFile {
  readonly kind: 'bep' | 'eir';
  readonly fileName: string;
  readonly content: Uint8Array;
}

/**
 * Files the documents where the workspace mapping says; one with other content replaces the earlier one of its kind.
 * @returns ids of the driver's file model, in the order of `files`
 */
export async function fileDocuments(
  deps: CrmDeps,
  sale: Sale,
  input: { workspace: Pick<Workspace, 'driver' | 'folders'>; files: readonly DocumentFile[] },
): Promise<{ fileIds: readonly number[] }> {
  const driver = DRIVERS[input.workspace.driver];
  const wanted = input.files.map((file) => ({
    name: externalId.document(sale.project.id, file.kind),
    values: driver.file({
      name: file.fileName,
      folderId: folderOf(deps, input.workspace.folders, file.kind),
      base64: Buffer.from(file.content).toString('base64'),
    }),
  }));
  const { ids } = await ensureCurrent(deps, { model: driver.fileModel, wanted, columns: driver.replaces });
  return { fileIds: wanted.map(({ name }) => ids.get(name)!) };
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
