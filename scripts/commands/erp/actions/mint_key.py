# stripe_connector: mint_key
# One-off, run by an administrator: a key for the service's user; its earlier keys end.
values = env.context['stripe_connector']
Keys = env['res.users.apikeys'].with_user(values['user_id']).sudo()
Keys.search([('user_id', '=', values['user_id'])]).unlink()
%GENERATE%
action = {'type': 'ir.actions.act_window_close', 'infos': {'key': key}}
