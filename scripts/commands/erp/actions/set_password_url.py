# stripe_connector: set_password_url
# A set-password link, minted now, for contacts whose portal user the action portal_users made.
Users = env['res.users'].sudo().with_context(active_test=False)
Data = env['ir.model.data'].sudo()

links = []
for partner in records:
    contact = partner.sudo()
    user = Users.search([('partner_id', '=', contact.id)], limit=2)
    link = {'partner_id': contact.id, 'url': False, 'refused': False}
    links.append(link)
    made = len(user) == 1 and Data.search_count([
        ('module', '=', 'stripe_connector'), ('model', '=', 'res.users'),
        ('res_id', '=', user.id), ('name', '=', 'portal_user_%d' % user.id),
    ])
    if not made or not user.share:
        link['refused'] = 'not_ours'
    elif not user.active:
        link['refused'] = 'inactive'
    elif user.login_date:
        link['refused'] = 'already_logged_in'
    else:
        if 'signup_expiration' in contact._fields:
            contact.signup_prepare('reset', expiration=datetime.datetime.now() + datetime.timedelta(hours=24))
        else:
            contact.signup_prepare('reset')
        link['url'] = contact.with_context(signup_force_type_in_url='reset')._get_signup_url_for_action()[contact.id]
action = {'type': 'ir.actions.act_window_close', 'infos': {'links': links}}
