/** What a checkout link says is read off the opportunity as staff have filled it in, completely or not. */
import { beforeAll, expect, it } from 'vitest';
import { readLeadOffer } from '../../connector/crm/lead-offer.ts';
import type { Odoo } from '../../connector/odoo/odoo.ts';
import type { CallArguments } from '../../connector/odoo/transport.ts';
import { type ErpStage, openErpStage } from './erp-stage.ts';

let stage: ErpStage;
let belgium: number;
let france: number;
beforeAll(async () => {
  stage = await openErpStage();
  const country = (code: string) =>
    stage.world.systems.odoo.find('res.country', (each) => each.code === code)!.id;
  [belgium, france] = [country('BE'), country('FR')];
});

const make = (model: string, values: Record<string, unknown>) =>
  stage.world.systems.odoo.staff.create(model, values);

const lead = (values: Record<string, unknown> = {}) =>
  make('crm.lead', {
    name: 'By hand',
    type: 'opportunity',
    email_from: 'carla@harbour.example',
    x_stripe_plan: 'starter',
    ...values,
  });

/** @param langs of partners, by id: the sandbox has English installed, and no other language */
const offer = (id: number, langs: Readonly<Record<number, string | false>> = {}) => {
  const port: Odoo = {
    ...stage.odoo,
    async call<T>(model: string, method: string, args?: CallArguments) {
      const answer = await stage.odoo.call(model, method, args);
      if (model !== 'res.partner' || method !== 'read') return answer as T;
      const rows = answer as { id: number; lang: unknown }[];
      return rows.map((row) => (row.id in langs ? { ...row, lang: langs[row.id] } : row)) as T;
    },
  };
  return readLeadOffer(port, id);
};

it('of somebody nobody has made a contact of: what the opportunity itself says', async () => {
  const typed = lead({
    partner_name: 'Harbour NV',
    contact_name: 'Carla Customer',
    country_id: france,
    email_from: ' Carla <carla@harbour.example> ',
    x_stripe_plan: ' enterprise ',
    x_stripe_interval: 'year',
    x_stripe_recurring_amount: 900.5,
    x_stripe_setup_amount: 100,
    x_stripe_currency: ' EUR',
  });
  expect(await offer(typed)).toEqual({
    plan: 'enterprise',
    interval: 'year',
    setup: 100,
    recurring: 900.5,
    currency: 'eur',
    company: 'Harbour NV',
    country: 'FR',
    vatId: '',
    contactName: 'Carla Customer',
    email: 'carla@harbour.example',
    locale: 'en',
  });
});

it('with next to nothing: by the month, in the catalogue’s currency, the rest is the customer’s to fill in', async () => {
  expect(await offer(lead())).toEqual({
    plan: 'starter',
    interval: 'month',
    setup: 0,
    recurring: 0,
    currency: null,
    company: '',
    country: '',
    vatId: '',
    contactName: '',
    email: 'carla@harbour.example',
    locale: 'en',
  });
});

it('of somebody at a company: the person is the contact, the company is the customer', async () => {
  const company = make('res.partner', {
    name: 'Harbour NV',
    is_company: true,
    country_id: belgium,
    vat: 'BE0477472701',
  });
  const person = make('res.partner', {
    name: 'Carla Customer',
    parent_id: company,
    email: 'carla@desk.example',
  });
  const said = await offer(lead({ partner_id: person, email_from: false, country_id: france }), {
    [company]: 'fr_BE',
    [person]: false,
  });
  expect(said).toMatchObject({
    company: 'Harbour NV',
    country: 'BE',
    vatId: 'BE0477472701',
    contactName: 'Carla Customer',
    email: 'carla@desk.example',
    locale: 'fr',
  });
});

it('of a private person: themselves, in their own language', async () => {
  const person = make('res.partner', { name: 'Paul Private', email: 'paul@home.example' });
  const nameless = lead({ partner_id: person, email_from: false, contact_name: false });
  const said = await offer(nameless, { [person]: 'de_DE' });
  expect(said).toMatchObject({
    company: 'Paul Private',
    contactName: 'Paul Private',
    email: 'paul@home.example',
    locale: 'de',
  });
});

it('of a company alone: whom to write to is asked of the customer', async () => {
  const company = make('res.partner', { name: 'Quay BV', is_company: true, lang: false });
  expect(await offer(lead({ partner_id: company }))).toMatchObject({
    contactName: '',
    locale: 'en',
  });
});

it('is refused, with what to say to whoever pressed the button', async () => {
  const gone = lead();
  stage.world.systems.odoo.staff.delete('crm.lead', gone);
  await expect(offer(gone)).rejects.toMatchObject({ kind: 'conflict', code: 'lead_gone' });
  const company = make('res.partner', { name: 'Silent BV', is_company: true });
  for (const email_from of [false, ' '])
    await expect(offer(lead({ partner_id: company, email_from }))).rejects.toMatchObject({
      code: 'lead_without_email',
    });
  await expect(offer(lead({ x_stripe_plan: false }))).rejects.toMatchObject({ code: 'lead_without_plan' });
});

it('won counts while it is there: an archived one may be sold again, one without a stage is not won', async () => {
  const won = stage.world.systems.odoo.find('crm.stage', (each) => each.is_won === true)!.id;
  const archived = lead({ stage_id: won, active: false });
  expect(await offer(archived)).toMatchObject({ plan: 'starter' });
  stage.world.systems.odoo.staff.unarchive('crm.lead', archived);
  await expect(offer(archived)).rejects.toMatchObject({ code: 'lead_won' });
  stage.world.systems.odoo.staff.edit('crm.lead', archived, { stage_id: false });
  expect(await offer(archived)).toMatchObject({ plan: 'starter' });
});
