# stripe_connector: portal_users
# A portal user for each contact, without an invitation mail. Refused: every contact with an internal or archived
# user, every address that somebody else's user has, and every portal user this action did not make. The latter are let
# in as guests of one customer once they have accepted: named as such, never changed, given no set-password link.
PORTAL = env.ref('base.group_portal').id
COMPANY = env.company.id
Users = env['res.users'].sudo().with_context(active_test=False, no_reset_password=True)
Data = env['ir.model.data'].sudo()
GIVEN = env.context.get('stripe_connector') or {}
ACCEPTED = GIVEN.get('accepted') or []
# Pairs of partner and role.
ROLES = dict(GIVEN.get('roles') or [])

def named(user, name):
    return Data.search_count([
        ('module', '=', 'stripe_connector'), ('model', '=', 'res.users'), ('res_id', '=', user.id), ('name', '=', name),
    ]) > 0

def give_name(user, name):
    Data.create({
        'module': 'stripe_connector', 'name': name, 'model': 'res.users', 'res_id': user.id, 'noupdate': True,
    })

def ours(user):
    return named(user, 'portal_user_%d' % user.id)

def give_role(user, contact):
    role = ROLES.get(contact.id)
    group = role and env.ref('stripe_connector.group_role_%s' % role, raise_if_not_found=False)
    if group and group.id not in user.%GROUPS%.ids:
        user.write({'%GROUPS%': [(4, group.id)]})

answers = []
for partner in records:
    contact = partner.sudo()
    email = (contact.email_normalized or '').strip().lower()
    answer = {'partner_id': contact.id, 'user_id': False, 'login': email, 'outcome': 'needs_staff', 'reason': False}
    answers.append(answer)
    if not email:
        answer['reason'] = 'no_valid_email'
        continue
    pattern = email.replace('\\', '\\\\').replace('_', '\\_').replace('%', '\\%')
    found = Users.search([
        '|', '|', ('partner_id', '=', contact.id), ('login', '=ilike', pattern),
        ('partner_id.email_normalized', '=', email),
    ])
    if found:
        same_customer = found[0].partner_id.commercial_partner_id == contact.commercial_partner_id
        guest = 'portal_guest_%d_%d' % (found[0].id, contact.commercial_partner_id.id)
        if [user for user in found if not user.share or not user.active]:
            answer['reason'] = 'internal_or_archived_user'
        elif same_customer and not [user for user in found if not ours(user)]:
            give_role(found[0], contact)
            answer['outcome'] = 'already_ours'
            answer['user_id'] = found[0].id
            answer['login'] = found[0].login
        elif len(found) > 1:
            answer['reason'] = 'several_portal_users'
        elif contact.id in ACCEPTED or named(found[0], guest):
            if not named(found[0], guest):
                give_name(found[0], guest)
            answer['outcome'] = 'accepted'
            answer['user_id'] = found[0].id
            answer['user_partner_id'] = found[0].partner_id.id
            answer['login'] = found[0].login
        else:
            answer['outcome'] = 'needs_acceptance'
            answer['reason'] = 'portal_user_of_another_customer' if ours(found[0]) else 'portal_user_of_somebody_else'
        continue
    user = Users.create({
        'name': contact.name, 'login': email, 'partner_id': contact.id, '%GROUPS%': [(6, 0, [PORTAL])],
        'company_id': COMPANY, 'company_ids': [(6, 0, [COMPANY])],
    })
    give_name(user, 'portal_user_%d' % user.id)
    give_role(user, contact)
    answer['outcome'] = 'created'
    answer['user_id'] = user.id
action = {'type': 'ir.actions.act_window_close', 'infos': {'users': answers}}
