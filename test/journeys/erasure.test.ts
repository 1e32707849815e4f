/** Erasure on request: what is gone everywhere, what is kept and why, and that it goes on where it was cut off. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { ErasureReport } from '../../connector/provisioning/erasure/report.ts';
import { type Draft, draft, eventually } from '../support/connector.ts';
import { openScene, type Scene } from '../support/scene.ts';

let scene: Scene;

beforeEach(async () => {
  scene = await openScene({ now: 'world' });
});
afterEach(() => scene?.close());

async function buy(change: Draft = {}) {
  const body = draft({
    organisation: { vat_id: 'BE0477472701' },
    project: { name: 'Secret Tower', client: 'Hidden Client' },
    ...change,
  });
  const { sessionId } = await scene.buy(body);
  await eventually('the outbox is empty', async () => {
    const { rows } = await scene.db.query<{ n: number }>(
      'select ((select count(*) from erp_outbox) + (select count(*) from erp_notes))::int as n',
    );
    return rows[0]!.n === 0;
  });
  const { rows } = await scene.db.query<{
    organisationId: number;
    providerId: string;
    customer: string;
    project: number;
  }>(
    `select s.organisation_id as "organisationId", s.provider_id as "providerId", s.customer_id as customer,
            s.project_id as project from subscriptions s join checkout_sessions c on c.order_id = s.order_id
      where c.provider_id = $1`,
    [sessionId],
  );
  const organisation = body.organisation as { name: string; contact_email: string };
  return { ...rows[0]!, organisation, people: body.stakeholders as { name: string; email: string }[] };
}

async function end(providerId: string): Promise<void> {
  await scene.connector.admin.request('POST', `/subscriptions/${providerId}/cancel`, { when: 'now' });
  await eventually('the end is carried out', async () => {
    const { rowCount } = await scene.db.query(
      "select 1 from runs where kind = 'deprovision' and status = 'done'",
    );
    return rowCount > 0;
  });
}

const erase = (body: object) => scene.connector.admin.request<ErasureReport>('POST', '/erasures', body);

/** Every table that still holds the text, in whatever column. */
async function tablesWith(text: string): Promise<string[]> {
  const { rows } = await scene.db.query<{ name: string }>(
    `select format('%I.%I', table_schema, table_name) as name from information_schema.tables
      where table_schema in ('public', 'pgboss') and table_type = 'BASE TABLE'`,
  );
  const found: string[] = [];
  for (const { name } of rows) {
    const hit = await scene.db.query(
      `select 1 from ${name} t where position($1 in lower(t::text)) > 0 limit 1`,
      [text.toLowerCase()],
    );
    if (hit.rowCount > 0) found.push(name);
  }
  return found;
}

const inErp = (text: string): string[] =>
  [
    'res.partner',
    'crm.lead',
    'x_stripe_subscription',
    'res.users',
    'x_cde_folder',
    'ir.attachment',
    'mail.message',
    'mail.activity',
  ].filter((model) =>
    scene.world.systems.odoo
      .records(model)
      .some((record) => JSON.stringify(record).toLowerCase().includes(text.toLowerCase())),
  );

it('an organisation that lives, is held or is unknown is refused; a dry run changes nothing', async () => {
  const customer = await buy();
  const organisation = customer.organisationId;
  await expect(erase({ organisation })).rejects.toThrow(/lives/);
  await expect(erase({ organisation: 4711 })).rejects.toThrow(/nothing of this/);
  await end(customer.providerId);
  await scene.connector.admin.request('POST', `/lifecycle/${customer.providerId}/hold`, { reason: 'audit' });
  await expect(erase({ organisation })).rejects.toThrow(/audit/);
  await scene.connector.admin.request('POST', `/lifecycle/${customer.providerId}/release`);
  const dry = await erase({ organisation, dry_run: true });
  expect(dry.id).toBeNull();
  expect(dry.entries).toContainEqual(
    expect.objectContaining({ where: 'database', what: 'people of projects', action: 'deleted', count: 2 }),
  );
  expect(dry.entries).toContainEqual(expect.objectContaining({ action: 'kept', where: 'stripe' }));
  expect(await tablesWith(customer.organisation.contact_email)).toContain('public.organisations');
  expect(inErp(customer.organisation.contact_email)).toContain('res.partner');
});

