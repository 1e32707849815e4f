/** An order that came by a checkout link belongs to the opportunity the link was sent from: staff's own records are bound, never made again. */
import { offerOfOrder } from '../billing/offers.ts';
import { bind, findBindings, intend } from './bindings.ts';
import type { CrmDeps } from './deps.ts';
import { stillThere } from './gone.ts';
import { externalId } from './ids.ts';

/** The opportunity gets a name of ours when its link is sent: for its notes, and to be followed when staff merge it. */
export async function nameOffered(
  { db }: Pick<CrmDeps, 'db'>,
  offer: { id: number; leadId: number },
): Promise<void> {
  const name = externalId.offered(offer.id);
  await intend(db, 'crm.lead', [name]);
  await bind(db, [{ name, resId: offer.leadId }]);
}

/**
 * Binds the opportunity, and the company staff have linked to it; what is bound already stays.
 * @throws ConnectorError absent `erp_record_gone`
 */
export async function adoptOffer(
  deps: CrmDeps,
  order: { orderId: number; organisationId: number },
): Promise<void> {
  const { db, mapping } = deps;
  const offer = await offerOfOrder(db, order.orderId);
  if (offer === undefined) return;
  const { opportunity, company } = mapping.records;
  const [lead, partner] = [externalId.opportunity(order.orderId), externalId.company(order.organisationId)];
  const known = await findBindings(db, [lead, partner, externalId.offered(offer.id)]);
  if (!known.has(lead)) {
    const name = externalId.offered(offer.id);
    const sent = new Map([[name, known.get(name)?.resId ?? offer.leadId]]);
    const resId = (await stillThere(deps, opportunity.model, sent)).get(name)!;
    await intend(db, opportunity.model, [lead]);
    await bind(db, [{ name: lead, resId }]);
  }
  if (offer.partnerId !== null && !known.has(partner)) {
    await intend(db, company.model, [partner]);
    await bind(db, [{ name: partner, resId: offer.partnerId }]);
  }
}
