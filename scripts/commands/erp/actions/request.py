# stripe_connector: request %ACTION%
# Leaves a request for the connector, in the name of whoever pressed the button, tells it there is one, and shows it.
if not record:
    raise UserError('Open a record first.')
# Refused to those who may not read the record. A button needs no other right on it.
record.read(['display_name'])
Requests = env['x_stripe_request'].sudo()
request = Requests.search([('%LINK%', '=', record.id), ('x_state', '=', 'waiting')], order='id desc', limit=1)
if request.x_action != '%ACTION%':
    request = Requests.create({
        'x_name': '%LABEL%: ' + (record.display_name or ''),
        # A random UUID.
        'x_request': env['ir.attachment']._generate_access_token(),
        'x_action': '%ACTION%',
        '%LINK%': record.id,
        'x_asker_id': env.uid,
        'x_asked_at': datetime.datetime.now().replace(microsecond=0),
        'x_state': 'waiting',
    })
nudge = env.ref('stripe_connector.action_request_nudge', raise_if_not_found=False)

def send():
    try:
        nudge.sudo().with_context(
            active_model='x_stripe_request', active_id=request.id, active_ids=[request.id]
        ).run()
    except Exception as error:
        # The connector looks by the clock too.
        _logger.warning('the connector was not told of request %s: %s', request.id, error)

if nudge:
    # After the commit, or the connector would look before there is something to see.
    %SEND%
action = {
    'type': 'ir.actions.act_window', 'name': '%LABEL%', 'res_model': 'x_stripe_request', 'res_id': request.id,
    'view_mode': 'form', 'views': [(False, 'form')], 'target': 'new',
}
