/** Where a project's workspace lies: decided once, when it is made, and kept with the project. */
import { ConnectorError } from '../../errors.ts';
import type { Odoo } from '../../odoo/odoo.ts';
import type { CrmDeps } from '../deps.ts';
import { MODULE } from '../ids.ts';
import type { DriverChoice } from '../workspace-tree.ts';
import type { DriverName, WorkspaceDriver } from './driver.ts';
import { DRIVERS } from './drivers.ts';

/**
 * The driver of this project; an application installed later moves no project that has one.
 * @throws ConnectorError permanent `workspace_driver_absent`
 */
export async function driverOf(
  deps: Pick<CrmDeps, 'db' | 'odoo' | 'workspaceTree'>,
  projectId: number,
): Promise<WorkspaceDriver> {
  const known = await deps.db.query<{ workspace_driver: DriverName | null }>(
    'select workspace_driver from projects where id = $1',
    [projectId],
  );
  const name = known.rows[0]?.workspace_driver;
  if (name != null) return DRIVERS[name];
  const picked = await pickOnce(deps.odoo, deps.workspaceTree.driver ?? 'auto');
  const { rows } = await deps.db.query<{ workspace_driver: DriverName }>(
    `update projects set workspace_driver = coalesce(workspace_driver, $2) where id = $1
     returning workspace_driver`,
    [projectId, picked.name],
  );
  return DRIVERS[rows[0]!.workspace_driver];
}

// Applications are installed seldom, and each question would cost every new project two trips, one after the other.
const KEPT_MS = 600_000;
const kept = new WeakMap<Odoo, { readonly at: number; readonly picked: Promise<WorkspaceDriver> }>();

/** One port has one choice for the life of its process. */
function pickOnce(odoo: Odoo, choice: DriverChoice): Promise<WorkspaceDriver> {
  const known = kept.get(odoo);
  if (known !== undefined && Date.now() - known.at < KEPT_MS) return known.picked;
  const picked = pickDriver(odoo, choice);
  kept.set(odoo, { at: Date.now(), picked });
  picked.catch(() => kept.delete(odoo));
  return picked;
}

/**
 * What this ERP offers: set-up leaves an external id where an application for documents is installed and prepared, and
 * the running key finds it only where it may read the record behind it.
 * @throws ConnectorError permanent `workspace_driver_absent`
 */
export async function pickDriver(odoo: Odoo, choice: DriverChoice): Promise<WorkspaceDriver> {
  if (choice === 'attachments') return DRIVERS.attachments;
  for (const wanted of choice === 'auto' ? (['documents', 'dms'] as const) : [choice]) {
    const found = await odoo.xmlidToRes(MODULE, DRIVERS[wanted].anchor!);
    if (found !== null) return found.model === 'documents.folder' ? DRIVERS.documents_17 : DRIVERS[wanted];
  }
  if (choice === 'auto') return DRIVERS.attachments;
  throw new ConnectorError({
    kind: 'permanent',
    code: 'workspace_driver_absent',
    system: 'odoo',
    message: `mappings/workspace.json asks for the driver "${choice}", which this ERP is not prepared for`,
    advice: `Install ${DRIVERS[choice].title} in Odoo and run "npm run cli -- setup erp" again, or set "driver" to "auto".`,
  });
}
