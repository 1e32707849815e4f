import { randomInt, randomUUID } from 'node:crypto';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Sale, Stakeholder } from '../../../connector/billing/sale.ts';
import { type Crm, createCrm } from '../../../connector/crm/crm.ts';
import { html } from '../../../connector/crm/html.ts';
import { loadOdooMapping } from '../../../connector/crm/mapping.ts';
import { drainOutbox } from '../../../connector/crm/outbox.ts';
import { loadWorkspaceTree } from '../../../connector/crm/workspace-tree.ts';
import type { Database } from '../../../connector/db/database.ts';
import { createLog } from '../../../connector/log.ts';
import type { Odoo } from '../../../connector/odoo/odoo.ts';
import { openTestDatabase } from '../../support/database.ts';
import { openPreparedErp, type PreparedErp, unique } from './erp.ts';

let erp: PreparedErp;
let db: Database;
let crm: Crm;
let calls: string[];
// Ids no other run on this server has used: external ids are made of them.
let id = randomInt(1_000, 2_000_000) * 1000;

const log = createLog({ level: 'silent' });
const now = () => new Date();
// Ahead of the database's own clock, by which a new row is due at once.
const later = () => new Date(Date.now() + 60_000);
const pdf = (text: string): Uint8Array => Buffer.from(`%PDF-1.4 ${text}`);

/** The service's port with its calls written down. */
function counted(odoo: Odoo): Odoo {
  const note = <T>(name: string, work: Promise<T>): Promise<T> => {
    calls.push(name);
    return work;
  };
  return {
    version: odoo.version,
    call: (model, method, args) => note(`${model}.${method}`, odoo.call(model, method, args)),
    load: (model, fields, rows, options) => note(`${model}.load`, odoo.load(model, fields, rows, options)),
    xmlidToRes: (module, name) => note(`ref ${name}`, odoo.xmlidToRes(module, name)),
  };
}

function newCrm(mapping = loadOdooMapping()): Crm {
  return createCrm({
    db,
    odoo: counted(erp.service),
    log,
    now,
    mapping,
    // Wherever the server would have them: what each driver does is workspace.test.ts.
    workspaceTree: { ...loadWorkspaceTree(), driver: 'attachments' },
    publicUrl: 'https://connect.example.com',
    erpUrl: erp.url,
  });
}

beforeAll(async () => {
  erp = await openPreparedErp();
  db = await openTestDatabase();
  return () => db.close();
}, 180_000);

beforeEach(() => {
  calls = [];
  crm = newCrm();
});

interface Change {
  readonly organisation?: Partial<Sale['organisation']>;
  readonly stakeholders?: readonly { name: string; email: string }[];
  readonly sameOrganisationAs?: Sale;
  readonly amountPaid?: number;
}

/** A sale whose rows are in the database, as checkout and sync leave it. */
async function newSale(change: Change = {}): Promise<Sale> {
  id += 1;
  const base = id;
  const tag = unique('org');
  const organisation: Sale['organisation'] = change.sameOrganisationAs?.organisation ?? {
    id: base,
    providerCustomerId: `cus_${tag}`,
    name: `Harbour & Söhne <${tag}>`,
    country: 'GB',
    vatId: null,
    contactName: 'Ada Contact',
    contactEmail: `ada@${tag}.example.com`,
    locale: 'en',
    looksLikeDuplicateOf: null,
    ...change.organisation,
  };
  if (change.sameOrganisationAs === undefined) {
    await db.query(
      `insert into organisations (id, provider_customer_id, name, country, vat_id, contact_name, contact_email)
       overriding system value values ($1, $2, $3, $4, $5, $6, $7)`,
      [
        organisation.id,
        organisation.providerCustomerId,
        organisation.name,
        organisation.country,
        organisation.vatId,
        organisation.contactName,
        organisation.contactEmail,
      ],
    );
  }
  const project = {
    id: base,
    organisationId: organisation.id,
    name: 'Tower',
    code: `T-${base}`,
    description: 'A tower',
    client: 'Port',
  };
  await db.query(
    'insert into projects (id, organisation_id, name, code) overriding system value values ($1, $2, $3, $4)',
    [project.id, organisation.id, project.name, project.code],
  );
  const people = change.stakeholders ?? [{ name: 'Ines Manager', email: `ines@${tag}.example.com` }];
  const stakeholders: Stakeholder[] = people.map((person, index) => ({
    ...person,
    id: base + 1 + index,
    role: index === 0 ? 'information_manager' : 'appointed_party',
  }));
  id += people.length;
  for (const [position, person] of stakeholders.entries()) {
    await db.query(
      `insert into stakeholders (id, project_id, position, name, email, role) overriding system value
       values ($1, $2, $3, $4, $5, $6)`,
      [person.id, project.id, position, person.name, person.email, person.role],
    );
  }
  return {
    orderId: base,
    organisation,
    project,
    stakeholders,
    planKey: 'starter',
    planName: 'Starter',
    subscription: {
      id: base,
      providerId: unique('sub'),
      planKey: 'starter',
      billingInterval: 'month',
      quantity: 1,
      currency: 'usd',
      recurringAmount: 25_000,
      monthlyAmount: 25_000,
      status: 'active',
      access: 'provisioning',
      currentPeriodStart: new Date('2026-11-01T00:00:00Z'),
      currentPeriodEnd: new Date('2026-12-01T00:00:00Z'),
      cancelAtPeriodEnd: false,
      canceledAt: null,
      endedAt: null,
      trialEnd: null,
      version: 1,
    },
    firstInvoice: {
      providerId: unique('in'),
      number: 'A-1',
      currency: 'usd',
      amountPaid: change.amountPaid ?? 175_000,
      hostedUrl: null,
      paidAt: new Date('2026-11-01T00:00:00Z'),
    },
  };
}

