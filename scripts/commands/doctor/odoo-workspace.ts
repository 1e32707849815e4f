import { fieldsOf } from '../../../connector/crm/erp-view.ts';
import { FOLDER_MODEL } from '../../../connector/crm/workspace.ts';
import type { Odoo } from '../../../connector/odoo/odoo.ts';
import { type Finding, green, red, unproven } from './finding.ts';

/** Document apps that staff may expect the workspaces in. */
const OTHERS: Readonly<Record<string, string>> = {
  'documents.document': 'Odoo Documents',
  'dms.directory': 'OCA dms',
};

export async function workspaceFindings(odoo: Odoo): Promise<readonly Finding[]> {
  if ((await fieldsOf(odoo, FOLDER_MODEL)) === undefined)
    return [red(`no workspace: the model ${FOLDER_MODEL} is missing`, 'Make it: npm run cli -- setup erp')];
  const installed = await Promise.all(
    Object.entries(OTHERS).map(async ([model, name]) =>
      (await fieldsOf(odoo, model)) === undefined ? [] : [name],
    ),
  );
  return [
    green(`workspaces: folders of ${FOLDER_MODEL} with attachments`),
    ...installed
      .flat()
      .map((name) =>
        unproven(`that workspaces could lie in ${name}, which is installed`, 'Files stay attachments.'),
      ),
  ];
}
