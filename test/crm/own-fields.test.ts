/** A company's own fields by mapping alone, staff's values in `once` fields, and a mapping that refuses the start. */
import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { World } from '../../scripts/sandbox/world.ts';
import { checkout, draft, eventually, runOf } from '../support/connector.ts';
import { openScene } from '../support/scene.ts';

const idOf = (value: unknown): unknown => (Array.isArray(value) ? value[0] : value);

/** What a company does: copies the folder and changes odoo.json. */
function mappingsDir(change: (records: Record<string, { fields: Record<string, object> }>) => void): string {
  const folder = mkdtempSync(join(tmpdir(), 'own-mappings-'));
  cpSync(new URL('../../mappings', import.meta.url), folder, { recursive: true });
  const file = join(folder, 'odoo.json');
  const mapping = JSON.parse(readFileSync(file, 'utf8'));
  change(mapping.records);
  writeFileSync(file, JSON.stringify(mapping));
  return folder;
}

function staffMakesField({ systems: { odoo } }: World, model: string, name: string): void {
  const { id } = odoo.find('ir.model', (row) => row.model === model)!;
  odoo.staff.create('ir.model.fields', { name, model_id: id, ttype: 'char', field_description: name });
}

const only = (world: World, model: string, predicate: (row: Record<string, unknown>) => boolean) => {
  const found = world.systems.odoo.records(model).filter(predicate);
  expect(found, model).toHaveLength(1);
  return found[0]!;
};

const withOwnField = () =>
  mappingsDir(({ opportunity, subscription }) => {
    opportunity!.fields.x_cde_code = { fact: 'project.code' };
    subscription!.fields.x_cde_plan = { text: 'Plan {subscription.plan_key}', write: 'once' };
  });

describe('a company’s own field', () => {
  it('gets its fact by mapping alone; what staff change in once fields survives events, syncs and retries', async () => {
    const scene = await openScene();
    onTestFinished(scene.close);
    const { world, db } = scene;
    const { odoo, stripe } = world.systems;
    // Our model is there only after set-up: these fields come between set-up and the connector's next start.
    staffMakesField(world, 'crm.lead', 'x_cde_code');
    staffMakesField(world, 'x_stripe_subscription', 'x_cde_plan');
    await scene.restart({ MAPPINGS_DIR: withOwnField() });
    const { connector } = scene;

    // A run that stops half-way; staff correct records meanwhile; then it is retried.
    world.faults.add({ system: 'odoo', operation: 'x_cde_folder.load', kind: 'expired_token', times: 1 });
    const body = draft();
    const { code } = body.project as { code: string };
    const { name } = body.organisation as { name: string };
    const reply = await checkout(connector.publicUrl, body);
    stripe.payCheckout(reply.body.session_id);
    const stopped = await runOf(connector, db, reply.body.session_id, ['needs_attention']);
    const company = only(world, 'res.partner', (row) => row.name === name);
    const lead = await eventually('the opportunity', async () =>
      odoo.find('crm.lead', (row) => idOf(row.partner_id) === company.id),
    );
    expect(lead.x_cde_code).toBe(code);
    const edits = {
      company: { email: 'accounts@staff.example', ref: 'CUST-7' },
      lead: { name: 'Renamed by staff', description: '<p>Called them.</p>', x_cde_code: 'STAFF-1' },
      record: { x_name: 'Renamed too', x_cde_plan: 'As agreed' },
    };
    odoo.staff.edit('res.partner', company.id, edits.company);
    odoo.staff.edit('crm.lead', lead.id, edits.lead);
    await connector.admin.request('POST', `/runs/${stopped.id}/retry`);
    await runOf(connector, db, reply.body.session_id);

    const record = only(world, 'x_stripe_subscription', (row) => idOf(row.x_partner_id) === company.id);
    expect(record.x_cde_plan).toBe('Plan starter');
    odoo.staff.edit('x_stripe_subscription', record.id, {
      ...edits.record,
      x_status: 'staff cannot own this',
    });

    // Later events of every kind, a second project of the same customer, a sync on request.
    const subscription = stripe.subscriptions().find((each) => each.customer === stripe.customers()[0]!.id)!;
    await scene.stripe.subscriptions.update(subscription.id, { cancel_at_period_end: true });
    for (const event of stripe.events()) stripe.redeliver(event.id);
    const { organisation: _known, ...second } = draft();
    await scene.buy(second, { authorization: `Bearer ${reply.body.order}` });
    await stripe.deliveriesIdle();
    await connector.admin.request('POST', `/customers/${subscription.customer}/sync`);
    await eventually(
      'the mirror has written',
      async () => odoo.read('x_stripe_subscription', record.id)?.x_cancel_at_period_end,
    );

    expect(odoo.read('res.partner', company.id)).toMatchObject(edits.company);
    expect(odoo.read('crm.lead', lead.id)).toMatchObject(edits.lead);
    expect(odoo.read('x_stripe_subscription', record.id)).toMatchObject({
      ...edits.record,
      x_status: 'active',
    });
  }, 60_000);
});

describe('a mapping that does not fit the ERP', () => {
  const wrong = () =>
    mappingsDir(({ opportunity, company }) => {
      opportunity!.fields.x_nowhere = { fact: 'project.code' };
      company!.fields.name = { fact: 'order.id' };
    });

  it('refuses the start, naming every problem', async () => {
    const starting = openScene({ env: { MAPPINGS_DIR: wrong() } });
    await expect(starting).rejects.toMatchObject({ kind: 'permanent', code: 'mapping_wrong' });
    await expect(starting).rejects.toThrow(
      /2 problem\(s\).*company\/fields\/name: wrong type.*opportunity\/fields\/x_nowhere: crm\.lead has no field/s,
    );
  });

  it('while the ERP is away the service starts, and looks before its first write', async () => {
    const scene = await openScene();
    onTestFinished(scene.close);
    const { world, db } = scene;
    world.faults.add({ system: 'odoo', kind: 'refused', times: Number.POSITIVE_INFINITY });
    await scene.restart({ MAPPINGS_DIR: wrong() });
    world.faults.clear();
    const { connector } = scene;
    const reply = await checkout(connector.publicUrl, draft());
    world.systems.stripe.payCheckout(reply.body.session_id);
    const run = await runOf(connector, db, reply.body.session_id, ['needs_attention']);
    expect(run.steps.map((step) => (step.error as { code?: string } | null)?.code)).toContain(
      'mapping_wrong',
    );
    expect(world.systems.odoo.count('crm.lead')).toBe(0);
  }, 60_000);
});
