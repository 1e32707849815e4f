/** The ERP: version, transport, the running key and what it may, the guarded actions, the workspace. */
import { join } from 'node:path';
import { actionAlias, createRunAction, GUARDED_ACTIONS } from '../../../connector/crm/actions.ts';
import { MODULE } from '../../../connector/crm/ids.ts';
import { loadWorkspaceTree } from '../../../connector/crm/workspace-tree.ts';
import { createOdoo, type Odoo } from '../../../connector/odoo/odoo.ts';
import { NEWEST_KNOWN } from '../../../connector/odoo/versions/index.ts';
import type { Check, DoctorContext } from './context.ts';
import { each, type Finding, failed, green, red, unproven, yellow } from './finding.ts';
import { keyFindings } from './odoo-key.ts';
import { rightsFindings } from './odoo-rights.ts';
import { workspaceFindings } from './odoo-workspace.ts';

const OLDEST = 17;
const SETUP = 'npm run cli -- setup erp';

export const odoo: Check = {
  system: 'odoo',
  needs: ['ODOO_'],
  async run(context) {
    const { callMs: timeout, config, log } = context;
    const erp = createOdoo({ ...config.odoo, log, readTimeoutMs: timeout, writeTimeoutMs: timeout });
    try {
      const [version, ok] = await versionFinding(erp, context);
      if (!ok) return [version];
      // Any call proves the key; this one everybody may make.
      await erp.call('res.users', 'search', { domain: [['login', '=', config.odoo.username]], limit: 1 });
      return [
        version,
        green(`the key of ${config.odoo.username} is accepted`),
        ...(await each({
          rights: () => rightsFindings(erp),
          'guarded actions': () => actionFindings(erp),
          'key expiry': () => keyFindings(erp, context.now()),
          workspace: () =>
            workspaceFindings(
              erp,
              loadWorkspaceTree(join(config.mappingsDir, 'workspace.json')).driver ?? 'auto',
            ),
        })),
        unproven(
          'that this very server does all the connector asks of it',
          'Run npm run test:erp against a copy of its database, with an administrator’s key.',
        ),
      ];
    } catch (thrown) {
      return [failed('ERP', thrown)];
    }
  },
};

async function versionFinding(erp: Odoo, { config }: DoctorContext): Promise<readonly [Finding, boolean]> {
  const { major, text } = await erp.version();
  const { transport } = config.odoo;
  const chosen = transport === 'auto' ? (major >= 19 ? 'json2' : 'jsonrpc') : transport;
  const what = `Odoo ${text} over ${chosen}`;
  if (major < OLDEST)
    return [red(`${what}: too old`, `Odoo ${OLDEST} to ${NEWEST_KNOWN} are supported.`), false];
  if (chosen === 'json2' && major < 19)
    return [red(`${what}: JSON-2 came with Odoo 19`, 'Set ODOO_TRANSPORT=auto.'), false];
  if (major > NEWEST_KNOWN)
    return [
      yellow(`${what}: newer than any that was tested`, 'Run npm run test:erp against a copy first.'),
      true,
    ];
  return [green(what), true];
}

/** There, and the one that only looks really runs. */
async function actionFindings(erp: Odoo): Promise<readonly Finding[]> {
  const found = await Promise.all(
    GUARDED_ACTIONS.map((action) => erp.xmlidToRes(MODULE, actionAlias(action))),
  );
  const missing = GUARDED_ACTIONS.filter((_, index) => found[index] === null);
  if (missing.length > 0)
    return [red(`the guarded action ${missing.join(', ')} is not there for this key`, `Make it: ${SETUP}`)];
  await createRunAction(erp)('identify', {});
  return [green(`guarded actions: ${GUARDED_ACTIONS.join(', ')}`)];
}
