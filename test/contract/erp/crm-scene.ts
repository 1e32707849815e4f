/** Sales in the ERP under test: rows as checkout and sync leave them, our port with its calls written down, and what lies there then. */
import { randomInt } from 'node:crypto';
import type { Sale, Stakeholder } from '../../../connector/billing/sale.ts';
import { type Crm, createCrm } from '../../../connector/crm/crm.ts';
import { html } from '../../../connector/crm/html.ts';
import { loadOdooMapping, type OdooMapping } from '../../../connector/crm/mapping.ts';
import { drainOutbox } from '../../../connector/crm/outbox.ts';
import type { Partners } from '../../../connector/crm/partners.ts';
import { loadWorkspaceTree } from '../../../connector/crm/workspace-tree.ts';
import { createLog } from '../../../connector/log.ts';
import { openTestDatabase } from '../../support/database.ts';
import { sampleSale } from '../../support/sample-sale.ts';
import { openPreparedErp, unique } from './erp.ts';

interface Change {
  readonly organisation?: Partial<Sale['organisation']>;
  readonly stakeholders?: readonly { name: string; email: string }[];
  readonly sameOrganisationAs?: Sale;
  readonly amountPaid?: number;
}

export type CrmScene = Awaited<ReturnType<typeof openCrmScene>>;

export const pdf = (text: string): Uint8Array => Buffer.from(`%PDF-1.4 ${text}`);

/** Close it with `close()`; what the provisioned sales left in the ERP goes with the test file. */
export async function openCrmScene() {
  const erp = await openPreparedErp();
  const db = await openTestDatabase();
  const log = createLog({ level: 'silent' });
  // Ids no other run on this server has used: external ids are made of them.
  let id = randomInt(1_000, 2_000_000) * 1000;
  let calls: string[] = [];
  const note = <T>(name: string, work: Promise<T>): Promise<T> => {
    calls.push(name);
    return work;
  };
  const { service } = erp;

  const newCrm = (mapping = loadOdooMapping()): Crm =>
    createCrm({
      db,
      odoo: {
        version: service.version,
        call: (model, method, args) => note(`${model}.${method}`, service.call(model, method, args)),
        load: (model, fields, rows, options) =>
          note(`${model}.load`, service.load(model, fields, rows, options)),
        xmlidToRes: (module, name) => note(`ref ${name}`, service.xmlidToRes(module, name)),
      },
      log,
      now: () => new Date(),
      mapping,
      // Wherever the server would have them: what each driver does is workspace.test.ts.
      workspaceTree: { ...loadWorkspaceTree(), driver: 'attachments' },
      publicUrl: 'https://connect.example.com',
      erpUrl: erp.url,
    });
  let crm = newCrm();

  /** A sale whose rows are in the database, as checkout and sync leave it. */
  async function newSale(change: Change = {}): Promise<Sale> {
    id += 1;
    const base = id;
    const tag = unique('org');
    const sample = sampleSale();
    const organisation: Sale['organisation'] = change.sameOrganisationAs?.organisation ?? {
      ...sample.organisation,
      id: base,
      providerCustomerId: `cus_${tag}`,
      name: `Harbour & Söhne <${tag}>`,
      country: 'GB',
      contactEmail: `ada@${tag}.example.com`,
      locale: 'en',
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
      ...sample.project,
      id: base,
      organisationId: organisation.id,
      name: 'Tower',
      code: `T-${base}`,
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
      ...sample,
      orderId: base,
      organisation,
      project,
      stakeholders,
      subscription: { ...sample.subscription, id: base, providerId: unique('sub') },
      firstInvoice: {
        ...sample.firstInvoice,
        providerId: unique('in'),
        amountPaid: change.amountPaid ?? sample.firstInvoice.amountPaid,
      },
    };
  }

  /** Company and contacts go with the test file: they would outlive their company. */
  function tidyPartners({ companyId, mainContactId, contactIds }: Partners): void {
    erp.tidy('res.partner', [companyId]);
    erp.tidy('res.partner', [...new Set([mainContactId, ...Object.values(contactIds)])]);
  }

  /** Everything provisioning asks of the ERP for one sale. */
  async function provision(sale: Sale) {
    const partners = await crm.ensurePartners(sale);
    tidyPartners(partners);
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

  return {
    erp,
    db,
    newCrm,
    newSale,
    provision,
    tidyPartners,
    /** What the test and `provision` speak through. */
    get crm() {
      return crm;
    },
    /** Calls of the port since `startAnew` or `forgetCalls`. */
    get calls() {
      return calls;
    },
    forgetCalls: () => {
      calls = [];
    },
    /** As a process that has looked nothing up yet. @param mapping instead of the shipped one */
    startAnew: (mapping?: OdooMapping) => {
      calls = [];
      crm = newCrm(mapping);
    },
    /** Ahead of the database's own clock, by which a new row is due at once. */
    drain: () => drainOutbox({ db, odoo: service, log, now: () => new Date(Date.now() + 60_000) }),
    /** Records as the administrator reads them. */
    read: <T = Record<string, unknown>>(model: string, ids: readonly number[], fields: readonly string[]) =>
      erp.admin.call<T[]>(model, 'read', { ids, fields }),
    /** Our notes on a record, oldest first. */
    async notes(model: string, resId: number): Promise<string[]> {
      const rows = await erp.admin.call<{ id: number; body: string }[]>('mail.message', 'search_read', {
        domain: [
          ['model', '=', model],
          ['res_id', '=', resId],
          ['message_type', '=', 'comment'],
        ],
        fields: ['body'],
        order: 'id',
      });
      return rows.map(({ body }) => body);
    },
    close: () => db.close(),
  };
}
