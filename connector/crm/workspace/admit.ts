/** Members of workspaces whose folders say themselves who may: let in and out as a whole, remembered with the project. */
import type { CrmDeps } from '../deps.ts';
import type { WorkspaceDriver } from './driver.ts';

interface Known {
  /** ERP ids of partners. */
  readonly ids: readonly number[];
  /** False: the ERP's answer was not read yet. */
  readonly said: boolean;
}

/** Asks nothing of the ERP when nobody comes or goes. @returns how many left */
export async function admit(
  { db, odoo }: Pick<CrmDeps, 'db' | 'odoo'>,
  driver: WorkspaceDriver,
  input: { projectId: number; workspaceId: number; partnerIds: readonly number[] },
): Promise<number> {
  if (driver.admit === undefined) return 0;
  const { projectId, workspaceId, partnerIds } = input;
  const { rows } = await db.query<{ known: Known | null }>(
    'select workspace_members as known from projects where id = $1',
    [projectId],
  );
  const known = rows[0]?.known ?? { ids: [], said: true };
  const leaving = known.ids.filter((id) => !partnerIds.includes(id));
  const coming = partnerIds.filter((id) => !known.ids.includes(id));
  if (known.said && leaving.length + coming.length === 0) return 0;
  const remember = (members: Known) =>
    db.query('update projects set workspace_members = $2::jsonb where id = $1', [
      projectId,
      JSON.stringify(members),
    ]);
  // Before the call, so that somebody let in by one whose answer is never read is still let out later.
  await remember({ ids: [...known.ids, ...coming], said: false });
  await driver.admit(odoo, { workspaceId, partnerIds, leaving });
  await remember({ ids: partnerIds, said: true });
  return leaving.length;
}
