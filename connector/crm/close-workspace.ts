/** The end of access to a project's workspace: it stands, but nobody from outside is its member. */
import { asConnectorError } from '../errors.ts';
import { findBindings } from './bindings.ts';
import type { CrmDeps } from './deps.ts';
import { ensureCurrent } from './ensure-current.ts';
import { externalId } from './ids.ts';
import { admit } from './workspace/admit.ts';
import { driverOf } from './workspace/pick-driver.ts';

/** Ensured again, its members come in anew. One that was never made, or that staff deleted, is closed. */
export async function closeWorkspace(
  deps: CrmDeps,
  { projectId }: { projectId: number },
): Promise<{ closed: boolean }> {
  const root = externalId.workspace(projectId);
  const workspaceId = (await findBindings(deps.db, [root])).get(root)?.resId;
  if (workspaceId == null) return { closed: false };
  const driver = await driverOf(deps, projectId);
  try {
    await admit(deps, driver, { projectId, workspaceId, partnerIds: [] });
    if (driver.membership !== undefined) {
      const project = { id: projectId, code: '', companyId: 0 };
      const { model, ...group } = driver.membership(project, '', { partnerIds: [], userIds: [] });
      // Its name stays as it is.
      const columns = Object.keys(group.values).filter((column) => column !== 'name');
      await ensureCurrent(deps, { model, wanted: [group], columns });
    }
    return { closed: driver.admit !== undefined || driver.membership !== undefined };
  } catch (thrown) {
    if (asConnectorError(thrown).kind !== 'absent') throw thrown;
    return { closed: false };
  }
}
