/** What a customer used of a meter, and its line on the invoice that ends the period. https://docs.stripe.com/billing/subscriptions/usage-based */
import type { Core } from './core.ts';
import { itemLine } from './invoice-lines.ts';
import type { InvoiceLine, Subscription, SubscriptionItem } from './plain.ts';

/** Summed from `from` (inclusive) to `to` (exclusive), unix seconds. */
export function usedOf(
  core: Core,
  { meter, customer, from, to }: { meter: string; customer: string; from: number; to: number },
): number {
  const found = core.tables.meters.get(meter);
  if (!found) return 0;
  const { event_payload_key: who } = found.customer_mapping;
  const { event_payload_key: what } = found.value_settings;
  return core.tables.meterEvents
    .all()
    .filter(
      ({ event_name, payload, timestamp }) =>
        event_name === found.event_name && payload[who] === customer && timestamp >= from && timestamp < to,
    )
    .reduce((sum, { payload }) => sum + Number(payload[what] ?? 0), 0);
}

/** Of an item's present period; undefined: it is not billed by meter. */
export function usageLine(
  core: Core,
  subscription: Subscription,
  item: SubscriptionItem,
): InvoiceLine | undefined {
  const meter = item.price.recurring?.meter;
  if (!meter) return undefined;
  const { current_period_start: from, current_period_end: to } = item;
  const used = usedOf(core, { meter, customer: subscription.customer ?? '', from, to });
  return itemLine(core, subscription, item, used);
}
