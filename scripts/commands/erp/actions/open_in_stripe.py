# stripe_connector: open_in_stripe
# Opens the subscription in Stripe's Dashboard, of the mode the connector works in.
if not record:
    raise UserError('Open a subscription first.')
# Refused to those who may not read it.
record.read(['x_stripe_id'])
dashboard = env['ir.config_parameter'].sudo().get_param('stripe_connector.dashboard', 'https://dashboard.stripe.com/')
action = {'type': 'ir.actions.act_url', 'url': dashboard + 'subscriptions/' + (record.x_stripe_id or ''), 'target': 'new'}