const read = async <T = Record<string, unknown>>(
  model: string,
  ids: readonly number[],
  fields: readonly string[],
) => erp.admin.call<T[]>(model, 'read', { ids, fields });

const drain = () => drainOutbox({ db, odoo: erp.service, log, now: later });

/** Everything provisioning asks of the ERP for one sale. */
async function provision(sale: Sale) {
  const partners = await crm.ensurePartners(sale);
  erp.tidy('res.partner', [partners.companyId]);
  erp.tidy('res.partner', [...new Set([partners.mainContactId, ...Object.values(partners.contactIds)])]);
  const { opportunityId } = await crm.ensureOpportunityWon(sale, partners);
  erp.tidy('crm.lead', [opportunityId]);
  const { users } = await crm.ensureUsers(sale, partners);
  const workspace = await crm.ensureWorkspace(sale, { ...partners, users });
  erp.tidy('x_cde_folder', [workspace.workspaceId]);
  erp.tidy('x_cde_folder', [...workspace.folders].map((folder) => folder.id).reverse());
  erp.tidy(
    'res.users',
    users.flatMap(({ userId }) => (userId === null ? [] : [userId])),
  );
  const { fileIds } = await crm.fileDocuments(sale, {
    workspace,
    files: [
      { kind: 'bep', fileName: 'BEP.pdf', content: pdf('bep') },
      { kind: 'eir', fileName: 'EIR.pdf', content: pdf('eir') },
    ],
  });
  const { recordId } = await crm.ensureSubscription(sale, { ...partners, opportunityId });
  erp.tidy('x_stripe_subscription', [recordId]);
  await crm.linkSubscription(sale, { recordId, workspace, bucketName: 'bucket-1' });
  await crm.leaveNotes(db, {
    subscriptionId: sale.subscription.id,
    orderId: sale.orderId,
    key: 'provisioned',
    html: html`<p>Done for ${sale.organisation.name}</p>`,
  });
  return { partners, opportunityId, workspace, users, fileIds, recordId };
}

