import { readFileSync } from 'node:fs';
import type { VersionFacts } from '../../../connector/odoo/versions/facts.ts';

/** The Python of a server action, for this version of Odoo. */
export function actionCode(name: string, facts: VersionFacts): string {
  const expiry = ', datetime.datetime.now() + datetime.timedelta(days=values["days"])';
  return readFileSync(new URL(`./actions/${name}.py`, import.meta.url), 'utf8')
    .replaceAll('%GROUPS%', facts.groupsField)
    .replaceAll('%GROUP_USERS%', facts.groupUsersField)
    .replaceAll(
      '%GENERATE%',
      `key = Keys._generate('rpc', 'stripe_connector'${facts.apiKeysExpire ? expiry : ''})`,
    )
    .trim();
}
