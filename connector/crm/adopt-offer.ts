/** An order that came by a checkout link belongs to the opportunity the link was sent from: staff's own records are bound, never made again. */
import { offerOfOrder } from '../billing/offers.ts';
import type { Sale } from '../billing/sale.ts';
import type { Database } from '../db/database.ts';
import { bind, findBindings, intend } from './bindings.ts';
import type { CrmDeps } from './deps.ts';
import { stillThere } from './gone.ts';
import { externalId } from './ids.ts';
import { linkedTo } from './linked-partner.ts';

/** The opportunity gets a name of ours when its link is sent: for its notes, and to be followed when staff merge it. */
export function nameOffered(
  { db }: Pick<CrmDeps, 'db'>,
  offer: { id: number; leadId: number },
): Promise<void> {
  return adopt(db, { name: externalId.offered(offer.id), model: 'crm.lead', resId: offer.leadId });
}

/**
 * Binds the opportunity, the company staff have linked to it by now, and the person, where the customer gave the same
 * address; what is bound already stays. Nothing of them is written but the customer's id at Stripe, where none stands.
 * @throws ConnectorError absent `erp_record_gone`
 */
export async function adoptOffer(
  deps: CrmDeps,
  { orderId, organisation }: Pick<Sale, 'orderId' | 'organisation'>,
): Promise<void> {
  const { db, mapping } = deps;
  const offer = await offerOfOrder(db, orderId);
  if (offer === undefined) return;
  const sent = externalId.offered(offer.id);
  const lead = externalId.opportunity(orderId);
  const company = externalId.company(organisation.id);
  const contact = externalId.mainContact(organisation.id);
  const known = await findBindings(db, [sent, lead, company, contact]);
  if (!known.has(lead)) {
    const { model } = mapping.records.opportunity;
    const bound = new Map([[sent, known.get(sent)?.resId ?? offer.leadId]]);
    await adopt(db, { name: lead, model, resId: (await stillThere(deps, model, bound)).get(sent)! });
  }
  if (known.has(company) && known.has(contact)) return;
  const linked = await linkedTo(deps, (await findBindings(db, [lead])).get(lead)!.resId!);
  if (linked === undefined) return;
  const { model } = mapping.records.company;
  if (!known.has(company)) {
    await nameCustomer(deps, linked.companyId, organisation.providerCustomerId);
    await adopt(db, { name: company, model, resId: linked.companyId });
  }
  const samePerson = address(linked.email || '') === address(organisation.contactEmail);
  if (!known.has(contact) && linked.id !== linked.companyId && samePerson)
    await adopt(db, { name: contact, model: mapping.records.contact.model, resId: linked.id });
}

/** In one transaction: an intent alone would say that we have begun to make such a record. */
function adopt(db: Database, record: { name: string; model: string; resId: number }): Promise<void> {
  return db.tx(async (tx) => {
    await intend(tx, record.model, [record.name]);
    await bind(tx, [record]);
  });
}

async function nameCustomer(
  { odoo, mapping }: CrmDeps,
  companyId: number,
  customerId: string | null,
): Promise<void> {
  const { model, fields } = mapping.records.company;
  const names = Object.keys(fields).filter(
    (name) => fields[name]!.fact === 'organisation.stripe_customer_id',
  );
  if (customerId === null || names.length === 0) return;
  const [row] = await odoo.call<Record<string, unknown>[]>(model, 'read', {
    ids: [companyId],
    fields: names,
  });
  const vals = Object.fromEntries(names.filter((name) => !row?.[name]).map((name) => [name, customerId]));
  if (Object.keys(vals).length > 0) await odoo.call(model, 'write', { ids: [companyId], vals });
}

const address = (email: string): string => email.trim().toLowerCase();
