/** Ends a subscription. https://docs.stripe.com/api/subscriptions/cancel */
import type { Core } from './core.ts';
import type { Subscription } from './plain.ts';
import { change, update } from './update.ts';

type Reason = 'cancellation_requested' | 'payment_disputed' | 'payment_failed';

/** Announced as `customer.subscription.deleted`; open invoices stay open but are no longer collected by themselves. */
export function cancelSubscription(
  core: Core,
  subscription: Subscription,
  reason: Reason,
  details: { comment?: string | null; feedback?: string | null } = {},
): Subscription {
  const now = core.now();
  const ended = change(core.tables.subscriptions, subscription, {
    status: 'canceled',
    canceled_at: subscription.canceled_at ?? now,
    ended_at: now,
    cancel_at: subscription.cancel_at,
    // What was said when it was set to end stays.
    cancellation_details: {
      ...subscription.cancellation_details!,
      ...(details.comment && { comment: details.comment }),
      ...(details.feedback && { feedback: details.feedback as 'other' }),
      reason,
    },
    pending_update: null,
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
  endSchedule(core, ended);
  core.emit('customer.subscription.deleted', ended);
  return ended;
}

// "Canceling a subscription … also cancels its schedule." (subscription_schedules.cancel)
function endSchedule(core: Core, subscription: Subscription): void {
  const schedule = core.tables.schedules.get(subscription.schedule ?? '');
  if (schedule?.status !== 'active') return;
  update(core, core.tables.schedules, 'subscription_schedule.canceled', schedule, {
    status: 'canceled',
    canceled_at: core.now(),
    current_phase: null,
  });
}

/** A first payment that did not come within 23 hours. https://docs.stripe.com/billing/subscriptions/overview#subscription-statuses */
export function expireIncomplete(core: Core, subscription: Subscription): void {
  const expired = change(core.tables.subscriptions, subscription, {
    status: 'incomplete_expired',
    ended_at: core.now(),
  });
  core.emit('customer.subscription.updated', expired, { status: 'incomplete', ended_at: null });
}
