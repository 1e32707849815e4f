/** Makes a subscription by the API. https://docs.stripe.com/api/subscriptions/create */
import type Stripe from 'stripe';
import { collectInvoice } from './collect.ts';
import type { Core } from './core.ts';
import { subscriptionRecovered } from './dunning.ts';
import { cardDeclined, invalid } from './errors.ts';
import { finalizeInvoice, voidInvoice } from './invoice-build.ts';
import { customerOf, priceOf, subscriptionOf } from './lookup.ts';
import { mergeMetadata } from './metadata.ts';
import type { Plain, Subscription } from './plain.ts';
import { createSubscription, trialEndOf } from './subscription-build.ts';
import { change } from './update.ts';

export type SubscriptionCreate = Plain<Stripe.SubscriptionCreateParams>;

/** `default_incomplete` leaves the first invoice to be paid by the customer; else it is collected at once. */
export function subscribe(core: Core, params: SubscriptionCreate): Subscription {
  const customer = customerOf(core, params.customer ?? '');
  const lineOf = (one: { price?: string | undefined; quantity?: number | undefined }) => ({
    price: priceOf(core, one.price ?? ''),
    quantity: one.quantity ?? 1,
  });
  const items = (params.items ?? []).map(lineOf);
  if (items.some(({ price }) => price.type !== 'recurring')) {
    throw invalid(
      'The price specified is set to `type=one_time` but this field only accepts prices with `type=recurring`.',
      {
        param: 'items[0][price]',
      },
    );
  }
  const sends = params.collection_method === 'send_invoice';
  if (sends && params.days_until_due === undefined) {
    throw invalid('Missing required param: days_until_due.', {
      param: 'days_until_due',
      code: 'parameter_missing',
    });
  }
  const method = params.default_payment_method ?? customer.invoice_settings.default_payment_method ?? null;
  const trialEnd = params.trial_end && params.trial_end !== 'now' ? Number(params.trial_end) : null;
  if (
    !sends &&
    method === null &&
    trialEnd === null &&
    !params.trial_period_days &&
    params.payment_behavior !== 'default_incomplete'
  ) {
    throw invalid('This customer has no attached payment source or default payment method.', {
      code: 'resource_missing',
    });
  }
  const made = createSubscription(core, {
    customer: customer.id,
    items,
    extras: (params.add_invoice_items ?? []).map(lineOf),
    metadata: mergeMetadata(null, params.metadata),
    description: params.description || null,
    paymentMethod: params.default_payment_method ?? null,
    trialEnd: trialEnd ?? trialEndOf(core, params.trial_period_days ?? null),
    collection: sends ? 'send_invoice' : 'charge_automatically',
    daysUntilDue: params.days_until_due ?? null,
    status: sends ? 'active' : 'incomplete',
    automaticTax: params.automatic_tax?.enabled ?? false,
    discounts: params.discounts || [],
  });
  if (params.cancel_at_period_end)
    change(core.tables.subscriptions, made.subscription, { cancel_at_period_end: true });
  const open = finalizeInvoice(core, made.invoice);
  if (params.payment_behavior !== 'default_incomplete' && (!sends || open.amount_due === 0)) {
    const collected = collectInvoice(core, open);
    if (collected.outcome !== 'declined')
      subscriptionRecovered(core, subscriptionOf(core, made.subscription.id));
    // "error_if_incomplete": 402, "no subscription is created". https://docs.stripe.com/api/subscriptions/create#create_subscription-payment_behavior
    else if (params.payment_behavior === 'error_if_incomplete') {
      voidInvoice(core, collected.invoice);
      core.tables.subscriptions.delete(made.subscription.id);
      throw cardDeclined('generic_decline', collected.intent);
    }
  }
  return subscriptionOf(core, made.subscription.id);
}
