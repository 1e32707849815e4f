import { readFileSync } from 'node:fs';
import type { VersionFacts } from '../../../connector/odoo/versions/facts.ts';

/** The Python of a server action, for this version of Odoo. @param words what its `%NAME%` stand for, beside the version's */
export function actionCode(
  name: string,
  facts: VersionFacts,
  words: Readonly<Record<string, string>> = {},
): string {
  const expiry = ', datetime.datetime.now() + datetime.timedelta(days=values["days"])';
  const all: Readonly<Record<string, string>> = {
    GROUPS: facts.groupsField,
    GROUP_USERS: facts.groupUsersField,
    GENERATE: `key = Keys._generate('rpc', 'stripe_connector'${facts.apiKeysExpire ? expiry : ''})`,
    SEND: facts.webhookAfterCommit ? 'send()' : 'env.cr.postcommit.add(send)',
    ...words,
  };
  return readFileSync(new URL(`./actions/${name}.py`, import.meta.url), 'utf8')
    .replaceAll(/%([A-Z_]+)%/g, (whole, word: string) => all[word] ?? whole)
    .trim();
}
