import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { ConnectorError } from '../../../connector/errors.ts';
import type { SetupContext, Step } from './context.ts';
import { runOnce } from './run-once.ts';
import type { SetupOptions } from './setup-options.ts';
import { USER_NAME } from './user-step.ts';

const DEFAULT_DAYS = 365;

/** The service's key in `keyFile`; a key is made when the file holds none that works. */
export function keyStep(context: SetupContext, options: SetupOptions, login: string): Step | undefined {
  const { keyFile } = options;
  if (keyFile === undefined) return undefined;
  return {
    title: `API key of "${login}" in ${keyFile}`,
    needed: async () => options.renewKey === true || !(await works(options, keyFile, login)),
    apply: async () => {
      // Written beside and moved: an interrupted write must not leave half a key, nor the old one be lost before.
      const beside = `${keyFile}.new`;
      writeFileSync(beside, '', { mode: 0o600 });
      const { key } = await runOnce<{ key: string }>(context, {
        action: 'mint_key',
        model: 'res.users',
        values: { user_id: context.ids.get(USER_NAME), days: options.keyDays ?? DEFAULT_DAYS },
      });
      writeFileSync(beside, `${key}\n`, { mode: 0o600 });
      renameSync(beside, keyFile);
    },
  };
}

async function works(options: SetupOptions, keyFile: string, login: string): Promise<boolean> {
  const key = existsSync(keyFile) ? readFileSync(keyFile, 'utf8').trim() : '';
  if (key === '') return false;
  try {
    const users = await options
      .odooAs(login, key)
      .call<unknown[]>('res.users', 'search', { domain: [['login', '=', login]], limit: 1 });
    return users.length === 1;
  } catch (thrown) {
    if (thrown instanceof ConnectorError && thrown.code === 'odoo_authentication') return false;
    throw thrown;
  }
}
