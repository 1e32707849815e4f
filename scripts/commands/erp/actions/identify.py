# stripe_connector: identify
# Which database this is, whose it is, and whom to ask. Binds a database that is nobody's yet.
Parameters = env['ir.config_parameter'].sudo()
given = (env.context.get('stripe_connector') or {}).get('installation')
bound = Parameters.get_param('stripe_connector.installation')
if given and not bound:
    Parameters.set_param('stripe_connector.installation', given)
    bound = given
# Where the button "Open in Stripe" leads: the Dashboard of the connector's mode.
dashboard = (env.context.get('stripe_connector') or {}).get('dashboard')
if given and bound == given and dashboard and Parameters.get_param('stripe_connector.dashboard') != dashboard:
    Parameters.set_param('stripe_connector.dashboard', dashboard)
# Numbers our records carry already, of an earlier installation too: a new one must not count from 1 again.
highest = 0
if given:
    env.cr.execute("""
        SELECT max(substring(name from '^(?:org|stakeholder|order|project|subscription)_([0-9]{1,15})_')::bigint)
          FROM ir_model_data WHERE module = 'stripe_connector'""")
    highest = env.cr.fetchone()[0] or 0
managers = env.ref('sales_team.group_sale_manager').sudo().%GROUP_USERS%.filtered(
    lambda user: user.active and not user.share and user.id != 1
).sorted('id')
action = {'type': 'ir.actions.act_window_close', 'infos': {
    'database_uuid': Parameters.get_param('database.uuid'),
    'installation': bound or False,
    'highest_number': highest,
    'sales_manager_id': managers[0].id if managers else False,
}}