describe('a sale in the ERP', () => {
  test('becomes company, contacts, won opportunity, workspace, users, documents, record and note, in few calls', async () => {
    const sale = await newSale();
    const made = await provision(sale);

    // The action's id and the company's currency are looked up once per process.
    const once = (call: string) => call.startsWith('ref run_') || call.startsWith('res.company.');
    expect(calls.filter((call) => !once(call))).toHaveLength(9);
    const { companyId, mainContactId, contactIds, refused } = made.partners;
    expect(refused).toEqual([]);
    const uk = await erp.admin.xmlidToRes('base', 'uk');
    const [company] = await read(
      'res.partner',
      [companyId],
      ['name', 'is_company', 'email', 'country_id', 'ref'],
    );
    expect(company).toMatchObject({
      name: sale.organisation.name,
      is_company: true,
      email: sale.organisation.contactEmail,
      country_id: [uk!.id, expect.any(String)],
      ref: sale.organisation.providerCustomerId,
    });
    const contacts = await read(
      'res.partner',
      [mainContactId, contactIds[sale.stakeholders[0]!.id]!],
      ['name', 'parent_id', 'is_company', 'function'],
    );
    expect(contacts).toMatchObject([
      { name: 'Ada Contact', parent_id: [companyId, expect.any(String)], is_company: false },
      { name: 'Ines Manager', parent_id: [companyId, expect.any(String)], function: 'Information Manager' },
    ]);

    const [lead] = await read<{ stage_id: [number, string] }>(
      'crm.lead',
      [made.opportunityId],
      ['partner_id', 'expected_revenue', 'probability', 'stage_id', 'type', 'user_id'],
    );
    expect(lead).toMatchObject({
      partner_id: [companyId, expect.any(String)],
      expected_revenue: 1750,
      probability: 100,
      type: 'opportunity',
      user_id: false,
    });
    expect(await read('crm.stage', [lead!.stage_id[0]], ['is_won'])).toMatchObject([{ is_won: true }]);

    const paths = made.workspace.folders.map(({ path }) => path);
    for (const name of ['01 Work in Progress', '02 Shared', '03 Published', '04 Archive'])
      expect(paths).toContain(name);
    const children = await erp.admin.call<number[]>('x_cde_folder', 'search', {
      domain: [['x_parent_id', '=', made.workspace.workspaceId]],
    });
    expect(children).toHaveLength(4);
    expect(made.workspace.driver).toBe('attachments');

    expect(made.users).toMatchObject([{ outcome: 'created', login: sale.stakeholders[0]!.email }]);
    const files = await read<{ res_id: number }>('ir.attachment', made.fileIds, [
      'name',
      'res_model',
      'res_id',
      'datas',
    ]);
    expect(files).toMatchObject([
      { name: 'BEP.pdf', res_model: 'x_cde_folder', datas: Buffer.from(pdf('bep')).toString('base64') },
      { name: 'EIR.pdf' },
    ]);
    expect(files[0]!.res_id).toBe(
      made.workspace.folders.find(({ path }) => path === '03 Published/Execution Plan')!.id,
    );

    const [record] = await read(
      'x_stripe_subscription',
      [made.recordId],
      [
        'x_stripe_id',
        'x_partner_id',
        'x_opportunity_id',
        'x_workspace_id',
        'x_amount',
        'x_first_amount',
        'x_currency_id',
        'x_status',
        'x_access',
        'x_period_end',
        'x_canceled_at',
        'x_version',
        'x_bucket',
        'x_plan',
      ],
    );
    expect(record).toMatchObject({
      x_stripe_id: sale.subscription.providerId,
      x_partner_id: [companyId, expect.any(String)],
      x_opportunity_id: [made.opportunityId, expect.any(String)],
      x_workspace_id: [made.workspace.workspaceId, expect.any(String)],
      x_amount: 250,
      x_first_amount: 1750,
      x_currency_id: [expect.any(Number), 'USD'],
      x_status: 'active',
      // The run's end makes it provisioned, by the outbox.
      x_access: 'provisioning',
      x_period_end: '2026-12-01 00:00:00',
      x_canceled_at: false,
      x_version: 1,
      x_bucket: 'bucket-1',
      x_plan: 'starter',
    });
    await drain();
    const told = [expect.stringContaining('Harbour &amp; Söhne &lt;org')];
    expect(await notes('crm.lead', made.opportunityId)).toEqual(told);
    expect(await notes('x_stripe_subscription', made.recordId)).toEqual(told);
  });

  test('done again makes nothing a second time, and leaves what staff changed', async () => {
    const sale = await newSale();
    const first = await provision(sale);
    await erp.admin.call('res.partner', 'write', {
      ids: [first.partners.companyId],
      vals: { name: 'As staff call it' },
    });
    const second = await provision(sale);
    expect({ ...second, users: [] }).toEqual({ ...first, users: [] });
    expect(second.users).toMatchObject([{ outcome: 'already_ours', userId: first.users[0]!.userId }]);
    expect(await read('res.partner', [first.partners.companyId], ['name'])).toMatchObject([
      { name: 'As staff call it' },
    ]);
    await drain();
    expect(await notes('crm.lead', first.opportunityId)).toHaveLength(1);
  });

  test('answers that were never read: the records are found by their external ids', async () => {
    const sale = await newSale();
    const first = await provision(sale);
    await db.query('update erp_records set res_id = null');
    calls = [];
    crm = newCrm();
    const second = await provision(sale);
    expect({ ...second, users: [] }).toEqual({ ...first, users: [] });
    // Its links once more, into the record that is there.
    expect(calls.filter((call) => call.endsWith('.load'))).toEqual(['x_stripe_subscription.load']);
    await drain();
    expect(await notes('crm.lead', first.opportunityId)).toHaveLength(1);
  });

  test('contacts whose company was not yet written get it', async () => {
    const sale = await newSale();
    const first = await crm.ensurePartners(sale);
    erp.tidy('res.partner', [first.companyId]);
    const contacts = [first.mainContactId, ...Object.values(first.contactIds)];
    // As a process leaves it that died between the load and the write.
    await erp.admin.call('res.partner', 'write', { ids: contacts, vals: { parent_id: false } });
    await db.query('update erp_records set res_id = null where res_id = any($1)', [
      [first.companyId, ...contacts],
    ]);
    expect(await crm.ensurePartners(sale)).toEqual(first);
    for (const contact of await read('res.partner', contacts, ['parent_id'])) {
      expect(contact).toMatchObject({ parent_id: [first.companyId, expect.any(String)] });
    }
  });

  test('another content replaces the document of its kind; the same one is left alone', async () => {
    const sale = await newSale();
    const { workspace, fileIds } = await provision(sale);
    calls = [];
    const file = (text: string) =>
      crm.fileDocuments(sale, {
        workspace,
        files: [{ kind: 'bep', fileName: 'BEP.pdf', content: pdf(text) }],
      });
    expect((await file('bep')).fileIds).toEqual([fileIds[0]]);
    expect(calls).not.toContain('ir.attachment.write');
    expect((await file('second edition')).fileIds).toEqual([fileIds[0]]);
    expect(await read('ir.attachment', [fileIds[0]!], ['datas'])).toMatchObject([
      { datas: Buffer.from(pdf('second edition')).toString('base64') },
    ]);
  });

  test('two runs of one organisation at once make one of each', async () => {
    const sale = await newSale();
    const [one, two] = await Promise.all([crm.ensurePartners(sale), newCrm().ensurePartners(sale)]);
    erp.tidy('res.partner', [one.companyId]);
    expect(two).toEqual(one);
    const companies = await erp.admin.call<number[]>('res.partner', 'search', {
      domain: [
        ['name', '=', sale.organisation.name],
        ['is_company', '=', true],
      ],
    });
    expect(companies).toEqual([one.companyId]);
  });

  test('an order that costs nothing yet is an opportunity that is not won', async () => {
    const sale = await newSale({ amountPaid: 0 });
    const partners = await crm.ensurePartners(sale);
    const { opportunityId } = await crm.ensureOpportunityWon(sale, partners);
    erp.tidy('crm.lead', [opportunityId]);
    const [lead] = await read<{ probability: number }>('crm.lead', [opportunityId], ['probability']);
    expect(lead!.probability).toBeLessThan(100);
    const paid = { ...sale, firstInvoice: { ...sale.firstInvoice, amountPaid: 25_000 } };
    await crm.ensureOpportunityWon(paid, { ...partners, won: true });
    const won = () => read('crm.lead', [opportunityId], ['probability', 'expected_revenue']);
    expect(await won()).toMatchObject([{ probability: 100, expected_revenue: 250 }]);
    // What staff made of it since is theirs.
    await erp.admin.call('crm.lead', 'write', { ids: [opportunityId], vals: { expected_revenue: 999 } });
    await crm.ensureOpportunityWon(paid, { ...partners, won: true });
    expect(await won()).toMatchObject([{ expected_revenue: 999 }]);
  });

  test('a second project: same company and people, another opportunity, workspace and record', async () => {
    const sale = await newSale();
    const first = await provision(sale);
    const again = await newSale({
      sameOrganisationAs: sale,
      stakeholders: [{ name: 'Ines M.', email: sale.stakeholders[0]!.email.toUpperCase() }],
    });
    const second = await provision(again);
    expect(second.partners.companyId).toBe(first.partners.companyId);
    expect(Object.values(second.partners.contactIds)).toEqual(Object.values(first.partners.contactIds));
    expect(second.users[0]).toMatchObject({ userId: first.users[0]!.userId, outcome: 'already_ours' });
    expect(second.opportunityId).not.toBe(first.opportunityId);
    expect(second.workspace.workspaceId).not.toBe(first.workspace.workspaceId);
    expect(second.recordId).not.toBe(first.recordId);
  });
});

