/** The last of a project: its workspace in the ERP and what our database holds of its content. */
import { refuseHeld } from '../lifecycle/hold.ts';
import type { StepBody, StepDeps } from '../step.ts';
import { storageOwner } from './storage.ts';
import { refuseUsed } from './storage-end.ts';

export const workspaceDeleted: StepBody<'workspace_deleted'> = async (deps, { sale }) => {
  await refuseUsed(deps, sale.subscription.id);
  await refuseHeld(deps.db, sale.subscription.id);
  if (deps.lifecycle.workspace === 'keep') return { folders: 0, files: 0, kept: true };
  const { folders, files } = await deps.crm.removeWorkspace({ projectId: sale.project.id });
  return { folders, files, kept: false };
};

export const recordsDeleted: StepBody<'records_deleted'> = (deps, { sale }) =>
  deleteRecords(deps, { projectId: sale.project.id, now: deps.now() });

/** From here on the project has nothing: who returns is provisioned anew. */
export function deleteRecords(
  { db }: Pick<StepDeps, 'db'>,
  { projectId, now }: { projectId: number; now: Date },
): Promise<{ documents: number }> {
  return db.tx(async (tx) => {
    const { rowCount } = await tx.query('delete from documents where project_id = $1', [projectId]);
    await tx.query('delete from storages where project_id = $1', [projectId]);
    await tx.query('delete from secrets where owner = $1', [storageOwner(projectId)]);
    // Seats are given anew.
    await tx.query(
      'delete from portal_access where stakeholder_id in (select id from stakeholders where project_id = $1)',
      [projectId],
    );
    await tx.query('update projects set data_deleted_at = coalesce(data_deleted_at, $2) where id = $1', [
      projectId,
      now,
    ]);
    return { documents: rowCount };
  });
}
