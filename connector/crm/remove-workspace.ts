/** The end of a project's workspace in the ERP, with what staff and members put into it. */
import type { Sql } from '../db/database.ts';
import type { RunAction } from './actions.ts';
import { qualified } from './ids.ts';

export interface RemovedWorkspace {
  /** False: it is gone already. */
  readonly found: boolean;
  readonly folders: number;
  readonly files: number;
}

/** @param input.dryRun counts what would go */
export async function removeWorkspace(
  deps: { readonly db: Sql; readonly runAction: RunAction },
  input: { projectId: number; dryRun?: boolean },
): Promise<RemovedWorkspace> {
  const { projectId, dryRun = false } = input;
  const removed = await deps.runAction<RemovedWorkspace>('remove_workspace', {
    values: { project_id: projectId, dry_run: dryRun },
  });
  if (dryRun) return removed;
  // Our bindings would say that staff deleted them.
  await deps.db.query('delete from erp_records where external_id = any($1) or external_id like $2', [
    ['workspace', 'members', 'bep', 'eir'].map((what) => qualified(`project_${projectId}_${what}`)),
    `${qualified(`project_${projectId}_folder_`).replaceAll('_', '\\_')}%`,
  ]);
  await deps.db.query('update projects set workspace_driver = null, workspace_members = null where id = $1', [
    projectId,
  ]);
  return removed;
}