describe('people', () => {
  test('one address twice is one contact, and the organisation’s own contact is the main one', async () => {
    const tag = unique('same');
    const sale = await newSale({
      organisation: { contactEmail: `boss@${tag}.example.com` },
      stakeholders: [
        { name: 'Boss', email: `Boss@${tag}.example.com` },
        { name: 'Two', email: `two@${tag}.example.com` },
        { name: 'Two again', email: `two@${tag}.example.com` },
      ],
    });
    const partners = await crm.ensurePartners(sale);
    erp.tidy('res.partner', [partners.companyId]);
    erp.tidy('res.partner', Object.values(partners.contactIds));
    const [boss, two, again] = sale.stakeholders.map((person) => partners.contactIds[person.id]);
    expect(boss).toBe(partners.mainContactId);
    expect(again).toBe(two);
    const { users } = await crm.ensureUsers(sale, partners);
    erp.tidy(
      'res.users',
      users.flatMap(({ userId }) => (userId === null ? [] : [userId])),
    );
    expect(users.map(({ outcome }) => outcome)).toEqual(['created', 'created', 'created']);
    expect(users[1]!.userId).toBe(users[2]!.userId);
  });

  test('five hundred stakeholders are two calls', async () => {
    const tag = unique('many');
    const sale = await newSale({
      stakeholders: Array.from({ length: 500 }, (_, index) => ({
        name: `Person ${index} 🏗️ שלום`,
        email: `p${index}@${tag}.example.com`,
      })),
    });
    const partners = await crm.ensurePartners(sale);
    erp.tidy('res.partner', [partners.companyId]);
    erp.tidy('res.partner', Object.values(partners.contactIds));
    expect(new Set(Object.values(partners.contactIds)).size).toBe(500);
    expect(calls).toEqual(['res.partner.load', 'res.partner.write']);
  }, 60_000);

  test('a refused VAT id and an unknown country are left out and told; the customer is made', async () => {
    const sale = await newSale({ organisation: { country: 'BE', vatId: 'BE0000000000', locale: 'en' } });
    const partners = await crm.ensurePartners(sale);
    erp.tidy('res.partner', [partners.companyId]);
    const [company] = await read('res.partner', [partners.companyId], ['vat', 'name']);
    expect(company).toMatchObject({ name: sale.organisation.name });
    // Odoo checks VAT ids only where its module base_vat is installed.
    const checks = await erp.admin.call<number>('ir.module.module', 'search_count', {
      domain: [
        ['name', '=', 'base_vat'],
        ['state', '=', 'installed'],
      ],
    });
    if (checks > 0) {
      expect(company!.vat).toBe(false);
      expect(partners.refused).toEqual([{ field: 'vat', reason: expect.stringContaining('VAT') }]);
      expect((await crm.ensurePartners(sale)).refused).toEqual(partners.refused);
    }
    const odd = await newSale({ organisation: { country: 'QQ' } });
    const other = await crm.ensurePartners(odd);
    erp.tidy('res.partner', [other.companyId]);
    expect(other.refused).toEqual([{ field: 'country_id', reason: expect.any(String) }]);
  });

  test('line breaks in names do not reach the ERP', async () => {
    const sale = await newSale({ organisation: { name: 'Two\r\nlines\tInc', contactName: 'Ada\nContact' } });
    const partners = await crm.ensurePartners(sale);
    erp.tidy('res.partner', [partners.companyId]);
    expect(await read('res.partner', [partners.companyId, partners.mainContactId], ['name'])).toMatchObject([
      { name: 'Two lines Inc' },
      { name: 'Ada Contact' },
    ]);
  });
});

