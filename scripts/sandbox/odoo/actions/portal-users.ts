/** A portal user for each contact, without an invitation; people the ERP knows otherwise are left alone. */
import { commercial, normalizedEmail } from '../models/partner-family.ts';
import { create } from '../orm/create.ts';
import { bindXmlid } from '../orm/external-ids.ts';
import { groupField, groupId } from '../orm/groups.ts';
import { type Env, type Row, sudo, withContext } from '../orm/types.ts';
import type { Handler } from './handler.ts';
import { isOurs, markOf } from './ours.ts';

interface Answer {
  readonly partner_id: number;
  readonly user_id: number | false;
  readonly login: string;
  readonly outcome: 'created' | 'already_ours' | 'needs_acceptance' | 'needs_staff';
  readonly reason: string | false;
}

export const portalUsers: Handler = ({ env, records }) => ({
  users: records.map((row) => answerFor(env, row)),
});

function answerFor(env: Env, contact: Row): Answer {
  const email = normalizedEmail(contact.email) || '';
  const base = { partner_id: contact.id, user_id: false, login: email, reason: false } as const;
  if (email === '') return { ...base, outcome: 'needs_staff', reason: 'no_valid_email' };
  const found = usersOf(env, contact, email);
  if (found.some((user) => user.share !== true || user.active !== true))
    return { ...base, outcome: 'needs_staff', reason: 'internal_or_archived_user' };
  if (found.some((user) => !isOurs(env, user)))
    return { ...base, outcome: 'needs_acceptance', reason: 'portal_user_of_somebody_else' };
  const [user] = found;
  if (user === undefined) return { ...base, outcome: 'created', user_id: createUser(env, contact, email) };
  const partner = env.erp.tables.get('res.partner', Number(user.partner_id))!;
  if (commercial(env, partner).id !== commercial(env, contact).id)
    return { ...base, outcome: 'needs_acceptance', reason: 'portal_user_of_another_customer' };
  return { ...base, outcome: 'already_ours', user_id: user.id, login: String(user.login) };
}

/** By contact, by login in any case, and by the address of another contact; archived ones too. */
function usersOf(env: Env, contact: Row, email: string): Row[] {
  const { tables } = env.erp;
  const ids = new Set<number>(tables.lookup('res.users', 'partner_id', contact.id));
  for (const id of tables.lookup('res.users', '_login_lower', email) ?? []) ids.add(id);
  for (const partnerId of tables.lookup('res.partner', '_email', email) ?? [])
    for (const id of tables.lookup('res.users', 'partner_id', partnerId) ?? []) ids.add(id);
  return [...ids].map((id) => tables.get('res.users', id)!).sort((a, b) => a.id - b.id);
}

function createUser(env: Env, contact: Row, email: string): number {
  const { erp } = env;
  const company = erp.tables.get('res.users', env.uid)?.company_id;
  const { id } = create(withContext(sudo(env), { no_reset_password: true }), erp.registry.get('res.users'), {
    name: contact.name,
    login: email,
    partner_id: contact.id,
    [groupField(erp)]: [[6, 0, [groupId(erp, 'base.group_portal')]]],
    company_id: company,
    company_ids: [[6, 0, [company]]],
  });
  bindXmlid(erp, { xmlid: markOf(id), model: 'res.users', id, uid: env.uid, noupdate: true });
  return id;
}
