/** The items of a subscription after an update. https://docs.stripe.com/api/subscriptions/update (items) */
import type Stripe from 'stripe';
import type { Core } from './core.ts';
import { invalid, missing } from './errors.ts';
import { amountOf } from './invoice-lines.ts';
import { priceOf } from './lookup.ts';
import { mergeMetadata } from './metadata.ts';
import type { Plain, Subscription, SubscriptionItem } from './plain.ts';
import { createItem, planOf } from './subscription-build.ts';

export type GivenItems = NonNullable<Plain<Stripe.SubscriptionUpdateParams>['items']>;

/** Without an item's `id` an item is added, not changed: the usual mistake, kept as it is. */
export function changedItems(
  core: Core,
  current: Subscription,
  input: { given: GivenItems; resets: boolean },
): SubscriptionItem[] {
  const items = new Map(current.items.data.map((item) => [item.id, item]));
  for (const [index, one] of input.given.entries()) {
    const old = one.id ? items.get(one.id) : undefined;
    if (one.id && !old) throw missing('subscription item', one.id, `items[${index}][id]`);
    if (old && one.deleted) {
      items.delete(old.id);
      continue;
    }
    const price = one.price ? priceOf(core, one.price, `items[${index}][price]`) : old?.price;
    if (!price?.recurring) throw invalid('A recurring price is needed.', { param: `items[${index}][price]` });
    const quantity = one.quantity ?? old?.quantity ?? 1;
    const metadata = mergeMetadata(old?.metadata ?? null, one.metadata);
    // In a trial the period is the trial, whatever the price's interval.
    const trial = current.status === 'trialing';
    const stays = trial || (old && sameInterval(old.price, price) && !fromFreeToPaid(old, price));
    if (old && stays && !input.resets) {
      items.set(old.id, { ...old, price, plan: planOf(price), quantity, metadata });
      continue;
    }
    const made = createItem(core, {
      subscription: current.id,
      price,
      quantity,
      start: core.now(),
      end: null,
    });
    const first = current.items.data[0]!;
    const joins = !old && (trial || sameInterval(first.price, price)) && !input.resets;
    items.set(old?.id ?? made.id, {
      ...made,
      metadata,
      id: old?.id ?? made.id,
      created: old?.created ?? made.created,
      // An added item is billed together with the others.
      ...(joins && {
        current_period_start: first.current_period_start,
        current_period_end: first.current_period_end,
      }),
    });
  }
  if (items.size === 0) throw invalid('A subscription must have at least one item.', { param: 'items' });
  return [...items.values()];
}

// "The subscription moves from free to paid": billed at once, from that day on (subscriptions.update).
function fromFreeToPaid(old: SubscriptionItem, next: SubscriptionItem['price']): boolean {
  const licensed = next.recurring?.usage_type !== 'metered';
  return licensed && amountOf(old.price, old.quantity ?? 1) === 0 && amountOf(next, 1) > 0;
}

function sameInterval(a: SubscriptionItem['price'], b: SubscriptionItem['price']): boolean {
  return (
    a.recurring?.interval === b.recurring?.interval &&
    a.recurring?.interval_count === b.recurring?.interval_count
  );
}
