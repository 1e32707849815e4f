/** Changes a subscription. https://docs.stripe.com/api/subscriptions/update and /billing/subscriptions/prorations */
import type Stripe from 'stripe';
import { collectInvoice } from './collect.ts';
import type { Core } from './core.ts';
import { redeem } from './discounts.ts';
import { cardDeclined, invalid } from './errors.ts';
import type { ExtraItem } from './extra-items.ts';
import { draftInvoice, finalizeInvoice, voidInvoice } from './invoice-build.ts';
import { subscriptionOf } from './lookup.ts';
import { mergeMetadata } from './metadata.ts';
import { usageLine } from './metered-usage.ts';
import { keepPending, takePending } from './pending-items.ts';
import { HOUR, periodEndOf } from './periods.ts';
import type { Invoice, Plain, Subscription, SubscriptionItem } from './plain.ts';
import { plannedUpdate } from './planned-update.ts';
import { renew } from './renewal.ts';
import { change, update } from './update.ts';

export type SubscriptionUpdate = Plain<Stripe.SubscriptionUpdateParams>;

/** @throws StripeFault 402 when a payment fails under `error_if_incomplete` */
export function updateSubscription(
  core: Core,
  current: Subscription,
  params: SubscriptionUpdate,
): Subscription {
  if (current.ended_at)
    throw invalid('A canceled subscription can only update its cancellation_details and metadata.');
  if (params.payment_behavior === 'pending_if_incomplete') checkPendingAllows(current, params);
  checkSchedule(current, params);
  const plain = plainChanges(core, current, params);
  if (!params.items && !params.add_invoice_items) {
    if (params.trial_end !== undefined) return changeTrial(core, current, plain);
    return update(core, core.tables.subscriptions, 'customer.subscription.updated', current, plain);
  }
  const resets = params.billing_cycle_anchor?.type === 'now';
  const planned = plannedUpdate(core, current, {
    items: params.items ?? [],
    resets,
    behaviour: params.proration_behavior,
    prorationDate: params.proration_date,
    extras: (params.add_invoice_items as readonly ExtraItem[] | undefined) ?? [],
  });
  const changed: Subscription = { ...planned.after, ...plain };
  const items = changed.items.data;
  if (!planned.billNow) {
    keepPending(core, current.id, planned.prorations);
    return update(core, core.tables.subscriptions, 'customer.subscription.updated', current, {
      ...plain,
      items: changed.items,
    });
  }
  const invoice = finalizeInvoice(
    core,
    draftInvoice(core, {
      subscription: changed,
      reason: 'subscription_update',
      lines: [...takePending(core, current.id), ...planned.prorations, ...planned.dueNow],
    }),
  );
  if (current.collection_method === 'send_invoice') {
    return update(core, core.tables.subscriptions, 'customer.subscription.updated', current, {
      ...plain,
      items: changed.items,
      billing_cycle_anchor: changed.billing_cycle_anchor,
      latest_invoice: invoice.id,
    });
  }
  const collected = collectInvoice(core, invoice);
  const behaviour = params.payment_behavior ?? 'allow_incomplete';
  if (collected.outcome === 'declined' && behaviour === 'error_if_incomplete') {
    voidInvoice(core, collected.invoice);
    throw cardDeclined('generic_decline', collected.intent);
  }
  if (collected.outcome === 'declined' && behaviour === 'pending_if_incomplete') {
    return postpone(core, current, { items, invoice, anchor: changed.billing_cycle_anchor });
  }
  return update(core, core.tables.subscriptions, 'customer.subscription.updated', current, {
    ...plain,
    items: changed.items,
    billing_cycle_anchor: changed.billing_cycle_anchor,
    latest_invoice: invoice.id,
    ...(collected.outcome === 'declined' && { status: 'past_due' as const }),
  });
}

/** "pending_if_incomplete": nothing changes until the invoice is paid, for 23 hours at most. https://docs.stripe.com/billing/subscriptions/pending-updates */
function postpone(
  core: Core,
  current: Subscription,
  input: { items: SubscriptionItem[]; invoice: Invoice; anchor: number },
): Subscription {
  change(core.tables.invoices, input.invoice, { next_payment_attempt: null });
  return update(core, core.tables.subscriptions, 'customer.subscription.updated', current, {
    latest_invoice: input.invoice.id,
    pending_update: {
      billing_cycle_anchor: input.anchor === current.billing_cycle_anchor ? null : input.anchor,
      cancel_at_period_end: null,
      discount: null,
      discounts: null,
      // "the trial end time or the current period end, whichever comes first", at most 23 hours (Pending updates reference)
      expires_at: Math.min(core.now() + 23 * HOUR, periodEndOf(current)),
      metadata: null,
      subscription_items: input.items,
      trial_end: null,
      trial_from_plan: null,
    },
  });
}

// https://docs.stripe.com/billing/subscriptions/pending-updates-reference#supported-attributes
const PENDING_ALLOWS = new Set([
  'expand',
  'payment_behavior',
  'proration_behavior',
  'proration_date',
  'billing_cycle_anchor',
  'items',
  'trial_end',
  'trial_from_plan',
  'add_invoice_items',
]);

function checkPendingAllows(current: Subscription, params: SubscriptionUpdate): void {
  // "If the subscription's collection_method is charge_automatically" (pending updates, before you begin)
  if (current.collection_method !== 'charge_automatically')
    throw invalid('Pending updates are only supported for `collection_method=charge_automatically`.', {
      param: 'payment_behavior',
    });
  const other = Object.keys(params).find((name) => !PENDING_ALLOWS.has(name));
  if (other === undefined) return;
  throw invalid(
    `When \`payment_behavior\` is set to \`pending_if_incomplete\`, \`${other}\` cannot be updated in the same call.`,
    { param: other },
  );
}

