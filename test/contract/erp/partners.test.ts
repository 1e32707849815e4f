/** The company and the people of a sale as contacts: one of each, what the ERP refuses left out, what staff removed respected. */
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { loadOdooMapping } from '../../../connector/crm/mapping.ts';
import { type CrmScene, openCrmScene } from './crm-scene.ts';
import { unique } from './erp.ts';

let scene: CrmScene;
beforeAll(async () => {
  scene = await openCrmScene();
  return scene.close;
}, 180_000);
beforeEach(() => scene.startAnew());

describe('people', () => {
  test('one address twice is one contact, and the organisation’s own contact is the main one', async () => {
    const tag = unique('same');
    const sale = await scene.newSale({
      organisation: { contactEmail: `boss@${tag}.example.com` },
      stakeholders: [
        { name: 'Boss', email: `Boss@${tag}.example.com` },
        { name: 'Two', email: `two@${tag}.example.com` },
        { name: 'Two again', email: `two@${tag}.example.com` },
      ],
    });
    const partners = await scene.crm.ensurePartners(sale);
    scene.tidyPartners(partners);
    const [boss, two, again] = sale.stakeholders.map((person) => partners.contactIds[person.id]);
    expect(boss).toBe(partners.mainContactId);
    expect(again).toBe(two);
    const { users } = await scene.crm.ensureUsers(sale, partners);
    scene.erp.tidy(
      'res.users',
      users.flatMap(({ userId }) => (userId === null ? [] : [userId])),
    );
    expect(users.map(({ outcome }) => outcome)).toEqual(['created', 'created', 'created']);
    expect(users[1]!.userId).toBe(users[2]!.userId);
  });

  test('five hundred stakeholders are two calls', async () => {
    const tag = unique('many');
    const sale = await scene.newSale({
      stakeholders: Array.from({ length: 500 }, (_, index) => ({
        name: `Person ${index} 🏗️ שלום`,
        email: `p${index}@${tag}.example.com`,
      })),
    });
    const partners = await scene.crm.ensurePartners(sale);
    scene.tidyPartners(partners);
    expect(new Set(Object.values(partners.contactIds)).size).toBe(500);
    expect(scene.calls).toEqual(['res.partner.load', 'res.partner.write']);
  }, 60_000);

  test('a refused VAT id and an unknown country are left out and told; the customer is made', async () => {
    const sale = await scene.newSale({
      organisation: { country: 'BE', vatId: 'BE0000000000', locale: 'en' },
    });
    const partners = await scene.crm.ensurePartners(sale);
    scene.tidyPartners(partners);
    const [company] = await scene.read('res.partner', [partners.companyId], ['vat', 'name']);
    expect(company).toMatchObject({ name: sale.organisation.name });
    // Odoo checks VAT ids only where its module base_vat is installed.
    const checks = await scene.erp.admin.call<number>('ir.module.module', 'search_count', {
      domain: [
        ['name', '=', 'base_vat'],
        ['state', '=', 'installed'],
      ],
    });
    if (checks > 0) {
      expect(company!.vat).toBe(false);
      expect(partners.refused).toEqual([{ field: 'vat', reason: expect.stringContaining('VAT') }]);
      expect((await scene.crm.ensurePartners(sale)).refused).toEqual(partners.refused);
    }
    const odd = await scene.newSale({ organisation: { country: 'QQ' } });
    const other = await scene.crm.ensurePartners(odd);
    scene.tidyPartners(other);
    expect(other.refused).toEqual([{ field: 'country_id', reason: expect.any(String) }]);
  });

  test('line breaks in names do not reach the ERP', async () => {
    const sale = await scene.newSale({
      organisation: { name: 'Two\r\nlines\tInc', contactName: 'Ada\nContact' },
    });
    const partners = await scene.crm.ensurePartners(sale);
    scene.tidyPartners(partners);
    expect(
      await scene.read('res.partner', [partners.companyId, partners.mainContactId], ['name']),
    ).toMatchObject([{ name: 'Two lines Inc' }, { name: 'Ada Contact' }]);
  });
});

