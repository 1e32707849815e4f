/** What an opportunity says about the checkout link that is to be sent from it. */
import { ConnectorError } from '../errors.ts';
import type { Odoo } from '../odoo/odoo.ts';

export const OFFER_FIELDS = {
  plan: 'x_stripe_plan',
  interval: 'x_stripe_interval',
  setup: 'x_stripe_setup_amount',
  recurring: 'x_stripe_recurring_amount',
  currency: 'x_stripe_currency',
} as const;

export interface LeadOffer {
  readonly plan: string;
  readonly interval: 'month' | 'year';
  /** Major units, as typed; 0: not given. */
  readonly setup: number;
  readonly recurring: number;
  /** ISO 4217, lower case; null: the catalogue's. */
  readonly currency: string | null;
  readonly company: string;
  /** ISO 3166-1 alpha-2; empty: unknown. */
  readonly country: string;
  readonly vatId: string;
  readonly contactName: string;
  readonly email: string;
  /** `en`, `fr`. */
  readonly locale: string;
}

type Reference = [id: number, name: string] | false;

interface Lead {
  readonly active: boolean;
  readonly stage_id: Reference;
  readonly partner_id: Reference;
  readonly partner_name: string | false;
  readonly contact_name: string | false;
  readonly email_from: string | false;
  readonly country_id: Reference;
  readonly x_stripe_plan: string | false;
  readonly x_stripe_interval: 'month' | 'year' | false;
  readonly x_stripe_setup_amount: number;
  readonly x_stripe_recurring_amount: number;
  readonly x_stripe_currency: string | false;
}

interface Partner {
  readonly id: number;
  readonly name: string;
  readonly is_company: boolean;
  /** The company it belongs to; itself, where it is one or belongs to none. */
  readonly commercial_partner_id: [id: number, name: string];
  readonly email: string | false;
  readonly vat: string | false;
  readonly lang: string | false;
  readonly country_id: Reference;
}

const LEAD = ['active', 'stage_id', 'partner_id', 'partner_name', 'contact_name', 'email_from', 'country_id'];
const PARTNER = ['name', 'is_company', 'commercial_partner_id', 'email', 'vat', 'lang', 'country_id'];

/** @throws ConnectorError conflict, its message for whoever pressed the button */
export async function readLeadOffer(odoo: Odoo, leadId: number): Promise<LeadOffer> {
  const [lead] = await odoo.call<Lead[]>('crm.lead', 'read', {
    ids: [leadId],
    fields: [...LEAD, ...Object.values(OFFER_FIELDS)],
  });
  if (lead === undefined) throw refused('lead_gone', 'The opportunity is no longer there.');
  if (await isWon(odoo, lead)) throw refused('lead_won', 'This opportunity is won already.');
  const partner = lead.partner_id === false ? undefined : await readPartner(odoo, lead.partner_id[0]);
  const company =
    partner === undefined || partner.commercial_partner_id[0] === partner.id
      ? partner
      : await readPartner(odoo, partner.commercial_partner_id[0]);
  const email = (lead.email_from || partner?.email || '').trim();
  if (email === '')
    throw refused(
      'lead_without_email',
      'There is no e-mail address on this opportunity to send the link to.',
    );
  if (!lead.x_stripe_plan) throw refused('lead_without_plan', 'No plan is chosen on this opportunity.');
  const country = company?.country_id || lead.country_id;
  const person = partner !== undefined && !partner.is_company ? partner.name : '';
  return {
    plan: lead.x_stripe_plan.trim(),
    interval: lead.x_stripe_interval || 'month',
    setup: lead.x_stripe_setup_amount,
    recurring: lead.x_stripe_recurring_amount,
    currency: lead.x_stripe_currency ? lead.x_stripe_currency.trim().toLowerCase() : null,
    company: (company?.name ?? lead.partner_name) || '',
    country: country ? await countryCode(odoo, country[0]) : '',
    vatId: company?.vat || '',
    contactName: lead.contact_name || person,
    email: addressIn(email),
    locale: (partner?.lang || company?.lang || 'en').slice(0, 2).toLowerCase(),
  };
}

/** `Ada <ada@x.example>` as staff may have pasted it. */
const addressIn = (text: string): string => /<([^<>]+)>\s*$/.exec(text)?.[1]?.trim() ?? text;

async function readPartner(odoo: Odoo, id: number): Promise<Partner | undefined> {
  const [partner] = await odoo.call<Partner[]>('res.partner', 'read', { ids: [id], fields: PARTNER });
  return partner;
}

async function countryCode(odoo: Odoo, id: number): Promise<string> {
  const [country] = await odoo.call<{ code: string }[]>('res.country', 'read', {
    ids: [id],
    fields: ['code'],
  });
  return country!.code;
}

async function isWon(odoo: Odoo, lead: Lead): Promise<boolean> {
  if (lead.stage_id === false) return false;
  const [stage] = await odoo.call<{ is_won: boolean }[]>('crm.stage', 'read', {
    ids: [lead.stage_id[0]],
    fields: ['is_won'],
  });
  return lead.active && stage?.is_won === true;
}

const refused = (code: string, message: string): ConnectorError =>
  new ConnectorError({ kind: 'conflict', code, message, advice: 'Correct the opportunity and press again.' });
