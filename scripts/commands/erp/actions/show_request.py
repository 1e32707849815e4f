# stripe_connector: show_request
# Shows a request as it is now.
action = {
    'type': 'ir.actions.act_window', 'name': record.x_name, 'res_model': 'x_stripe_request', 'res_id': record.id,
    'view_mode': 'form', 'views': [(False, 'form')], 'target': 'new',
} if record else False
