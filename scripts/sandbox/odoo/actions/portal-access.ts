/** Takes portal access away from contacts and gives it back; users the connector did not make are left alone. */
import { bindXmlid, resolveXmlid } from '../orm/external-ids.ts';
import { type Env, type Row, sudo } from '../orm/types.ts';
import { write } from '../orm/write.ts';
import type { Handler } from './handler.ts';
import { isOurs } from './ours.ts';

type Change = 'archive' | 'restore' | 'erase';

const archivedMark = (id: number): string => `stripe_connector.archived_user_${id}`;

export const portalAccess: Handler = ({ env, records, values }) => ({
  users: records.flatMap((contact) =>
    [...env.erp.tables.all('res.users')]
      .filter((user) => user.partner_id === contact.id)
      .map((user) => changed(env, { contact, user, change: values.change as Change })),
  ),
});

function changed(env: Env, { contact, user, change }: { contact: Row; user: Row; change: Change }) {
  const answer = { partner_id: contact.id, user_id: user.id, login: user.login, reason: false as const };
  const alone = (reason: string) => ({ ...answer, outcome: 'left_alone', reason });
  if (!isOurs(env, user) || user.share !== true) return alone('not_ours');
  const { erp } = env;
  const archived = resolveXmlid(erp, archivedMark(user.id));
  const put = (vals: Record<string, unknown>) =>
    write(sudo(env), erp.registry.get('res.users'), [user.id], vals);
  const unmark = () => archived && erp.tables.remove('ir.model.data', archived.dataId);
  if (change === 'restore') {
    if (user.active !== true && archived === undefined) return alone('archived_by_staff');
    const outcome = user.active === true ? 'active' : 'restored';
    if (user.active !== true) put({ active: true });
    unmark();
    return { ...answer, outcome };
  }
  const login = change === 'erase' ? `erased-${user.id}@erased.invalid` : user.login;
  if (change === 'erase') put({ login });
  const outcome = change === 'erase' ? 'erased' : 'archived';
  if (user.active !== true) {
    if (archived === undefined && change !== 'erase') return alone('archived_by_staff');
    return { ...answer, login, outcome };
  }
  put({ active: false });
  if (archived === undefined)
    bindXmlid(erp, {
      xmlid: archivedMark(user.id),
      model: 'res.users',
      id: user.id,
      uid: env.uid,
      noupdate: true,
    });
  return { ...answer, login, outcome };
}
