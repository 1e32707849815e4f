/** Texts of every script, and texts made to break out of where they are shown, through the whole service. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buy, ended, expectLivesOnce, idOf, openStage, resultOf, type Stage } from '../faults/stage.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage?.stop());

const EVIL = '<script>alert("x")</script><img src=x onerror=alert(1)>{{constructor}}&lt;\'"';
// Tags that the texts would become if any place forgot to escape them; entities written by us are harmless.
const LIVE = /<script>alert|<img src=x|<b>bold<\/b>/;

describe('HTML in every field', () => {
  it('is text in pages, mails and the ERP', async () => {
    const purchase = await buy(stage, {
      organisation: { name: `${EVIL} Ltd`, contact_name: `${EVIL} Person` },
      project: { name: `${EVIL} Tower`, description: `${EVIL}\n<b>bold</b>`, client: `${EVIL} Client` },
      stakeholders: [{ name: `${EVIL} Manager`, email: 'evil@html.example', role: 'information_manager' }],
    });
    const run = await ended(stage, purchase);
    await expectLivesOnce(stage, purchase, run);
    const { odoo, mail } = stage.world.systems;

    const page = await (await fetch(purchase.reply.body.order_url)).text();
    expect(page).not.toMatch(LIVE);

    const mails = [...(await mail.to(purchase.contact)), ...(await mail.to('evil@html.example'))];
    expect(mails).toHaveLength(3);
    for (const each of mails) {
      expect(each.html, each.subject).not.toMatch(LIVE);
      expect(each.html).toContain('&lt;script&gt;');
      expect(each.text).toContain('<script>');
      expect(each.text, 'no template runs in a customer’s text').toContain('{{constructor}}');
    }
    const linked = mails.flatMap((each) => each.html.match(/https?:[^"]+\/credentials\/[\w-]+/g) ?? []);
    expect(linked.length).toBeGreaterThan(1);
    for (const link of linked) {
      const answer = await fetch(link);
      expect(answer.status).toBe(200);
      expect(await answer.text()).not.toMatch(LIVE);
    }

    const { opportunityId } = resultOf<{ opportunityId: number }>(run, 'opportunity');
    const chatter = odoo
      .records('mail.message')
      .filter((each) => each.model === 'crm.lead' && each.res_id === opportunityId)
      .map((each) => String(each.body));
    expect(chatter.some((body) => body.includes('&lt;script&gt;'))).toBe(true);
    for (const body of chatter) expect(body).not.toMatch(LIVE);
    // HTML fields of the ERP: the lead's description and the partner's comment are shown unescaped there.
    const lead = odoo.read('crm.lead', opportunityId)!;
    expect(String(lead.description ?? '')).not.toMatch(LIVE);
    const company = odoo.read('res.partner', resultOf<{ companyId: number }>(run, 'partner').companyId)!;
    expect(company.name).toBe(`${EVIL} Ltd`);
    expect(String(company.comment ?? '')).not.toMatch(LIVE);
  });
});

describe('names of the whole world', () => {
  const cases = [
    { what: 'emoji', name: 'Zoë 🏗️ Björk', project: 'Bürogebäude 🏢 Süd' },
    { what: 'right to left', name: 'نورة العتيبي', project: 'برج الميناء الجديد' },
    { what: 'Hebrew', name: 'מרים כהן', project: 'מגדל הנמל' },
    { what: 'Chinese', name: '王小明', project: '港口大樓' },
    { what: 'a direction override', name: 'Max ‮evil‬ Muster', project: 'Turm' },
  ];

  it.each(cases)('$what reach ERP, mail and documents', async ({ name, project }) => {
    const email = `person-${stage.world.counts.of('mail')}@world.example`;
    const purchase = await buy(stage, {
      organisation: { name: `${name} & Söhne`, contact_name: name },
      project: { name: project, client: name, description: `${project}\n${name}` },
      stakeholders: [{ name, email, role: 'information_manager' }],
    });
    const run = await ended(stage, purchase);
    await expectLivesOnce(stage, purchase, run);
    const { odoo, mail, bep } = stage.world.systems;
    const { companyId } = resultOf<{ companyId: number }>(run, 'partner');
    expect(odoo.read('res.partner', companyId)!.name).toBe(`${name} & Söhne`);
    const person = odoo.records('res.partner').find((each) => each.email === email)!;
    expect(person.name).toBe(name);
    expect(idOf(person.parent_id)).toBe(companyId);
    const mails = await mail.to(email);
    expect(mails[0]!.text).toContain(name);
    expect(mails[0]!.text).toContain(project);
    const code = (purchase.body.project as { code: string }).code;
    const documents = bep.documents().filter((each) => each.projectCode === code);
    expect(documents.map((each) => each.projectName)).toEqual([project, project]);
    for (const each of documents) {
      expect(each.parties).toContain(name);
      expect(Buffer.from(bep.pdf(each.id)!.subarray(0, 5)).toString()).toBe('%PDF-');
    }
  });
});

describe('a crowd', () => {
  it('500 stakeholders: loaded at once, every user made, every person mailed once', async () => {
    const crowd = Array.from({ length: 500 }, (_, n) => ({
      name: `Person ${n} Ødegård`,
      email: `person${n}@crowd.example`,
      role: n === 0 ? 'information_manager' : 'appointed_party',
    }));
    const { world } = stage;
    const loads = world.counts.of('odoo', 'res.partner.load');
    const purchase = await buy(stage, { plan: 'enterprise', stakeholders: crowd });
    const run = await ended(stage, purchase, ['done'], 100_000);
    // One with the opportunity's birth (the company and its contact), one of everybody.
    expect(world.counts.of('odoo', 'res.partner.load')).toBeLessThanOrEqual(loads + 2);
    await expectLivesOnce(stage, purchase, run);
    const page = await fetch(purchase.reply.body.order_url);
    expect(page.status).toBe(200);
  }, 120_000);
});
