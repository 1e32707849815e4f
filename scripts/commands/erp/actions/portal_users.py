# stripe_connector: portal_users
# A portal user for each contact, without an invitation mail. Refused: every contact with an internal or archived
# user, every address that somebody else's user has, and every portal user this action did not make.
PORTAL = env.ref('base.group_portal').id
COMPANY = env.company.id
Users = env['res.users'].sudo().with_context(active_test=False, no_reset_password=True)
Data = env['ir.model.data'].sudo()

def ours(user):
    return Data.search_count([
        ('module', '=', 'stripe_connector'), ('model', '=', 'res.users'),
        ('res_id', '=', user.id), ('name', '=', 'portal_user_%d' % user.id),
    ]) > 0

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
        if [user for user in found if not user.share or not user.active]:
            answer['reason'] = 'internal_or_archived_user'
        elif [user for user in found if not ours(user)]:
            answer['outcome'] = 'needs_acceptance'
            answer['reason'] = 'portal_user_of_somebody_else'
        elif found[0].partner_id.commercial_partner_id != contact.commercial_partner_id:
            answer['outcome'] = 'needs_acceptance'
            answer['reason'] = 'portal_user_of_another_customer'
        else:
            answer['outcome'] = 'already_ours'
            answer['user_id'] = found[0].id
            answer['login'] = found[0].login
        continue
    user = Users.create({
        'name': contact.name, 'login': email, 'partner_id': contact.id, '%GROUPS%': [(6, 0, [PORTAL])],
        'company_id': COMPANY, 'company_ids': [(6, 0, [COMPANY])],
    })
    Data.create({
        'module': 'stripe_connector', 'name': 'portal_user_%d' % user.id, 'model': 'res.users', 'res_id': user.id,
        'noupdate': True,
    })
    answer['outcome'] = 'created'
    answer['user_id'] = user.id
action = {'type': 'ir.actions.act_window_close', 'infos': {'users': answers}}
