/** Staff press each button on the sandbox's ERP, and see its effect at Stripe and in the mailbox; the connector is the real one. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createLog } from '../../connector/log.ts';
import { createOdoo, type Odoo } from '../../connector/odoo/odoo.ts';
import { checkout, draft, eventually, runOf } from '../support/connector.ts';
import { openScene, type Scene } from '../support/scene.ts';

let scene: Scene;
let manager: Odoo;

beforeAll(async () => {
  scene = await openScene();
  const login = 'manager@staff.example';
  const password = 'Long-Passw0rd-of-staff';
  scene.world.systems.odoo.staff.createInternalUser({
    login,
    password,
    name: 'Mona Manager',
    groups: ['sales_team.group_sale_manager'],
  });
  const { ODOO_URL: url, ODOO_DB: name } = scene.connector.env;
  manager = createOdoo({
    url: url!,
    db: name!,
    username: login,
    apiKey: password,
    transport: 'jsonrpc',
    log: createLog({ level: 'silent' }),
  });
});
afterAll(() => scene?.close());

const recordOf = (stripeId: string) =>
  scene.world.systems.odoo.find('x_stripe_subscription', (record) => record.x_stripe_id === stripeId);

const subscriptionAt = (stripeId: string) =>
  scene.world.systems.stripe.subscriptions().find((each) => each.id === stripeId)!;

async function act(action: string, recordId: number): Promise<Record<string, unknown>> {
  const { id } = scene.world.systems.odoo.byXmlid(`stripe_connector.action_${action}`)!;
  return manager.call('ir.actions.server', 'run', {
    ids: [id],
    context: {
      active_model: 'x_stripe_subscription',
      active_ids: [recordId],
      active_id: recordId,
    },
  });
}

/** Presses and waits for the answer. */
async function press(action: string, recordId: number) {
  const dialog = await act(`request_${action}`, recordId);
  return eventually(`the answer to ${action}`, async () => {
    const row = scene.world.systems.odoo.read('x_stripe_request', Number(dialog.res_id))!;
    return row.x_state === 'waiting' ? undefined : row;
  });
}

const chatterOf = (recordId: number) =>
  scene.world.systems.odoo
    .records('mail.message')
    .filter((each) => each.model === 'x_stripe_subscription' && each.res_id === recordId)
    .map((each) => String(each.body));

async function sold(): Promise<{ stripeId: string; recordId: number; contact: string }> {
  const order = draft();
  const { run } = await scene.buy(order);
  const stripeId = run.subscription;
  const record = await eventually('its record', async () => recordOf(stripeId));
  const { contact_email: contact } = order.organisation as { contact_email: string };
  return { stripeId, recordId: record.id, contact };
}

it('opens Stripe, the portal and new credentials, reads anew, cancels and takes it back', async () => {
  const { stripeId, recordId, contact } = await sold();

  expect(await act('open_in_stripe', recordId)).toMatchObject({
    type: 'ir.actions.act_url',
    url: `https://dashboard.stripe.com/test/subscriptions/${stripeId}`,
  });

  const portal = await press('open_portal', recordId);
  expect(portal.x_state).toBe('done');
  const page = await fetch(String(portal.x_url));
  expect(page.status).toBe(200);
  expect(JSON.stringify(chatterOf(recordId))).not.toContain(String(portal.x_url));

  const mailed = scene.world.systems.mail.count();
  const resent = await press('resend_credentials', recordId);
  expect(resent).toMatchObject({ x_state: 'done' });
  expect(String(resent.x_answer)).toContain(contact);
  expect(scene.world.systems.mail.count()).toBeGreaterThan(mailed);

  expect(await press('resync', recordId)).toMatchObject({ x_state: 'done' });

  expect(await press('cancel', recordId)).toMatchObject({ x_state: 'done' });
  expect(subscriptionAt(stripeId).cancel_at_period_end).toBe(true);
  await eventually('the ERP shows it', async () => recordOf(stripeId)?.x_cancel_at_period_end === true);

  expect(await press('reactivate', recordId)).toMatchObject({ x_state: 'done' });
  expect(subscriptionAt(stripeId).cancel_at_period_end).toBe(false);
  expect(await press('reactivate', recordId)).toMatchObject({ x_state: 'refused' });

  expect(await press('retry_provisioning', recordId)).toMatchObject({
    x_state: 'refused',
    x_answer: expect.stringContaining('nothing to retry'),
  });

  const told = await eventually('the chatter tells all of it', async () => {
    const notes = chatterOf(recordId).filter((body) => body.includes('Mona Manager'));
    return notes.length === 7 ? notes : undefined;
  });
  expect(told.filter((body) => body.includes('Cancel at Period End'))).toHaveLength(1);
});

