/** What one sale becomes in the ERP, step by step: made once, found again, and staff's changes left alone. */
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type CrmScene, openCrmScene, pdf } from './crm-scene.ts';

let scene: CrmScene;
beforeAll(async () => {
  scene = await openCrmScene();
  return scene.close;
}, 180_000);
beforeEach(() => scene.startAnew());

describe('a sale in the ERP', () => {
  test('becomes company, contacts, won opportunity, workspace, users, documents, record and note, in few calls', async () => {
    const sale = await scene.newSale();
    const made = await scene.provision(sale);

    // The action's id and the company's currency are looked up once per process.
    const once = (call: string) => call.startsWith('ref run_') || call.startsWith('res.company.');
    expect(scene.calls.filter((call) => !once(call))).toHaveLength(9);
    const { companyId, mainContactId, contactIds, refused } = made.partners;
    expect(refused).toEqual([]);
    const uk = await scene.erp.admin.xmlidToRes('base', 'uk');
    const [company] = await scene.read(
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
    const contacts = await scene.read(
      'res.partner',
      [mainContactId, contactIds[sale.stakeholders[0]!.id]!],
      ['name', 'parent_id', 'is_company', 'function'],
    );
    expect(contacts).toMatchObject([
      { name: 'Ada Contact', parent_id: [companyId, expect.any(String)], is_company: false },
      { name: 'Ines Manager', parent_id: [companyId, expect.any(String)], function: 'Information Manager' },
    ]);

    const [lead] = await scene.read<{ stage_id: [number, string] }>(
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
    expect(await scene.read('crm.stage', [lead!.stage_id[0]], ['is_won'])).toMatchObject([{ is_won: true }]);

    const paths = made.workspace.folders.map(({ path }) => path);
    for (const name of ['01 Work in Progress', '02 Shared', '03 Published', '04 Archive'])
      expect(paths).toContain(name);
    const children = await scene.erp.admin.call<number[]>('x_cde_folder', 'search', {
      domain: [['x_parent_id', '=', made.workspace.workspaceId]],
    });
    expect(children).toHaveLength(4);
    expect(made.workspace.driver).toBe('attachments');

    expect(made.users).toMatchObject([{ outcome: 'created', login: sale.stakeholders[0]!.email }]);
    const files = await scene.read<{ res_id: number }>('ir.attachment', made.fileIds, [
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

    const [record] = await scene.read(
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
    await scene.drain();
    const told = [expect.stringContaining('Harbour &amp; Söhne &lt;org')];
    expect(await scene.notes('crm.lead', made.opportunityId)).toEqual(told);
    expect(await scene.notes('x_stripe_subscription', made.recordId)).toEqual(told);
  });

  test('done again makes nothing a second time, and leaves what staff changed', async () => {
    const sale = await scene.newSale();
    const first = await scene.provision(sale);
    await scene.erp.admin.call('res.partner', 'write', {
      ids: [first.partners.companyId],
      vals: { name: 'As staff call it' },
    });
    const second = await scene.provision(sale);
    expect({ ...second, users: [] }).toEqual({ ...first, users: [] });
    expect(second.users).toMatchObject([{ outcome: 'already_ours', userId: first.users[0]!.userId }]);
    expect(await scene.read('res.partner', [first.partners.companyId], ['name'])).toMatchObject([
      { name: 'As staff call it' },
    ]);
    await scene.drain();
    expect(await scene.notes('crm.lead', first.opportunityId)).toHaveLength(1);
  });

  test('answers that were never read: the records are found by their external ids', async () => {
    const sale = await scene.newSale();
    const first = await scene.provision(sale);
    await scene.db.query('update erp_records set res_id = null');
    scene.startAnew();
    const second = await scene.provision(sale);
    expect({ ...second, users: [] }).toEqual({ ...first, users: [] });
    // Its links once more, into the record that is there.
    expect(scene.calls.filter((call) => call.endsWith('.load'))).toEqual(['x_stripe_subscription.load']);
    await scene.drain();
    expect(await scene.notes('crm.lead', first.opportunityId)).toHaveLength(1);
  });

  test('contacts whose company was not yet written get it', async () => {
    const sale = await scene.newSale();
    const first = await scene.crm.ensurePartners(sale);
    scene.tidyPartners(first);
    const contacts = [first.mainContactId, ...Object.values(first.contactIds)];
    // As a process leaves it that died between the load and the write.
    await scene.erp.admin.call('res.partner', 'write', { ids: contacts, vals: { parent_id: false } });
    await scene.db.query('update erp_records set res_id = null where res_id = any($1)', [
      [first.companyId, ...contacts],
    ]);
    expect(await scene.crm.ensurePartners(sale)).toEqual(first);
    for (const contact of await scene.read('res.partner', contacts, ['parent_id'])) {
      expect(contact).toMatchObject({ parent_id: [first.companyId, expect.any(String)] });
    }
  });

  test('another content replaces the document of its kind; the same one is left alone', async () => {
    const sale = await scene.newSale();
    const { workspace, fileIds } = await scene.provision(sale);
    scene.forgetCalls();
    const file = (text: string) =>
      scene.crm.fileDocuments(sale, {
        workspace,
        files: [{ kind: 'bep', fileName: 'BEP.pdf', content: pdf(text) }],
      });
    expect((await file('bep')).fileIds).toEqual([fileIds[0]]);
    expect(scene.calls).not.toContain('ir.attachment.write');
    expect((await file('second edition')).fileIds).toEqual([fileIds[0]]);
    expect(await scene.read('ir.attachment', [fileIds[0]!], ['datas'])).toMatchObject([
      { datas: Buffer.from(pdf('second edition')).toString('base64') },
    ]);
  });

  test('two runs of one organisation at once make one of each', async () => {
    const sale = await scene.newSale();
    const [one, two] = await Promise.all([
      scene.crm.ensurePartners(sale),
      scene.newCrm().ensurePartners(sale),
    ]);
    scene.tidyPartners(one);
    expect(two).toEqual(one);
    const companies = await scene.erp.admin.call<number[]>('res.partner', 'search', {
      domain: [
        ['name', '=', sale.organisation.name],
        ['is_company', '=', true],
      ],
    });
    expect(companies).toEqual([one.companyId]);
  });

  test('an order that costs nothing yet is an opportunity that is not won', async () => {
    const sale = await scene.newSale({ amountPaid: 0 });
    const partners = await scene.crm.ensurePartners(sale);
    scene.tidyPartners(partners);
    const { opportunityId } = await scene.crm.ensureOpportunityWon(sale, partners);
    scene.erp.tidy('crm.lead', [opportunityId]);
    const [lead] = await scene.read<{ probability: number }>('crm.lead', [opportunityId], ['probability']);
    expect(lead!.probability).toBeLessThan(100);
    const paid = { ...sale, firstInvoice: { ...sale.firstInvoice, amountPaid: 25_000 } };
    await scene.crm.ensureOpportunityWon(paid, { ...partners, won: true });
    const won = () => scene.read('crm.lead', [opportunityId], ['probability', 'expected_revenue']);
    expect(await won()).toMatchObject([{ probability: 100, expected_revenue: 250 }]);
    // What staff made of it since is theirs.
    await scene.erp.admin.call('crm.lead', 'write', {
      ids: [opportunityId],
      vals: { expected_revenue: 999 },
    });
    await scene.crm.ensureOpportunityWon(paid, { ...partners, won: true });
    expect(await won()).toMatchObject([{ expected_revenue: 999 }]);
  });

  test('a second project: same company and people, another opportunity, workspace and record', async () => {
    const sale = await scene.newSale();
    const first = await scene.provision(sale);
    const again = await scene.newSale({
      sameOrganisationAs: sale,
      stakeholders: [{ name: 'Ines M.', email: sale.stakeholders[0]!.email.toUpperCase() }],
    });
    const second = await scene.provision(again);
    expect(second.partners.companyId).toBe(first.partners.companyId);
    expect(Object.values(second.partners.contactIds)).toEqual(Object.values(first.partners.contactIds));
    expect(second.users[0]).toMatchObject({ userId: first.users[0]!.userId, outcome: 'already_ours' });
    expect(second.opportunityId).not.toBe(first.opportunityId);
    expect(second.workspace.workspaceId).not.toBe(first.workspace.workspaceId);
    expect(second.recordId).not.toBe(first.recordId);
  });
});
