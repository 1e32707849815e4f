import { ConnectorError } from '../../../connector/errors.ts';
import type { Odoo } from '../../../connector/odoo/odoo.ts';

/**
 * Deletes the service's user, and with it its keys. Its contact stays, archived: it is the author of the notes. A user
 * that other applications hold on to is archived under another login, so that a later set-up finds its own free.
 */
export async function removeUser(odoo: Odoo, id: number): Promise<void> {
  const context = { active_test: false };
  const [user] = await odoo.call<{ login: string; partner_id: [number, string] }[]>(
    'res.users',
    'search_read',
    {
      domain: [['id', '=', id]],
      fields: ['login', 'partner_id'],
      context,
    },
  );
  if (user === undefined) return;
  // Archived first: Odoo refuses to archive the contact of an active user.
  await odoo.call('res.users', 'write', { ids: [id], vals: { active: false } });
  await odoo.call('res.partner', 'write', { ids: [user.partner_id[0]], vals: { active: false } });
  try {
    await odoo.call('res.users', 'unlink', { ids: [id] });
  } catch (thrown) {
    if (!(thrown instanceof ConnectorError) || thrown.kind !== 'permanent') throw thrown;
    await odoo.call('res.users', 'write', { ids: [id], vals: { login: `${user.login}.removed-${id}` } });
  }
}