it.each([
  ['b2', 'b2_create_key'],
  ['odoo', 'x_cde_folder.load'],
] as const)('retries a provisioning that has stopped at %s %s', async (system, operation) => {
  scene.world.faults.add({ system, operation, kind: 'permanent', times: 1 });
  const reply = await checkout(scene.connector.publicUrl, draft());
  scene.world.systems.stripe.payCheckout(reply.body.session_id);
  const stopped = await runOf(scene.connector, scene.db, reply.body.session_id, ['needs_attention']);
  const record = await eventually('its record', async () => recordOf(stopped.subscription));
  // What shows the button, and says that nothing works yet.
  expect(record).toMatchObject({ x_access: 'provisioning', x_state: 'starting' });
  await eventually('the chatter names the button', async () =>
    chatterOf(Number(record.id)).some((body) => body.includes('press “Retry Provisioning”')),
  );
  expect(await press('retry_provisioning', record.id)).toMatchObject({ x_state: 'done' });
  const run = await runOf(scene.connector, scene.db, reply.body.session_id);
  expect(run.id).toBe(stopped.id);
  const links = { x_bucket: expect.any(String), x_workspace_url: expect.any(String) };
  await eventually('it is told', async () => recordOf(stopped.subscription)?.x_access === 'provisioned');
  expect(recordOf(stopped.subscription)).toMatchObject({ ...links, x_state: 'active' });
});

it('provisions a Dashboard subscription for a customer nobody knew, and the activity about it goes', async () => {
  const price = scene.world.systems.stripe.prices().find((each) => each.lookup_key === 'starter_month')!.id;
  const made = scene.world.systems.stripe.createDashboardSubscription({
    name: 'Dashboard Works',
    email: 'dash@works.example',
    prices: [price],
  });
  const record = await eventually('its record', async () => recordOf(made.id));
  const activities = () =>
    scene.world.systems.odoo
      .records('mail.activity')
      .filter((each) => each.res_model === 'x_stripe_subscription' && each.res_id === record.id);
  await eventually('the activity', async () => activities().length === 1);

  const lacking = await press('provision', record.id);
  expect(lacking).toMatchObject({ x_state: 'refused', x_answer: expect.stringContaining('country') });
  expect(activities()).toHaveLength(1);

  await scene.stripe.customers.update(String(made.customer), { address: { country: 'BE' } });
  const provisioned = await press('provision', record.id);
  expect(provisioned).toMatchObject({
    x_state: 'done',
    x_answer: expect.stringContaining('Provisioning starts now'),
  });
  await eventually('it is provisioned', async () => recordOf(made.id)?.x_access === 'provisioned');
  await eventually('the activity is gone', async () => activities().length === 0);
  const welcome = (await scene.world.systems.mail.deliveries()).filter((mail) =>
    mail.to.includes('dash@works.example'),
  );
  expect(welcome.length).toBeGreaterThan(0);
  expect(
    scene.world.systems.odoo.find('res.partner', (each) => each.name === 'Dashboard Works'),
  ).toMatchObject({
    x_stripe_customer_id: made.customer,
  });

  expect(await press('provision', record.id)).toMatchObject({
    x_state: 'done',
    x_answer: expect.stringContaining('there already'),
  });
  expect(
    (
      await scene.db.query(
        'select 1 from orders o join organisations g on g.id = o.organisation_id where g.provider_customer_id = $1',
        [made.customer],
      )
    ).rowCount,
  ).toBe(1);
});
