/** A real ERP belongs to one installation, and every demo is a new one: an earlier demo's, ended on this machine, goes to the next. */
import { join } from 'node:path';
import { lockFolder } from '../../connector/db/folder-lock.ts';
import type { Log } from '../../connector/log.ts';
import { createOdoo } from '../../connector/odoo/odoo.ts';
import { demoOfInstallation } from './folder.ts';

const BOUND = 'stripe_connector.installation';

/**
 * Needs the administrator's key; without it, or where no demo of ours had the ERP, nothing is done and the connector
 * refuses by itself. The new demo counts on above the numbers of the one before.
 * @throws ConnectorError permanent `database_folder_in_use`: that demo still runs
 */
export async function takeOverErp(input: {
  env: Readonly<Record<string, string>>;
  log: Log;
  print: (line: string) => void;
}): Promise<void> {
  const { env, log } = input;
  if (env.ODOO_ADMIN_API_KEY === undefined) return;
  const odoo = createOdoo({
    url: env.ODOO_URL!,
    db: env.ODOO_DB!,
    username: env.ODOO_ADMIN_USERNAME ?? env.ODOO_USERNAME!,
    apiKey: env.ODOO_ADMIN_API_KEY,
    transport: (env.ODOO_TRANSPORT ?? 'auto') as 'auto',
    log,
  });
  const bound = await odoo.call<string | false>('ir.config_parameter', 'get_param', { key: BOUND });
  const earlier = bound === false ? undefined : demoOfInstallation(bound);
  if (earlier === undefined) return;
  lockFolder(join(earlier, 'database')).release();
  await odoo.call('ir.config_parameter', 'set_param', { key: BOUND, value: false });
  input.print(`The ERP was given to the demo in ${earlier}: this one takes it over`);
}
