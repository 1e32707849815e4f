import type { Sale } from '../billing/sale.ts';
import type { CrmDeps } from './deps.ts';
import { ensureCurrent } from './ensure-current.ts';
import { ensureRecords } from './ensure-records.ts';
import { saleFacts } from './facts.ts';
import { externalId, qualified } from './ids.ts';
import { hasAccess, type StakeholderUser } from './users.ts';
import { fill } from './values.ts';
import type { Wanted } from './wanted.ts';
import { admit } from './workspace/admit.ts';
import type { DriverName, Members, WorkspaceDriver } from './workspace/driver.ts';
import { driverOf } from './workspace/pick-driver.ts';
import { recordPath } from './workspace/record-path.ts';
import { paths } from './workspace-tree.ts';

export interface Workspace {
  readonly workspaceId: number;
  readonly driver: DriverName;
  /** Where staff open it in the ERP's web client. */
  readonly url: string;
  /** Parents first; paths of names below the workspace. */
  readonly folders: readonly { readonly path: string; readonly id: number }[];
}

export interface WorkspacePeople {
  readonly companyId: number;
  /** Partner of each stakeholder, by our id of the stakeholder. */
  readonly contactIds: Readonly<Record<number, number>>;
  readonly users: readonly StakeholderUser[];
}

/**
 * The project's workspace with its whole tree, in one load, and the stakeholders as its members. Called again with
 * other people, it lets those in and the others out.
 * @throws ConnectorError absent `erp_record_gone` when staff deleted a folder, permanent `workspace_driver_absent`
 */
export async function ensureWorkspace(
  deps: CrmDeps,
  sale: Sale,
  people: WorkspacePeople,
): Promise<Workspace> {
  const { id, code } = sale.project;
  const driver = await driverOf(deps, id);
  const project = { id, code, companyId: people.companyId };
  const name = fill(deps.workspaceTree.root, saleFacts(sale));
  const members = membersOf(sale, people);
  if (driver.membership !== undefined) {
    const { model, ...group } = driver.membership(project, name, members);
    await ensureCurrent(deps, { model, wanted: [group], columns: Object.keys(group.values) });
  }
  const root = externalId.workspace(id);
  const folder = (path: string): Wanted => {
    const above = path.lastIndexOf('/');
    const parent = qualified(above < 0 ? root : externalId.folder(id, path.slice(0, above)));
    return {
      name: externalId.folder(id, path),
      values: driver.folder({ path, name: path.slice(above + 1), parent, project }),
    };
  };
  const all = paths(deps.workspaceTree.folders);
  const { ids } = await ensureRecords(deps, {
    model: driver.folderModel,
    wanted: [
      { name: root, values: driver.folder({ path: null, name, parent: null, project }) },
      ...all.map(folder),
    ],
  });
  const workspaceId = ids.get(root)!;
  await admit(deps, driver, { projectId: id, workspaceId, partnerIds: members.partnerIds });
  return {
    workspaceId,
    driver: driver.name,
    url: await urlOf(deps, driver, workspaceId),
    folders: all.map((path) => ({ path, id: ids.get(externalId.folder(id, path))! })),
  };
}

/**
 * Staff decide about people the ERP knew otherwise: they come in when their user is one of ours, or agreed. Nobody without
 * a seat is a member.
 */
function membersOf(sale: Sale, { contactIds, users }: WorkspacePeople): Members {
  const ascending = (ids: Iterable<number>) => [...new Set(ids)].sort((a, b) => a - b);
  const unseated = new Set(
    users.flatMap(({ outcome, stakeholderId }) => (outcome === 'over_limit' ? [stakeholderId] : [])),
  );
  const seated = sale.stakeholders.filter(({ id }) => contactIds[id] !== undefined && !unseated.has(id));
  const guests = users.flatMap(({ partnerId }) => (partnerId === undefined ? [] : [partnerId]));
  return {
    partnerIds: ascending([...seated.map(({ id }) => contactIds[id]!), ...guests]),
    userIds: ascending(users.filter(hasAccess).map(({ userId }) => userId!)),
  };
}

async function urlOf(deps: CrmDeps, driver: WorkspaceDriver, workspaceId: number): Promise<string> {
  const { major } = await deps.odoo.version();
  const path =
    (await driver.page?.(deps.odoo, workspaceId)) ??
    recordPath({ major, model: driver.folderModel, id: workspaceId });
  return new URL(path, `${deps.erpUrl.replace(/\/$/, '')}/`).href;
}
