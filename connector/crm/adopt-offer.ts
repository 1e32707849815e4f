/** An order that came by a checkout link belongs to the opportunity the link was sent from: staff's own records are bound, never made again. */
import { offerOfOrder } from '../billing/offers.ts';
import { bind, findBindings, intend } from './bindings.ts';
import type { CrmDeps } from './deps.ts';
import { externalId } from './ids.ts';

/** Binds the opportunity, and the company staff have linked to it; what is bound already stays. */
export async function adoptOffer(
  { db, mapping }: CrmDeps,
  order: { orderId: number; organisationId: number },
): Promise<void> {
  const offer = await offerOfOrder(db, order.orderId);
  if (offer === undefined) return;
  const { opportunity, company } = mapping.records;
  const wanted = [
    { name: externalId.opportunity(order.orderId), model: opportunity.model, resId: offer.leadId },
    ...(offer.partnerId === null
      ? []
      : [{ name: externalId.company(order.organisationId), model: company.model, resId: offer.partnerId }]),
  ];
  const known = await findBindings(
    db,
    wanted.map(({ name }) => name),
  );
  for (const { name, model, resId } of wanted) {
    if (known.has(name)) continue;
    await intend(db, model, [name]);
    await bind(db, [{ name, resId }]);
  }
}
