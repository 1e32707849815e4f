/** What a Checkout Session sells: the plan's prices, or the amounts of an offer. */
import { meteredLookupKey, recurringLookupKey, setupLookupKey } from '../lookup-keys.ts';
import type { Plan } from './catalogue.ts';
import type { CheckoutGateway, SessionRequest } from './checkout-gateway.ts';
import type { Offer } from './offers.ts';
import type { Order } from './orders.ts';

/** @throws ConnectorError permanent `price_missing` */
export async function checkoutLines(
  gateway: Pick<CheckoutGateway, 'prices'>,
  input: {
    plan: Plan;
    order: Order;
    offer: Offer | undefined;
    /** The catalogue's, of the order's currency. */
    lookupSuffix: string;
  },
): Promise<SessionRequest['lines']> {
  const { plan, order, offer, lookupSuffix: suffix } = input;
  const metered = plan.metered.map(
    (meter) => `${meteredLookupKey(plan.key, meter.key, order.interval)}${suffix}`,
  );
  const amounts = offer?.amounts ?? null;
  const recurring = `${recurringLookupKey(plan.key, order.interval)}${suffix}`;
  const setup = plan.setupAmount > 0 ? [`${setupLookupKey(plan.key)}${suffix}`] : [];
  const keys = amounts === null ? [...setup, recurring, ...metered] : metered;
  const prices = keys.length === 0 ? {} : await gateway.prices(keys);
  const counted = metered.map((key) => ({ priceId: prices[key]!, quantity: null }));
  if (amounts === null)
    return [
      { priceId: prices[recurring]!, quantity: order.quantity },
      ...setup.map((key) => ({ priceId: prices[key]!, quantity: 1 })),
      ...counted,
    ];
  const custom = { currency: offer!.currency, planKey: plan.key };
  return [
    {
      ...custom,
      productKey: plan.key,
      name: plan.name,
      amount: amounts.recurring,
      interval: order.interval,
    },
    ...(amounts.setup > 0
      ? [
          {
            ...custom,
            productKey: setupLookupKey(plan.key),
            name: `${plan.name} set-up`,
            amount: amounts.setup,
            interval: null,
          },
        ]
      : []),
    ...counted,
  ];
}
