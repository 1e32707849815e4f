/** Ends a subscription. https://docs.stripe.com/api/subscriptions/cancel */
import type { Core } from './core.ts';
import type { Subscription } from './plain.ts';
import { change } from './update.ts';

type Reason = 'cancellation_requested' | 'payment_disputed' | 'payment_failed';

/** Announced as `customer.subscription.deleted`; open invoices stay open but are no longer collected by themselves. */
export function cancelSubscription(core: Core, subscription: Subscription, reason: Reason): Subscription {
  const now = core.now();
  const ended = change(core.tables.subscriptions, subscription, {
    status: 'canceled',
    canceled_at: subscription.canceled_at ?? now,
    ended_at: now,
    cancel_at: subscription.cancel_at,
    cancellation_details: { comment: null, feedback: null, feedback_option: null, reason },
  });
  // "Stripe … disables automatic collection for all finalized invoices for the subscription" (Cancel subscriptions).
  for (const invoice of core.tables.invoices.all()) {
    if (invoice.parent?.subscription_details?.subscription !== subscription.id) continue;
    if (invoice.status === 'open' || invoice.status === 'draft') {
      change(core.tables.invoices, invoice, {
        auto_advance: false,
        next_payment_attempt: null,
        automatically_finalizes_at: null,
      });
    }
  }
  core.emit('customer.subscription.deleted', ended);
  return ended;
}

/** A first payment that did not come within 23 hours. https://docs.stripe.com/billing/subscriptions/overview#subscription-statuses */
export function expireIncomplete(core: Core, subscription: Subscription): void {
  const expired = change(core.tables.subscriptions, subscription, {
    status: 'incomplete_expired',
    ended_at: core.now(),
  });
  core.emit('customer.subscription.updated', expired, { status: 'incomplete', ended_at: null });
}