it('an organisation is gone from database, ERP, storage and Stripe; numbers and amounts stay', async () => {
  const customer = await buy();
  await end(customer.providerId);
  const invoices = await scene.db.query('select provider_id, number, amount_paid from invoices order by 1');
  const report = await erase({ organisation: customer.organisationId });
  expect(report.finished).toBe(true);
  const words = [
    customer.organisation.name,
    customer.organisation.contact_email,
    'BE0477472701',
    'Secret Tower',
    'Hidden Client',
  ];
  for (const text of [...words, ...customer.people.flatMap(({ name, email }) => [name, email])]) {
    // The clean-up of drafts is by age; nobody typed one here.
    expect([text, await tablesWith(text)]).toEqual([text, []]);
    if (!text.endsWith('Manager') && !text.endsWith('Lead')) expect([text, inErp(text)]).toEqual([text, []]);
  }
  expect(
    (await scene.db.query('select provider_id, number, amount_paid from invoices order by 1')).rows,
  ).toEqual(invoices.rows);
  expect(scene.world.systems.b2.buckets().filter((each) => each.bucketName.startsWith('cde-'))).toEqual([]);
  expect(scene.world.systems.b2.keys().filter((each) => each.keyName.startsWith('cde-p'))).toEqual([]);
  expect(scene.world.systems.stripe.customers().find((each) => each.id === customer.customer)).toMatchObject({
    deleted: true,
  });
  expect(
    scene.world.systems.odoo.records('res.users').filter((user) => String(user.login).startsWith('erased-')),
  ).toHaveLength(2);
  expect(new Set(report.entries.map(({ where }) => where))).toEqual(
    new Set(['database', 'erp', 'storage', 'stripe']),
  );
  expect(report.entries.filter(({ action }) => action === 'kept').every(({ why }) => why !== undefined)).toBe(
    true,
  );
  // What Stripe still says of the customer it deleted is not kept either.
  await scene.world.systems.stripe.deliveriesIdle();
  await scene.connector.admin.request('POST', `/customers/${customer.customer}/sync`);
  await eventually('the customer was looked at again', async () => {
    const { rowCount } = await scene.db.query('select 1 from customers where id = $1 and deleted', [
      customer.customer,
    ]);
    return rowCount > 0;
  });
  expect((await scene.db.query("select 1 from events where type = 'customer.deleted'")).rowCount).toBe(1);
  expect(await tablesWith(customer.organisation.contact_email)).toEqual([]);
  expect((await scene.db.query('select 1 from invoices where hosted_invoice_url is not null')).rowCount).toBe(
    0,
  );
  const kept = await scene.connector.admin.request<ErasureReport>('GET', `/erasures/${report.id}`);
  expect(kept.entries).toEqual(report.entries);
  // The clock finds nothing to do afterwards.
  await scene.world.clock.advance(100 * 86_400_000);
  expect(await scene.connector.admin.request('POST', '/lifecycle/tick')).toEqual({ begun: 0 });
  await expect(erase({ organisation: customer.organisationId })).rejects.toThrow(/nothing of this/);
});

it('somebody whom another customer’s project lets in keeps user and contact there', async () => {
  const customer = await buy();
  const [ines, lars] = customer.people;
  const named = { name: lars!.name, email: lars!.email, role: 'information_manager' };
  await buy({ stakeholders: [named] });
  const active = (email: string) =>
    scene.world.systems.odoo.records('res.users').find((user) => user.login === email)?.active === true;
  await end(customer.providerId);
  // As when they have clicked the link of the mail that asks them.
  const { rowCount } = await scene.db.query(
    "update portal_access set outcome = 'accepted', accepted_at = now() where outcome = 'needs_acceptance'",
  );
  expect(rowCount).toBe(1);
  const report = await erase({ organisation: customer.organisationId });
  expect(report.entries).toContainEqual(expect.objectContaining({ where: 'erp', action: 'kept', count: 1 }));
  expect([active(ines!.email), active(lars!.email)]).toEqual([false, true]);
  expect(inErp(lars!.email)).toContain('res.partner');
});

it('goes on where it was cut off, and two at once are one', async () => {
  const customer = await buy();
  await end(customer.providerId);
  const organisation = customer.organisationId;
  scene.world.faults.add({ system: 'stripe', operation: 'DELETE*', kind: 'permanent', times: 1 });
  await expect(erase({ organisation })).rejects.toThrow();
  const half = await scene.db.query<{ done: string[]; cause: unknown }>(
    'select array(select jsonb_object_keys(report)) as done, cause from erasures',
  );
  expect(half.rows[0]!.done.sort()).toEqual(['erp', 'runs', 'storage', 'workspaces']);
  expect(half.rows[0]!.cause).not.toBeNull();
  // What a process leaves that is killed: its lease.
  await scene.db.query('update erasures set held_until = $1', [
    new Date(scene.world.clock.now().getTime() + 600_000),
  ]);
  await expect(erase({ organisation })).rejects.toThrow(/being carried out/);
  await scene.world.clock.advance(11 * 60_000);
  const report = await erase({ organisation });
  expect(report.finished).toBe(true);
  expect(report.entries.filter(({ where }) => where === 'storage')).toHaveLength(1);
  expect(await tablesWith(customer.organisation.contact_email)).toEqual([]);
  expect((await scene.db.query('select 1 from erasures')).rowCount).toBe(1);
});

it('a person is gone and the project goes on; its contact is not erased', async () => {
  const customer = await buy();
  const [ines, lars] = customer.people;
  await expect(erase({ email: customer.organisation.contact_email })).rejects.toThrow(
    /contact of organisation/,
  );
  const report = await erase({ email: ` ${lars!.email.toUpperCase()} ` });
  expect(report.finished).toBe(true);
  expect(await tablesWith(lars!.email)).toEqual([]);
  expect(report.entries).toContainEqual(
    expect.objectContaining({ what: 'workspaces they were a member of', count: 1 }),
  );
  expect(inErp(lars!.email)).toEqual([]);
  const users = scene.world.systems.odoo.records('res.users');
  expect(users.find((user) => user.login === ines!.email)).toMatchObject({ active: true });
  const { rows } = await scene.db.query<{ access: string }>('select access from subscriptions');
  expect(rows).toEqual([{ access: 'provisioned' }]);
  expect(scene.world.systems.b2.buckets().some((each) => each.bucketName.startsWith('cde-'))).toBe(true);
  await expect(erase({ email: lars!.email })).rejects.toThrow(/nothing of this/);
});