/** After the invoice of a pending update was paid. */
export function applyPendingUpdate(core: Core, invoice: Invoice): void {
  const id = invoice.parent?.subscription_details?.subscription;
  const subscription = id ? core.tables.subscriptions.get(id) : undefined;
  const items = subscription?.pending_update?.subscription_items;
  if (!subscription || !items || subscription.latest_invoice !== invoice.id) return;
  const applied = update(core, core.tables.subscriptions, 'customer.subscription.updated', subscription, {
    pending_update: null,
    items: { ...subscription.items, data: items },
    billing_cycle_anchor:
      subscription.pending_update?.billing_cycle_anchor ?? subscription.billing_cycle_anchor,
  });
  core.emit('customer.subscription.pending_update_applied', applied);
}

/** "The subscription is managed by the subscription schedule": it is not cancelled beside it. */
function checkSchedule(current: Subscription, params: SubscriptionUpdate): void {
  if (!current.schedule || (params.cancel_at === undefined && !params.cancel_at_period_end)) return;
  throw invalid(
    `The subscription is managed by the subscription schedule \`${current.schedule}\`, and updating any cancelation behavior directly is not allowed. Please update the schedule instead.`,
  );
}

function plainChanges(core: Core, current: Subscription, params: SubscriptionUpdate): Partial<Subscription> {
  const periodEnd = Math.max(...current.items.data.map((item) => item.current_period_end));
  const cancels = params.cancel_at_period_end;
  return {
    ...(params.metadata !== undefined && { metadata: mergeMetadata(current.metadata, params.metadata) }),
    ...(params.description !== undefined && { description: params.description || null }),
    ...(params.discounts !== undefined && {
      discounts: redeem(core, params.discounts || [], {
        customer: current.customer!,
        subscription: current.id,
      }),
    }),
    ...(params.default_payment_method !== undefined && {
      default_payment_method: params.default_payment_method || null,
    }),
    ...(params.collection_method !== undefined && { collection_method: params.collection_method }),
    ...(params.days_until_due !== undefined && { days_until_due: params.days_until_due }),
    ...(cancels !== undefined && {
      cancel_at_period_end: cancels,
      cancel_at: cancels ? periodEnd : null,
      canceled_at: cancels ? core.now() : null,
      cancellation_details: {
        comment: params.cancellation_details?.comment || null,
        feedback: params.cancellation_details?.feedback || null,
        feedback_option: null,
        reason: cancels ? ('cancellation_requested' as const) : null,
      },
    }),
    ...(params.cancel_at !== undefined && cancelAt(core, current, String(params.cancel_at))),
    ...(params.trial_end !== undefined && trialEnd(core, current, String(params.trial_end))),
    ...(params.pause_collection !== undefined && {
      pause_collection: params.pause_collection
        ? {
            behavior: params.pause_collection.behavior,
            resumes_at: params.pause_collection.resumes_at ?? null,
          }
        : null,
    }),
  };
}

function cancelAt(core: Core, current: Subscription, given: string): Partial<Subscription> {
  if (given === '') return { cancel_at: null, canceled_at: null };
  const ends = current.items.data.map((item) => item.current_period_end);
  const at =
    given === 'min_period_end'
      ? Math.min(...ends)
      : given === 'max_period_end'
        ? Math.max(...ends)
        : Number(given);
  if (!Number.isInteger(at)) throw invalid(`Invalid cancel_at: ${given}`, { param: 'cancel_at' });
  return { cancel_at: at, canceled_at: core.now() };
}

/** "trial_end": the period is the trial; its end bills the first period. https://docs.stripe.com/billing/subscriptions/trials#extend */
function trialEnd(core: Core, current: Subscription, given: string): Partial<Subscription> {
  const at = given === 'now' ? core.now() : Number(given);
  if (!Number.isInteger(at) || at < core.now())
    throw invalid('The trial end must be now or in the future.', { param: 'trial_end' });
  if (given === 'now') return { trial_end: at };
  return {
    trial_end: at,
    trial_start: current.trial_start ?? core.now(),
    status: 'trialing',
    billing_cycle_anchor: at,
    items: {
      ...current.items,
      data: current.items.data.map((item) => ({ ...item, current_period_end: at })),
    },
  };
}

/** Ended "now", the first period is billed and collected at once. */
function changeTrial(core: Core, current: Subscription, plain: Partial<Subscription>): Subscription {
  const event = 'customer.subscription.updated';
  const changed = update(core, core.tables.subscriptions, event, current, plain);
  if (current.status !== 'trialing' || changed.trial_end !== core.now()) return changed;
  const invoice = renew(core, changed, 'subscription_update');
  const collected = collectInvoice(core, finalizeInvoice(core, invoice));
  const active = subscriptionOf(core, current.id);
  if (collected.outcome !== 'declined') return active;
  return update(core, core.tables.subscriptions, event, active, { status: 'past_due' });
}

/** Bills at once what waits and what was used by meter so far. */
export function invoicePending(core: Core, subscription: Subscription): void {
  const used = subscription.items.data.flatMap((item) => usageLine(core, subscription, item) ?? []);
  const lines = [...takePending(core, subscription.id), ...used.filter(({ amount }) => amount > 0)];
  if (lines.length === 0) return;
  const draft = draftInvoice(core, { subscription, reason: 'subscription_update', lines });
  change(core.tables.subscriptions, subscriptionOf(core, subscription.id), { latest_invoice: draft.id });
  collectInvoice(core, finalizeInvoice(core, draft));
}