describe('what staff removed', () => {
  test('a deleted company is said to be gone, not made again', async () => {
    const sale = await newSale();
    const partners = await crm.ensurePartners(sale);
    const all = [...new Set([partners.mainContactId, ...Object.values(partners.contactIds)])];
    await erp.admin.call('res.partner', 'unlink', { ids: all });
    await erp.admin.call('res.partner', 'unlink', { ids: [partners.companyId] });
    await expect(crm.ensurePartners(sale)).rejects.toMatchObject({
      kind: 'absent',
      code: 'erp_record_gone',
      advice: expect.stringContaining('link'),
    });
    expect(calls.filter((call) => call === 'res.partner.load')).toHaveLength(1);
  });

  test('a company merged into another is followed', async () => {
    const sale = await newSale();
    const partners = await crm.ensurePartners(sale);
    const [other] = await erp.admin.call<number[]>('res.partner', 'create', {
      vals_list: [{ name: unique('survivor') }],
    });
    erp.tidy('res.partner', [other!]);
    // What Odoo's merge does to external ids: they move to the surviving record.
    const [data] = await erp.admin.call<number[]>('ir.model.data', 'search', {
      domain: [
        ['module', '=', 'stripe_connector'],
        ['name', '=', `org_${sale.organisation.id}_partner`],
      ],
    });
    await erp.admin.call('ir.model.data', 'write', { ids: [data!], vals: { res_id: other } });
    const contacts = [...new Set([partners.mainContactId, ...Object.values(partners.contactIds)])];
    await erp.admin.call('res.partner', 'write', { ids: contacts, vals: { parent_id: other } });
    await erp.admin.call('res.partner', 'unlink', { ids: [partners.companyId] });
    expect((await crm.ensurePartners(sale)).companyId).toBe(other);
  });

  test('an archived company is still the company', async () => {
    const sale = await newSale();
    const partners = await crm.ensurePartners(sale);
    erp.tidy('res.partner', [partners.companyId]);
    await erp.admin.call('res.partner', 'write', { ids: [partners.companyId], vals: { active: false } });
    expect((await crm.ensurePartners(sale)).companyId).toBe(partners.companyId);
  });
});

