/** Erasure in the ERP: what the running key may overwrite, in whichever version; and what is somebody else's. */
import { randomInt } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { loadCatalogue } from '../../../connector/billing/plans.ts';
import { readSale } from '../../../connector/billing/read-sale.ts';
import type { Sale } from '../../../connector/billing/sale.ts';
import { type Crm, createCrm } from '../../../connector/crm/crm.ts';
import { html } from '../../../connector/crm/html.ts';
import { loadOdooMapping } from '../../../connector/crm/mapping.ts';
import { drainOutbox } from '../../../connector/crm/outbox.ts';
import { loadWorkspaceTree } from '../../../connector/crm/workspace-tree.ts';
import type { Database } from '../../../connector/db/database.ts';
import { createLog } from '../../../connector/log.ts';

import { openTestDatabase } from '../../support/database.ts';
import { seedSale } from '../../support/seed.ts';
import { openPreparedErp, type PreparedErp, unique } from './erp.ts';

let erp: PreparedErp;
let db: Database;
let crm: Crm;
const log = createLog({ level: 'silent' });

beforeAll(async () => {
  erp = await openPreparedErp();
  db = await openTestDatabase();
  // External ids are made of our numbers: none that another run on this server has used.
  const from = randomInt(1_000, 2_000_000) * 1000;
  for (const table of ['organisations', 'projects', 'stakeholders', 'orders', 'subscriptions'])
    await db.query(`select setval(pg_get_serial_sequence('${table}', 'id'), ${from})`);
  crm = createCrm({
    db,
    odoo: erp.service,
    log,
    now: () => new Date(),
    mapping: loadOdooMapping(),
    workspaceTree: { ...loadWorkspaceTree(), driver: 'attachments' },
    publicUrl: 'https://connect.example.com',
    erpUrl: erp.url,
  });
  return () => db.close();
}, 180_000);

/** A customer in the ERP, with what we tell of them in the chatter and ask of staff. */
async function customer() {
  const tag = unique('gone');
  const people = ['ines', 'lars'].map((name) => ({
    name: `${name} ${tag}`,
    email: `${name}@${tag}.example.com`,
    role: name === 'ines' ? 'information_manager' : 'appointed_party',
  }));
  const seeded = await seedSale(db, {
    organisation: `Works ${tag}`,
    contactEmail: `ada@${tag}.example.com`,
    stakeholders: people,
  });
  const sale: Sale = await readSale(db, {
    subscriptionId: seeded.subscriptionId,
    catalogue: loadCatalogue('mappings/plans.json'),
  });
  const partners = await crm.ensurePartners(sale);
  const contacts = Object.values(partners.contactIds);
  erp.tidy('res.partner', [partners.companyId]);
  erp.tidy('res.partner', [partners.mainContactId, ...contacts]);
  const { opportunityId } = await crm.ensureOpportunityWon(sale, partners);
  erp.tidy('crm.lead', [opportunityId]);
  const { users } = await crm.ensureUsers(sale, partners);
  const userIds = users.map(({ userId }) => userId!);
  erp.tidy('res.users', userIds);
  await crm.leaveNotes(db, {
    subscriptionId: seeded.subscriptionId,
    orderId: seeded.orderId,
    key: 'access',
    html: html`<p>Access given to ${people[1]!.email}</p>`,
  });
  await crm.leaveNotes(db, {
    subscriptionId: seeded.subscriptionId,
    orderId: seeded.orderId,
    key: 'other',
    html: '<p>Nothing about anybody</p>',
  });
  const later = () => new Date(Date.now() + 60_000);
  await drainOutbox({ db, odoo: erp.service, log, now: later });
  await crm.openCustomerActivity({
    key: `order_${seeded.orderId}_users`,
    orderId: seeded.orderId,
    organisationId: seeded.organisationId,
    summary: 'Has no access yet',
    note: [people[1]!.email],
    deadline: null,
  });
  return { ...seeded, tag, people, partners, contacts, opportunityId, userIds };
}

type Customer = Awaited<ReturnType<typeof customer>>;

const read = (model: string, ids: readonly number[], fields: readonly string[]) =>
  erp.admin.call<Record<string, unknown>[]>(model, 'read', { ids, fields });