describe('what staff removed', () => {
  test('a deleted company is said to be gone, not made again', async () => {
    const sale = await scene.newSale();
    const partners = await scene.crm.ensurePartners(sale);
    const all = [...new Set([partners.mainContactId, ...Object.values(partners.contactIds)])];
    await scene.erp.admin.call('res.partner', 'unlink', { ids: all });
    await scene.erp.admin.call('res.partner', 'unlink', { ids: [partners.companyId] });
    await expect(scene.crm.ensurePartners(sale)).rejects.toMatchObject({
      kind: 'absent',
      code: 'erp_record_gone',
      advice: expect.stringContaining('link'),
    });
    expect(scene.calls.filter((call) => call === 'res.partner.load')).toHaveLength(1);
  });

  test('a company merged into another is followed', async () => {
    const sale = await scene.newSale();
    const partners = await scene.crm.ensurePartners(sale);
    const [other] = await scene.erp.admin.call<number[]>('res.partner', 'create', {
      vals_list: [{ name: unique('survivor') }],
    });
    scene.erp.tidy('res.partner', [other!]);
    scene.tidyPartners(partners);
    // What Odoo's merge does to external ids: they move to the surviving record.
    const [data] = await scene.erp.admin.call<number[]>('ir.model.data', 'search', {
      domain: [
        ['module', '=', 'stripe_connector'],
        ['name', '=', `org_${sale.organisation.id}_partner`],
      ],
    });
    await scene.erp.admin.call('ir.model.data', 'write', { ids: [data!], vals: { res_id: other } });
    const contacts = [...new Set([partners.mainContactId, ...Object.values(partners.contactIds)])];
    await scene.erp.admin.call('res.partner', 'write', { ids: contacts, vals: { parent_id: other } });
    await scene.erp.admin.call('res.partner', 'unlink', { ids: [partners.companyId] });
    expect((await scene.crm.ensurePartners(sale)).companyId).toBe(other);
  });

  test('an archived company is still the company', async () => {
    const sale = await scene.newSale();
    const partners = await scene.crm.ensurePartners(sale);
    scene.tidyPartners(partners);
    await scene.erp.admin.call('res.partner', 'write', {
      ids: [partners.companyId],
      vals: { active: false },
    });
    expect((await scene.crm.ensurePartners(sale)).companyId).toBe(partners.companyId);
  });
});

test('fields of company, contacts and opportunity that the mapping writes always are ours: staff’s change goes, others’ stay', async () => {
  const mapping = structuredClone(loadOdooMapping());
  const always = (kind: 'company' | 'contact' | 'opportunity', ...names: string[]) => {
    for (const name of names) Object.assign(mapping.records[kind].fields[name]!, { write: 'always' });
  };
  always('company', 'email', 'vat');
  always('contact', 'name');
  always('opportunity', 'contact_name');
  const crm = scene.newCrm(mapping);
  const sale = await scene.newSale({ organisation: { country: 'BE', vatId: 'BE0000000000' } });
  const partners = await crm.ensurePartners(sale);
  const { companyId, mainContactId } = partners;
  scene.erp.tidy('res.partner', [companyId]);
  scene.erp.tidy('res.partner', [mainContactId, ...Object.values(partners.contactIds)]);
  const { opportunityId } = await crm.ensureOpportunityWon(sale, { companyId });
  scene.erp.tidy('crm.lead', [opportunityId]);
  const { admin } = scene.erp;
  await admin.call('res.partner', 'write', {
    ids: [companyId],
    vals: { email: 'staff@x.example', name: 'Staff’s name' },
  });
  await admin.call('res.partner', 'write', {
    ids: [mainContactId],
    vals: { name: 'Nick', email: 'nick@x.example' },
  });
  await admin.call('crm.lead', 'write', {
    ids: [opportunityId],
    vals: { contact_name: 'Nick', name: 'Staff’s sale' },
  });
  const moved = {
    ...sale,
    organisation: { ...sale.organisation, contactEmail: 'new@harbour.example', contactName: 'Nora New' },
  };
  await crm.ensurePartners(moved);
  await crm.ensureOpportunityWon(moved, { companyId });
  expect(await scene.read('res.partner', [companyId], ['email', 'name'])).toMatchObject([
    { email: 'new@harbour.example', name: 'Staff’s name' },
  ]);
  expect(await scene.read('res.partner', [mainContactId], ['name', 'email'])).toMatchObject([
    { name: 'Nora New', email: 'nick@x.example' },
  ]);
  const lead = ['contact_name', 'name', 'probability'];
  expect(await scene.read('crm.lead', [opportunityId], lead)).toMatchObject([
    { contact_name: 'Nora New', name: 'Staff’s sale', probability: 100 },
  ]);
});
