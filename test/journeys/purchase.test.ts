/** The main job as a customer and the staff live it, each outside system read for itself. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { draft, eventually } from '../support/connector.ts';
import { openScene, type Scene } from '../support/scene.ts';

/** A many2one reads as [id, name]. */
const idOf = (value: unknown): unknown => (Array.isArray(value) ? value[0] : value);

const PLANS = [
  { plan: 'starter', setup: 150_000, month: 25_000 },
  { plan: 'professional', setup: 300_000, month: 50_000 },
  { plan: 'enterprise', setup: 600_000, month: 100_000 },
] as const;

describe.each(['pglite', 'postgres'] as const)('a purchase (%s)', (kind) => {
  let scene: Scene;

  beforeAll(async () => {
    scene = await openScene({ database: kind });
  });
  afterAll(() => scene?.close());

  it.each(PLANS)('of $plan makes the customer real, once, everywhere', async ({ plan, setup, month }) => {
    const body = draft({ plan });
    const { name, contact_email: contact } = body.organisation as Record<string, string>;
    const { sessionId, run } = await scene.buy(body);
    expect(run.steps.every((step) => step.status === 'done')).toBe(true);

    // Stripe: set-up and first month in one invoice, known by our order.
    const session = scene.world.systems.stripe.sessions().find((each) => each.id === sessionId)!;
    const invoices = scene.world.systems.stripe
      .invoices()
      .filter((each) => each.customer === session.customer);
    expect(invoices).toHaveLength(1);
    expect(invoices[0]).toMatchObject({ status: 'paid', amount_paid: setup + month });

    // ERP: one company with its contacts, one won opportunity, one record that links them.
    const companies = scene.world.systems.odoo.records('res.partner').filter((each) => each.name === name);
    expect(companies).toHaveLength(1);
    const company = companies[0]!;
    expect(company.is_company).toBe(true);
    const leads = scene.world.systems.odoo
      .records('crm.lead')
      .filter((each) => idOf(each.partner_id) === company.id);
    expect(leads).toHaveLength(1);
    expect(leads[0]).toMatchObject({ probability: 100, expected_revenue: (setup + month) / 100 });
    const stage = scene.world.systems.odoo
      .records('crm.stage')
      .find((each) => each.id === idOf(leads[0]!.stage_id));
    expect(stage).toMatchObject({ is_won: true });
    const records = scene.world.systems.odoo
      .records('x_stripe_subscription')
      .filter((each) => idOf(each.x_partner_id) === company.id);
    expect(records).toHaveLength(1);
    await eventually(
      'the record says provisioned',
      async () =>
        scene.world.systems.odoo.records('x_stripe_subscription').find((each) => each.id === records[0]!.id)
          ?.x_access === 'provisioned',
    );
    expect(records[0]).toMatchObject({
      x_plan: plan,
      x_status: 'active',
      x_amount: month / 100,
    });

    expect(idOf(records[0]!.x_opportunity_id)).toBe(leads[0]!.id);

    // Workspace: the ISO 19650 tree below one root, both documents in it.
    const folders = scene.world.systems.odoo
      .records('x_cde_folder')
      .filter((each) => idOf(each.x_partner_id) === company.id);
    const roots = folders.filter((each) => !each.x_parent_id);
    expect(roots).toHaveLength(1);
    expect(idOf(records[0]!.x_workspace_id)).toBe(roots[0]!.id);
    const top = folders.filter((each) => idOf(each.x_parent_id) === roots[0]!.id).map((each) => each.x_name);
    expect(top.sort()).toEqual(['01 Work in Progress', '02 Shared', '03 Published', '04 Archive']);
    const folderIds = folders.map((each) => each.id);
    const filed = scene.world.systems.odoo
      .records('ir.attachment')
      .filter((each) => each.res_model === 'x_cde_folder' && folderIds.includes(each.res_id as number));
    expect(filed).toHaveLength(2);

    // Users: a portal user for each stakeholder.
    const logins = (body.stakeholders as { email: string }[]).map((person) => person.email);
    const users = scene.world.systems.odoo
      .records('res.users')
      .filter((each) => logins.includes(String(each.login)));
    expect(users).toHaveLength(logins.length);

    // Storage: one private, encrypted bucket, one live key restricted to it, both documents.
    const bucketName = (run.steps.find((step) => step.name === 'bucket')!.result as { bucketName: string })
      .bucketName;
    const bucket = scene.world.systems.b2.buckets().find((each) => each.bucketName === bucketName)!;
    expect(bucket.bucketType).toBe('allPrivate');
    expect(bucket.defaultServerSideEncryption.mode).toBe('SSE-B2');
    const keys = scene.world.systems.b2.keys().filter((each) => each.bucketId === bucket.bucketId);
    expect(keys).toHaveLength(1);
    const stored = await scene.db.query<{ keyId: string }>(
      'select key_id as "keyId" from storages where bucket_name = $1',
      [bucketName],
    );
    expect(keys[0]!.applicationKeyId).toBe(stored.rows[0]!.keyId);
    const files = scene.world.systems.b2.files(bucketName);
    expect(files).toHaveLength(2);
    for (const file of files) {
      const content = Buffer.from(scene.world.systems.b2.content(file.fileId)!);
      expect(content.subarray(0, 5).toString()).toBe('%PDF-');
    }

    // Mail: received, welcome with both PDFs, one for each other stakeholder; none from the ERP itself.
    const mails = await scene.world.systems.mail.to(contact!);
    expect(mails.map((mail) => mail.attachments.length).sort()).toEqual([0, 2]);
    for (const login of logins) expect(await scene.world.systems.mail.to(login)).toHaveLength(1);
  });

  it('a second project of the same organisation shares partner and users, and nothing else', async () => {
    const first = draft();
    const { order } = await scene.buy(first);
    const { organisation: _known, ...second } = draft({ stakeholders: first.stakeholders as never });
    await scene.buy(second, { authorization: `Bearer ${order}` });

    const { name } = first.organisation as Record<string, string>;
    const companies = scene.world.systems.odoo.records('res.partner').filter((each) => each.name === name);
    expect(companies).toHaveLength(1);
    const of = (model: string, field: string) =>
      scene.world.systems.odoo.records(model).filter((each) => idOf(each[field]) === companies[0]!.id);
    expect(of('crm.lead', 'partner_id')).toHaveLength(2);
    expect(of('x_stripe_subscription', 'x_partner_id')).toHaveLength(2);
    expect(of('x_cde_folder', 'x_partner_id').filter((each) => !each.x_parent_id)).toHaveLength(2);
    const logins = (first.stakeholders as { email: string }[]).map((person) => person.email);
    const users = scene.world.systems.odoo
      .records('res.users')
      .filter((each) => logins.includes(String(each.login)));
    expect(users).toHaveLength(logins.length);
    const customers = scene.world.systems.stripe.customers().filter((each) => each.name === name);
    expect(customers).toHaveLength(1);
    const buckets = await scene.db.query<{ n: number }>(
      `select count(*) as n from storages t join projects p on p.id = t.project_id
         join organisations o on o.id = p.organisation_id where o.name = $1`,
      [name],
    );
    expect(buckets.rows[0]!.n).toBe(2);
  });

  it('says nothing secret in its log', async () => {
    const log = scene.connector.log();
    const secrets = await scene.db.query<{ hash: string }>('select token_hash as hash from orders limit 1');
    expect(secrets.rowCount).toBe(1);
    for (const name of Object.keys(scene.connector.env).filter(
      (key) => /KEY$|SECRET$|KEYS$/.test(key) && !/PUBLISHABLE|KEY_ID/.test(key),
    )) {
      expect(log.includes(scene.connector.env[name]!), name).toBe(false);
    }
    expect(log).not.toMatch(/\/orders\/[\w-]{43}/);
    expect(log).not.toMatch(/\/credentials\/[\w-]{43}/);
    expect(log).toContain('run done');
  });
});
