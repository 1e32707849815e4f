# stripe_connector: portal_access
# Takes portal access away from contacts and gives it back. Touched: portal users the action portal_users made, and of
# those only ones this action archived itself when they are to come back. "erase" also takes the address out of the login.
CHANGE = (env.context.get('stripe_connector') or {}).get('change')
if CHANGE not in ('archive', 'restore', 'erase'):
    raise UserError('portal_access: archive, restore or erase')
Users = env['res.users'].sudo().with_context(active_test=False)
Data = env['ir.model.data'].sudo()

def mark(user, kind):
    return Data.search([
        ('module', '=', 'stripe_connector'), ('model', '=', 'res.users'),
        ('res_id', '=', user.id), ('name', '=', '%s_user_%d' % (kind, user.id)),
    ])

answers = []
for partner in records:
    for user in Users.search([('partner_id', '=', partner.id)]):
        answer = {'partner_id': partner.id, 'user_id': user.id, 'login': user.login, 'outcome': 'left_alone', 'reason': False}
        answers.append(answer)
        if not mark(user, 'portal') or not user.share:
            answer['reason'] = 'not_ours'
            continue
        archived = mark(user, 'archived')
        if CHANGE == 'restore':
            if user.active:
                answer['outcome'] = 'active'
                archived.unlink()
            elif archived:
                user.write({'active': True})
                archived.unlink()
                answer['outcome'] = 'restored'
            else:
                answer['reason'] = 'archived_by_staff'
            continue
        if CHANGE == 'erase':
            user.write({'login': 'erased-%d@erased.invalid' % user.id})
            answer['login'] = user.login
        if not user.active:
            answer['outcome'] = 'erased' if CHANGE == 'erase' else 'archived' if archived else 'left_alone'
            answer['reason'] = False if archived or CHANGE == 'erase' else 'archived_by_staff'
            continue
        user.write({'active': False})
        if not archived:
            Data.create({
                'module': 'stripe_connector', 'name': 'archived_user_%d' % user.id, 'model': 'res.users',
                'res_id': user.id, 'noupdate': True,
            })
        answer['outcome'] = 'erased' if CHANGE == 'erase' else 'archived'
action = {'type': 'ir.actions.act_window_close', 'infos': {'users': answers}}