const toldOn = (opportunityId: number) =>
  erp.admin.call<{ body: string }[]>('mail.message', 'search_read', {
    domain: [
      ['model', '=', 'crm.lead'],
      ['res_id', '=', opportunityId],
    ],
    fields: ['body'],
  });

const activitiesOn = (opportunityId: number) =>
  erp.admin.call<{ summary: string; note: string | false }[]>('mail.activity', 'search_read', {
    domain: [
      ['res_model', '=', 'crm.lead'],
      ['res_id', '=', opportunityId],
    ],
    fields: ['summary', 'note'],
  });

/** Everything the ERP says of the customer where we wrote. */
async function everything({ partners, contacts, opportunityId, userIds }: Customer): Promise<string> {
  return JSON.stringify([
    await read('res.partner', [partners.companyId, partners.mainContactId, ...contacts], ['name', 'email']),
    await read(
      'crm.lead',
      [opportunityId],
      ['name', 'contact_name', 'partner_name', 'email_from', 'description'],
    ),
    await read('res.users', userIds, ['login', 'active']),
    await toldOn(opportunityId),
    await activitiesOn(opportunityId),
    await trackedOn(opportunityId),
  ]);
}

/** What the chatter says of fields that changed, old values with it. */
const trackedOn = (opportunityId: number) =>
  erp.admin
    .call<unknown[]>('mail.tracking.value', 'search_read', {
      domain: [
        ['mail_message_id.model', '=', 'crm.lead'],
        ['mail_message_id.res_id', '=', opportunityId],
      ],
      fields: ['old_value_char', 'new_value_char'],
    })
    // The sandbox keeps no such values.
    .catch((thrown: unknown) => {
      if (process.env.ODOO_URL) throw thrown;
      return [];
    });

describe('erasure', () => {
  test('of an organisation leaves no name and no address where we wrote; it may be said twice', async () => {
    const gone = await customer();
    expect(await everything(gone)).toContain(gone.tag);
    const input = {
      organisationId: gone.organisationId,
      emails: null,
      spared: [],
      mode: 'anonymise',
    } as const;
    const done = await crm.anonymise(input);
    expect(done).toMatchObject({ users: 2, leftAlone: 0 });
    expect(done.records).toBeGreaterThanOrEqual(5);
    expect(done.notes).toBeGreaterThanOrEqual(3);
    await crm.anonymise(input);
    expect(await everything(gone)).not.toContain(gone.tag);
    const users = await read('res.users', gone.userIds, ['active']);
    expect(users.map(({ active }) => active)).toEqual([false, false]);
    const asked = (await activitiesOn(gone.opportunityId)).filter(({ summary }) => /Erasure/.test(summary));
    const onCompany = await erp.admin.call<number>('mail.activity', 'search_count', {
      domain: [
        ['res_model', '=', 'res.partner'],
        ['res_id', '=', gone.partners.companyId],
        ['summary', 'ilike', 'Erasure'],
      ],
    });
    expect(asked.length + onCompany).toBe(1);
  });

  test('of a person leaves the others as they are', async () => {
    const some = await customer();
    const [ines, lars] = some.people;
    await crm.anonymise({
      organisationId: some.organisationId,
      emails: [lars!.email],
      spared: [],
      mode: 'anonymise',
    });
    const left = await everything(some);
    expect(left).not.toContain(lars!.email);
    expect(left).not.toContain(lars!.name);
    expect(left).toContain(ines!.email);
    const bodies = (await toldOn(some.opportunityId)).map(({ body }) => body);
    expect(bodies.some((body) => body.includes('Nothing about anybody'))).toBe(true);
    const users = await read('res.users', some.userIds, ['active']);
    expect(users.map(({ active }) => active)).toEqual([true, false]);
  });

  test('spares who is served elsewhere, and leaves records to staff where the policy says so', async () => {
    const some = await customer();
    const [ines, lars] = some.people;
    const done = await crm.anonymise({
      organisationId: some.organisationId,
      emails: null,
      spared: [ines!.email],
      mode: 'activity',
    });
    expect(done.users).toBe(1);
    const users = await read('res.users', some.userIds, ['login', 'active']);
    expect(users[0]).toMatchObject({ login: ines!.email, active: true });
    expect(users[1]).toMatchObject({ active: false });
    expect(JSON.stringify(await read('res.partner', some.contacts, ['email']))).toContain(lars!.email);
  });
});
