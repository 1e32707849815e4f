/** `mappings/workspace.json`: the folders of a project's workspace and where its documents lie. */

import { readMapping } from '../mapping-file.ts';
import { slug } from './ids.ts';

export interface FolderPlan {
  readonly name: string;
  readonly children?: readonly FolderPlan[];
}

export type DriverChoice = 'auto' | 'documents' | 'dms' | 'attachments';

export interface WorkspaceTree {
  /** Where new workspaces lie; `auto` (default): in Odoo Documents, else OCA dms, else attachments. */
  readonly driver?: DriverChoice;
  /** Name of the workspace, with facts in braces. */
  readonly root: string;
  readonly folders: readonly FolderPlan[];
  readonly documents: { readonly bep: string; readonly eir: string };
}

const SCHEMA = new URL('../../mappings/workspace.schema.json', import.meta.url);

/** @throws ConnectorError permanent `mapping_invalid` naming every problem with its path */
export function loadWorkspaceTree(
  file: string | URL = new URL('../../mappings/workspace.json', import.meta.url),
): WorkspaceTree {
  return readMapping<WorkspaceTree>({ file: file, schemaFile: SCHEMA, check: problemsOf });
}

/** Every folder as a path of names, parents first. */
export function paths(folders: readonly FolderPlan[], above = ''): string[] {
  return folders.flatMap(({ name, children = [] }) => {
    const path = above === '' ? name : `${above}/${name}`;
    return [path, ...paths(children, path)];
  });
}

function problemsOf(tree: WorkspaceTree): string[] {
  const all = paths(tree.folders);
  const known = new Set(all);
  const homeless = Object.entries(tree.documents)
    .filter(([, path]) => !known.has(path))
    .map(([kind, path]) => `/documents/${kind}: there is no folder "${path}"`);
  const slugs = all.map(slug);
  const twins = all
    .filter((_, index) => slugs.indexOf(slugs[index]!) !== index)
    .map((path) => `/folders: "${path}" differs from another only in signs or case`);
  return [...homeless, ...twins];
}
