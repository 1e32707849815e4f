import { ConnectorError } from '../errors.ts';
import type { RunAction } from './actions.ts';

interface Minted {
  readonly url: string | false;
  readonly refused: 'not_ours' | 'inactive' | 'already_logged_in' | false;
}

const ADVICE: Readonly<Record<Exclude<Minted['refused'], false>, string>> = {
  not_ours: 'This person’s user was not made by the connector: staff decide about it in Odoo.',
  inactive: 'The user is archived: staff decide about it in Odoo.',
  already_logged_in: 'The person has logged in before: they use "Reset password" on the login page.',
};

/**
 * A link with which the contact's portal user sets a password, minted now (Odoo lets it expire within hours).
 * @throws ConnectorError conflict `erp_user_not_ours`, `erp_user_inactive`, `erp_user_already_logged_in`
 */
export async function setPasswordUrl(runAction: RunAction, input: { partnerId: number }): Promise<string> {
  const { links } = await runAction<{ links: Minted[] }>('set_password_url', { ids: [input.partnerId] });
  const [link] = links;
  if (link !== undefined && link.url !== false) return link.url;
  const reason = link?.refused || 'not_ours';
  throw new ConnectorError({
    kind: 'conflict',
    code: `erp_user_${reason}`,
    system: 'odoo',
    message: `no set-password link for partner ${input.partnerId}: ${reason}`,
    advice: ADVICE[reason],
  });
}
