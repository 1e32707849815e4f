import type { Sale } from '../billing/sale.ts';
import type { CrmDeps } from './deps.ts';
import { ensureRecords, type Wanted } from './ensure-records.ts';
import { saleFacts } from './facts.ts';
import { externalId, qualified } from './ids.ts';
import { fill } from './values.ts';
import { paths } from './workspace-tree.ts';

export interface Workspace {
  readonly workspaceId: number;
  readonly driver: string;
  /** Parents first; paths of names below the workspace. */
  readonly folders: readonly { readonly path: string; readonly id: number }[];
}

/** Folders are records of our own model, files their attachments. */
const DRIVER = 'attachments';
export const FOLDER_MODEL = 'x_cde_folder';

/**
 * The project's workspace with its whole tree, in one load.
 * @throws ConnectorError absent `erp_record_gone` when staff deleted a folder
 */
export async function ensureWorkspace(
  deps: CrmDeps,
  sale: Sale,
  input: { companyId: number },
): Promise<Workspace> {
  const { id: projectId, code } = sale.project;
  const root = externalId.workspace(projectId);
  const common = { 'x_partner_id/.id': input.companyId, x_project_code: code };
  const folder = (path: string): Wanted => {
    const above = path.lastIndexOf('/');
    const parent = above < 0 ? root : externalId.folder(projectId, path.slice(0, above));
    return {
      name: externalId.folder(projectId, path),
      values: {
        ...common,
        x_name: path.slice(above + 1),
        x_path: path,
        'x_parent_id/id': qualified(parent),
      },
    };
  };
  const all = paths(deps.workspaceTree.folders);
  const { ids } = await ensureRecords(deps, {
    model: FOLDER_MODEL,
    wanted: [
      { name: root, values: { ...common, x_name: fill(deps.workspaceTree.root, saleFacts(sale)) } },
      ...all.map(folder),
    ],
  });
  return {
    workspaceId: ids.get(root)!,
    driver: DRIVER,
    folders: all.map((path) => ({ path, id: ids.get(externalId.folder(projectId, path))! })),
  };
}
