import { fieldsOf, type Operation, rightsLacking } from '../../../connector/crm/erp-view.ts';
import { MODULE } from '../../../connector/crm/ids.ts';
import { FOLDER_MODEL } from '../../../connector/crm/workspace/attachments.ts';
import type { WorkspaceDriver } from '../../../connector/crm/workspace/driver.ts';
import { DRIVERS } from '../../../connector/crm/workspace/drivers.ts';
import { pickDriver } from '../../../connector/crm/workspace/pick-driver.ts';
import type { DriverChoice } from '../../../connector/crm/workspace-tree.ts';
import { ConnectorError } from '../../../connector/errors.ts';
import type { Odoo } from '../../../connector/odoo/odoo.ts';
import { type Finding, green, red, unproven, yellow } from './finding.ts';

const SETUP = 'npm run cli -- setup erp';
const NEEDED: readonly Operation[] = ['read', 'create', 'write'];

/** A model by which each application for documents is known. */
const APPLICATIONS = { documents: 'documents.document', dms: 'dms.directory' } as const;

/** Where new workspaces would lie, and whether they could. @param choice as `mappings/workspace.json` has it */
export async function workspaceFindings(odoo: Odoo, choice: DriverChoice): Promise<readonly Finding[]> {
  if ((await fieldsOf(odoo, FOLDER_MODEL)) === undefined)
    return [red(`no workspace: the model ${FOLDER_MODEL} is missing`, `Make it: ${SETUP}`)];
  try {
    const driver = await pickDriver(odoo, choice);
    return [
      ...(await driverFindings(odoo, driver)),
      ...(choice === 'auto' ? await unpreparedFindings(odoo) : []),
    ];
  } catch (thrown) {
    if (!(thrown instanceof ConnectorError) || thrown.code !== 'workspace_driver_absent') throw thrown;
    return [red(thrown.message, thrown.advice ?? '')];
  }
}

async function driverFindings(odoo: Odoo, driver: WorkspaceDriver): Promise<Finding[]> {
  const models = [...new Set([driver.folderModel, driver.fileModel])];
  const lacking = await Promise.all(
    models.map(async (model) => ({ model, operations: await rightsLacking(odoo, model, NEEDED) })),
  );
  const few = lacking.filter(({ operations }) => operations.length > 0);
  if (few.length > 0 && driver.name !== 'attachments')
    return few.map(({ model, operations }) =>
      red(
        `the service’s user may not ${operations.join(', ')} ${model}`,
        `Give it its groups back: ${SETUP}`,
      ),
    );
  const found = green(`workspaces: ${driver.title}`);
  if (driver.proven) return [found];
  return [
    found,
    unproven(
      `workspace driver: ${driver.name} (not proven here on a real server)`,
      'Run npm run test:erp -- --require documents against a copy of its database, with an administrator’s key.',
    ),
  ];
}

/** Installed after set-up ran: new workspaces would still lie elsewhere. */
async function unpreparedFindings(odoo: Odoo): Promise<Finding[]> {
  const found = await Promise.all(
    (['documents', 'dms'] as const).map(async (name) => {
      const { title, anchor } = DRIVERS[name];
      if ((await fieldsOf(odoo, APPLICATIONS[name])) === undefined) return [];
      if ((await odoo.xmlidToRes(MODULE, anchor!)) !== null) return [];
      return [
        yellow(
          `${title} is installed, but not prepared for workspaces`,
          `Run ${SETUP} once more, or say in mappings/workspace.json where they shall lie ("driver").`,
        ),
      ];
    }),
  );
  return found.flat();
}