describe('the subscription record’s links', () => {
  test('that are staff’s after creation are filled while they are empty', async () => {
    const sale = await newSale();
    const { records, ...rest } = loadOdooMapping();
    const { x_bucket: bucket, ...fields } = records.subscription.fields;
    const once = { ...fields, x_bucket: { ...bucket!, write: 'once' as const } };
    crm = newCrm({
      ...rest,
      records: { ...records, subscription: { ...records.subscription, fields: once } },
    });
    const { recordId, workspace } = await provision(sale);
    expect(await read('x_stripe_subscription', [recordId], ['x_bucket'])).toMatchObject([
      { x_bucket: 'bucket-1' },
    ]);
    await crm.linkSubscription(sale, {
      recordId,
      workspace: { ...workspace, url: 'https://elsewhere.example' },
      bucketName: 'bucket-2',
    });
    expect(await read('x_stripe_subscription', [recordId], ['x_bucket', 'x_workspace_url'])).toMatchObject([
      { x_bucket: 'bucket-1', x_workspace_url: 'https://elsewhere.example' },
    ]);
  });

  test('of a record staff deleted go nowhere: it is said to be gone', async () => {
    const sale = await newSale();
    const { recordId, workspace } = await provision(sale);
    await drain();
    await erp.admin.call('x_stripe_subscription', 'unlink', { ids: [recordId] });
    await expect(
      crm.linkSubscription(sale, { recordId, workspace, bucketName: 'bucket-2' }),
    ).rejects.toMatchObject({ kind: 'absent', code: 'erp_record_gone' });
  });
});

