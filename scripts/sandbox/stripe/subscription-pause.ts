/** Pauses and resumes. https://docs.stripe.com/api/subscriptions/pause and /resume, changelog 2026-05-27 "subscription pause endpoint" */
import type Stripe from 'stripe';
import { collectInvoice } from './collect.ts';
import type { Core } from './core.ts';
import { invalid } from './errors.ts';
import { draftInvoice, finalizeInvoice } from './invoice-build.ts';
import { itemLine } from './invoice-lines.ts';
import { keepPending, takePending } from './pending-items.ts';
import type { Invoice, Plain, Subscription } from './plain.ts';
import { unusedTime } from './proration.ts';
import { createItem } from './subscription-build.ts';
import { update } from './update.ts';

/** "Does not generate invoices and will not advance to new billing periods"; the unused time is credited. */
export function pauseSubscription(
  core: Core,
  subscription: Subscription,
  params: Plain<Stripe.SubscriptionPauseParams>,
): Subscription {
  if (subscription.billing_mode.type !== 'flexible') throw invalid('Pausing requires flexible billing mode.');
  if (subscription.schedule) throw invalid('Cannot pause subscriptions with attached schedules.');
  if (!['active', 'trialing', 'past_due'].includes(subscription.status))
    throw invalid(`A subscription with status ${subscription.status} cannot be paused.`);
  if (params.bill_for?.unused_time_from?.type !== 'none')
    keepPending(core, subscription.id, unusedTime(core, subscription));
  const paused = update(core, core.tables.subscriptions, 'customer.subscription.updated', subscription, {
    status: 'paused',
    status_details: {
      paused: {
        subscription: { type: 'pause_requested' },
        transitioned_at: core.now(),
        type: 'subscription',
      },
    },
  });
  core.emit('customer.subscription.paused', paused);
  return paused;
}

/** A new period from now; with `resume_on_payment_success` it "stays paused until payment succeeds". */
export function resumeSubscription(
  core: Core,
  subscription: Subscription,
  params: Plain<Stripe.SubscriptionResumeParams>,
): Subscription {
  if (subscription.status !== 'paused') throw invalid('Only paused subscriptions can be resumed.');
  const resumed = restarted(core, subscription);
  const invoice = finalizeInvoice(
    core,
    draftInvoice(core, {
      subscription: { ...resumed, status: 'active' },
      reason: 'subscription_update',
      lines: [
        ...takePending(core, subscription.id),
        ...resumed.items.data.map((item) => itemLine(core, { ...resumed, status: 'active' }, item)),
      ],
    }),
  );
  const waiting = update(core, core.tables.subscriptions, 'customer.subscription.updated', subscription, {
    latest_invoice: invoice.id,
  });
  const attempts = params.payment_behavior === 'resume_on_payment_success' || invoice.amount_due === 0;
  if (attempts && collectInvoice(core, invoice).outcome === 'declined') return waiting;
  return activate(core, waiting);
}

/** After the invoice of a resumption was paid. */
export function finishResume(core: Core, invoice: Invoice): void {
  const id = invoice.parent?.subscription_details?.subscription;
  const subscription = id ? core.tables.subscriptions.get(id) : undefined;
  if (subscription?.status === 'paused' && subscription.latest_invoice === invoice.id)
    activate(core, subscription);
}

function activate(core: Core, subscription: Subscription): Subscription {
  const { items, billing_cycle_anchor } = restarted(core, subscription);
  const resumed = update(core, core.tables.subscriptions, 'customer.subscription.updated', subscription, {
    status: 'active',
    ...({ status_details: null } as object),
    items,
    billing_cycle_anchor,
    trial_end: subscription.trial_end === null ? null : Math.min(subscription.trial_end, core.now()),
  });
  core.emit('customer.subscription.resumed', resumed);
  return resumed;
}

function restarted(core: Core, subscription: Subscription): Subscription {
  const items = subscription.items.data.map((item) => {
    const { current_period_start, current_period_end } = createItem(core, {
      subscription: subscription.id,
      price: item.price,
      quantity: item.quantity ?? 1,
      start: core.now(),
      end: null,
    });
    return { ...item, current_period_start, current_period_end };
  });
  return {
    ...subscription,
    items: { ...subscription.items, data: items },
    billing_cycle_anchor: core.now(),
  };
}
