# stripe_connector: unique_index
# One-off, run by an administrator: one record per Stripe subscription and per request, kept by PostgreSQL.
env.cr.execute(
    'CREATE UNIQUE INDEX IF NOT EXISTS x_stripe_subscription_x_stripe_id_unique ON x_stripe_subscription (x_stripe_id)'
)
env.cr.execute('CREATE UNIQUE INDEX IF NOT EXISTS x_stripe_request_x_request_unique ON x_stripe_request (x_request)')
action = {'type': 'ir.actions.act_window_close', 'infos': {'done': True}}