describe('the subscription record follows', () => {
  const mirror = (sale: Sale, version: number, change: Partial<Sale['subscription']>) => {
    const { id: subscriptionId, ...subscription } = sale.subscription;
    return db.tx((tx) => crm.mirrorSubscription(tx, { subscriptionId, ...subscription, ...change, version }));
  };

  test('the newest version wins, in whatever order they come; links stay', async () => {
    const sale = await newSale();
    const { recordId, partners } = await provision(sale);
    await mirror(sale, 4, { status: 'past_due', canceledAt: new Date('2026-11-20T10:00:00Z') });
    await mirror(sale, 3, { status: 'active' });
    expect(await drain()).toMatchObject({ written: 1, parked: 0 });
    const fields = ['x_status', 'x_version', 'x_canceled_at', 'x_partner_id'];
    expect(await read('x_stripe_subscription', [recordId], fields)).toMatchObject([
      {
        x_status: 'past_due',
        x_version: 4,
        x_canceled_at: '2026-11-20 10:00:00',
        x_partner_id: [partners.companyId, expect.any(String)],
      },
    ]);
    await mirror(sale, 2, { status: 'unpaid' });
    await drain();
    await mirror(sale, 5, { status: 'active', canceledAt: null });
    await drain();
    expect(await read('x_stripe_subscription', [recordId], fields)).toMatchObject([
      { x_status: 'active', x_version: 5, x_canceled_at: false },
    ]);
  });

  test('provisioning repeated with a newer version writes it through the outbox', async () => {
    const sale = await newSale();
    const { partners, opportunityId, workspace, recordId } = await provision(sale);
    const again = (access: 'suspended' | 'provisioned', version: number) =>
      crm.ensureSubscription(
        { ...sale, subscription: { ...sale.subscription, access, version } },
        { ...partners, opportunityId },
      );
    await again('suspended', 5);
    expect(await drain()).toMatchObject({ written: 1 });
    await again('provisioned', 4);
    expect(await drain()).toMatchObject({ written: 0 });
    await crm.linkSubscription(sale, { recordId, workspace, bucketName: 'bucket-2' });
    expect(
      await read('x_stripe_subscription', [recordId], ['x_access', 'x_bucket', 'x_version']),
    ).toMatchObject([{ x_access: 'suspended', x_bucket: 'bucket-2', x_version: 5 }]);
  });

  test('a mirror before the record exists waits for it', async () => {
    const sale = await newSale();
    await mirror(sale, 7, { status: 'past_due' });
    expect(await drain()).toMatchObject({ written: 0 });
    const { recordId } = await provision(sale);
    expect(await drain()).toMatchObject({ written: 1 });
    expect(await read('x_stripe_subscription', [recordId], ['x_status', 'x_access'])).toMatchObject([
      { x_status: 'past_due' },
    ]);
  });

  test('a bad row is found and parked, the others are written', async () => {
    const sales = [await newSale(), await newSale(), await newSale()];
    const made = [];
    for (const sale of sales) made.push(await provision(sale));
    for (const [index, sale] of sales.entries()) {
      await mirror(sale, 9, { status: 'past_due', ...(index === 1 && { currency: 'xxx' }) });
    }
    expect(await drain()).toMatchObject({ written: 2, parked: 1 });
    const rows = await read(
      'x_stripe_subscription',
      made.map(({ recordId }) => recordId),
      ['x_status'],
    );
    expect(rows.map((row) => row.x_status)).toEqual(['past_due', 'active', 'past_due']);
    const parked = await db.query<{ cause: { code: string } }>(
      'select parked_cause as cause from erp_outbox where parked_cause is not null',
    );
    expect(parked.rows).toMatchObject([{ cause: { code: 'odoo_load_refused' } }]);
    await mirror(sales[1]!, 10, { status: 'canceled' });
    expect(await drain()).toMatchObject({ written: 1 });
  });
});

