/** A set-password link, minted now, for contacts whose portal user the connector made. */

import type { Env, Row } from '../orm/types.ts';
import { mintResetUrl } from '../reset-token.ts';
import type { Handler } from './handler.ts';
import { isOurs } from './ours.ts';

interface Link {
  readonly partner_id: number;
  readonly url: string | false;
  readonly refused: 'not_ours' | 'inactive' | 'already_logged_in' | false;
}

export const setPasswordUrls: Handler = ({ env, records }) => ({
  links: records.map((row) => linkFor(env, row)),
});

function linkFor(env: Env, contact: Row): Link {
  const { tables } = env.erp;
  const users = [...(tables.lookup('res.users', 'partner_id', contact.id) ?? [])].map(
    (id) => tables.get('res.users', id)!,
  );
  const [user] = users;
  const base = { partner_id: contact.id, url: false } as const;
  if (user === undefined || users.length > 1 || !isOurs(env, user) || user.share !== true)
    return { ...base, refused: 'not_ours' };
  if (user.active !== true) return { ...base, refused: 'inactive' };
  if (user.login_date) return { ...base, refused: 'already_logged_in' };
  tables.put('res.partner', { ...tables.get('res.partner', contact.id)!, signup_type: 'reset' });
  return { ...base, url: mintResetUrl(env.erp, user), refused: false };
}
