/** A portal user for each contact, without an invitation; people the ERP knows otherwise are left alone. */
import { commercial, normalizedEmail } from '../models/partner-family.ts';
import { create } from '../orm/create.ts';
import { bindXmlid, resolveXmlid } from '../orm/external-ids.ts';
import { groupField, groupId, groupsOf } from '../orm/groups.ts';
import { type Env, type Row, sudo, withContext } from '../orm/types.ts';
import { write } from '../orm/write.ts';
import type { Handler } from './handler.ts';
import { isOurs, markOf } from './ours.ts';

interface Answer {
  readonly partner_id: number;
  readonly user_id: number | false;
  readonly user_partner_id?: number;
  readonly login: string;
  readonly outcome: 'created' | 'already_ours' | 'accepted' | 'needs_acceptance' | 'needs_staff';
  readonly reason: string | false;
}

interface Given {
  readonly accepted: readonly number[];
  readonly roles: ReadonlyMap<number, string>;
}

export const portalUsers: Handler = ({ env, records, values }) => {
  const given: Given = {
    accepted: (values.accepted as number[] | undefined) ?? [],
    roles: new Map((values.roles as [number, string][] | undefined) ?? []),
  };
  return { users: records.map((row) => answerFor(env, row, given)) };
};

function answerFor(env: Env, contact: Row, given: Given): Answer {
  const email = normalizedEmail(contact.email) || '';
  const base = { partner_id: contact.id, user_id: false, login: email, reason: false } as const;
  if (email === '') return { ...base, outcome: 'needs_staff', reason: 'no_valid_email' };
  const found = usersOf(env, contact, email);
  if (found.some((user) => user.share !== true || user.active !== true))
    return { ...base, outcome: 'needs_staff', reason: 'internal_or_archived_user' };
  const [user] = found;
  if (user === undefined) {
    const made = createUser(env, contact, email);
    giveRole(env, made, given.roles.get(contact.id));
    return { ...base, outcome: 'created', user_id: made };
  }
  const partner = env.erp.tables.get('res.partner', Number(user.partner_id))!;
  const customer = commercial(env, contact).id;
  const known = { user_id: user.id, login: String(user.login) };
  if (commercial(env, partner).id === customer && found.every((each) => isOurs(env, each))) {
    giveRole(env, user.id, given.roles.get(contact.id));
    return { ...base, ...known, outcome: 'already_ours' };
  }
  if (found.length > 1) return { ...base, outcome: 'needs_staff', reason: 'several_portal_users' };
  const guest = `stripe_connector.portal_guest_${user.id}_${customer}`;
  const isGuest = resolveXmlid(env.erp, guest) !== undefined;
  if (isGuest || given.accepted.includes(contact.id)) {
    if (!isGuest)
      bindXmlid(env.erp, { xmlid: guest, model: 'res.users', id: user.id, uid: env.uid, noupdate: true });
    return { ...base, ...known, outcome: 'accepted', user_partner_id: partner.id };
  }
  const reason = isOurs(env, user) ? 'portal_user_of_another_customer' : 'portal_user_of_somebody_else';
  return { ...base, outcome: 'needs_acceptance', reason };
}

function giveRole(env: Env, userId: number, role: string | undefined): void {
  const { erp } = env;
  const group = role === undefined ? undefined : resolveXmlid(erp, `stripe_connector.group_role_${role}`);
  if (group === undefined || groupsOf(erp, userId).has(group.id)) return;
  write(sudo(env), erp.registry.get('res.users'), [userId], { [groupField(erp)]: [[4, group.id]] });
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