describe('notes and activities', () => {
  test('an activity is opened once for the salesperson, and closed', async () => {
    const sale = await newSale();
    const { opportunityId } = await provision(sale);
    const open = () =>
      crm.openActivity({
        model: 'crm.lead',
        resId: opportunityId,
        key: `run_${sale.orderId}_attention`,
        summary: 'Needs attention',
        note: '<p>Look here</p>',
      });
    await open();
    await open();
    const activities = () =>
      erp.admin.call<{ summary: string; user_id: [number, string] }[]>('mail.activity', 'search_read', {
        domain: [
          ['res_model', '=', 'crm.lead'],
          ['res_id', '=', opportunityId],
        ],
        fields: ['summary', 'user_id', 'note'],
      });
    const [activity, ...more] = await activities();
    expect(more).toEqual([]);
    expect(activity).toMatchObject({
      summary: 'Needs attention',
      note: expect.stringContaining('Look here'),
    });
    const service = await erp.admin.xmlidToRes('stripe_connector', 'user_service');
    expect(activity!.user_id[0]).not.toBe(service!.id);
    await crm.closeActivity({ key: `run_${sale.orderId}_attention` });
    await crm.closeActivity({ key: `run_${sale.orderId}_attention` });
    expect(await activities()).toEqual([]);
    await open();
    expect(await activities()).toHaveLength(1);
  });

  test('a subscription record’s activity goes to a sales manager; done by staff, closing it is no error', async () => {
    const sale = await newSale();
    const { recordId } = await provision(sale);
    const key = `record_${sale.orderId}`;
    await crm.openActivity({ model: 'x_stripe_subscription', resId: recordId, key, summary: 'x', note: 'x' });
    const domain = [
      ['res_model', '=', 'x_stripe_subscription'],
      ['res_id', '=', recordId],
    ];
    const ids = await erp.admin.call<number[]>('mail.activity', 'search', { domain });
    expect(ids).toHaveLength(1);
    await erp.admin.call('mail.activity', 'unlink', { ids });
    await crm.closeActivity({ key });
    expect(await erp.admin.call('mail.activity', 'search', { domain })).toEqual([]);
  });

  test('the opportunity’s own salesperson is asked', async () => {
    const sale = await newSale();
    const partners = await crm.ensurePartners(sale);
    const { opportunityId } = await crm.ensureOpportunityWon(sale, partners);
    erp.tidy('crm.lead', [opportunityId]);
    const admin = await erp.admin.xmlidToRes('base', 'user_admin');
    await erp.admin.call('crm.lead', 'write', { ids: [opportunityId], vals: { user_id: admin!.id } });
    await crm.openActivity({
      model: 'crm.lead',
      resId: opportunityId,
      key: `own_${sale.orderId}`,
      summary: 'x',
      note: 'x',
    });
    const [activity] = await erp.admin.call<{ user_id: [number, string] }[]>('mail.activity', 'search_read', {
      domain: [
        ['res_model', '=', 'crm.lead'],
        ['res_id', '=', opportunityId],
      ],
      fields: ['user_id'],
    });
    expect(activity!.user_id[0]).toBe(admin!.id);
  });

  test('without a salesperson its team’s leader is asked', async () => {
    const sale = await newSale();
    const partners = await crm.ensurePartners(sale);
    const { opportunityId } = await crm.ensureOpportunityWon(sale, partners);
    const leader = await erp.admin.xmlidToRes('stripe_connector', 'user_service');
    const [team] = await erp.admin.call<number[]>('crm.team', 'create', {
      vals_list: [{ name: 'Connector contract', user_id: leader!.id }],
    });
    erp.tidy('crm.team', [team!]);
    erp.tidy('crm.lead', [opportunityId]);
    await erp.admin.call('crm.lead', 'write', {
      ids: [opportunityId],
      vals: { user_id: false, team_id: team },
    });
    await crm.openActivity({
      model: 'crm.lead',
      resId: opportunityId,
      key: `team_${sale.orderId}`,
      summary: 'x',
      note: 'x',
    });
    const [activity] = await erp.admin.call<{ user_id: [number, string] }[]>('mail.activity', 'search_read', {
      domain: [
        ['res_model', '=', 'crm.lead'],
        ['res_id', '=', opportunityId],
      ],
      fields: ['user_id'],
    });
    expect(activity!.user_id[0]).toBe(leader!.id);
  });
});

describe('whose ERP this is', () => {
  test('the first installation binds it, another one is refused', async () => {
    const key = { key: 'stripe_connector.installation' };
    const before = await erp.admin.call<string | false>('ir.config_parameter', 'get_param', key);
    await erp.admin.call('ir.config_parameter', 'set_param', { ...key, value: '' });
    try {
      const mine = randomUUID();
      const identity = await crm.identify(mine);
      const uuid = await erp.admin.call('ir.config_parameter', 'get_param', { key: 'database.uuid' });
      expect(identity).toMatchObject({ databaseUuid: uuid, version: (await erp.admin.version()).text });
      expect(await crm.identify(mine)).toEqual(identity);
      await expect(crm.identify(randomUUID())).rejects.toMatchObject({
        kind: 'conflict',
        code: 'erp_belongs_to_another_installation',
      });
    } finally {
      await erp.admin.call('ir.config_parameter', 'set_param', { ...key, value: before || '' });
    }
  });
});

/** Our notes on a record, oldest first. */
async function notes(model: string, id: number): Promise<string[]> {
  const rows = await erp.admin.call<{ id: number; body: string }[]>('mail.message', 'search_read', {
    domain: [
      ['model', '=', model],
      ['res_id', '=', id],
      ['message_type', '=', 'comment'],
    ],
    fields: ['body'],
    order: 'id',
  });
  return rows.map(({ body }) => body);
}
