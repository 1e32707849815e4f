import { ConnectorError } from '../../../connector/errors.ts';
import type { Odoo } from '../../../connector/odoo/odoo.ts';
import { versionFacts } from '../../../connector/odoo/versions/index.ts';
import { type Finding, green, unproven, yellow } from './finding.ts';

const DAY_MS = 24 * 3600 * 1000;
const WARN_DAYS = 30;
const RENEW = 'Renew it: npm run cli -- setup erp --renew-key --key-file <path>';

/**
 * A user may list its own keys, but not which of them it is speaking with: the one that ends first counts, also one
 * that has ended already, since Odoo may not have swept it away yet.
 */
export async function keyFindings(odoo: Odoo, now: Date): Promise<readonly Finding[]> {
  if (!versionFacts((await odoo.version()).major).apiKeysExpire) return [green('the key does not expire')];
  let keys: readonly { expiration_date: string | false }[];
  try {
    keys = await odoo.call('res.users.apikeys', 'search_read', { domain: [], fields: ['expiration_date'] });
  } catch (thrown) {
    if (!(thrown instanceof ConnectorError) || thrown.code !== 'odoo_access') throw thrown;
    return [unproven('when the key ends: its user may not read that', 'Look at it in Odoo’s user form.')];
  }
  const ends = keys
    .flatMap(({ expiration_date: date }) => (date === false ? [] : [date]))
    .sort()
    .at(0);
  if (ends === undefined) return [green('the key has no end')];
  const days = Math.floor((Date.parse(`${ends.replace(' ', 'T')}Z`) - now.getTime()) / DAY_MS);
  const text = `the key ends on ${ends.slice(0, 10)} (in ${days} days)`;
  return [days < WARN_DAYS ? yellow(text, RENEW) : green(text)];
}
