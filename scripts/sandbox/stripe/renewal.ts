/** A period ends and the next begins. https://docs.stripe.com/billing/subscriptions/billing-cycle and /invoices/subscription */
import type { Core } from './core.ts';
import { dropOver } from './discounts.ts';
import { newId } from './ids.ts';
import { draftInvoice, finalizeInvoice, voidInvoice } from './invoice-build.ts';
import { itemLine } from './invoice-lines.ts';
import { usageLine } from './metered-usage.ts';
import { takePending } from './pending-items.ts';
import { periodEnd } from './periods.ts';
import type { Invoice, Subscription, SubscriptionItem } from './plain.ts';
import { change } from './update.ts';

/**
 * Rolls the items whose period is over, drafts the invoice (final after an hour) and says both. The old periods stand
 * under `previous_attributes.items`, as they do since 2025-03-31.
 */
export function renew(
  core: Core,
  subscription: Subscription,
  reason: 'subscription_cycle' | 'subscription_update' = 'subscription_cycle',
): Invoice {
  const now = core.now();
  const trialEnds = subscription.status === 'trialing';
  const anchor = trialEnds ? now : subscription.billing_cycle_anchor;
  const items = subscription.items.data.map((item) => rolled(item, { now, anchor, force: trialEnds }));
  const renewed = change(core.tables.subscriptions, subscription, {
    items: { ...subscription.items, data: items },
    billing_cycle_anchor: anchor,
    latest_invoice: newId('in'),
    ...(trialEnds && { status: 'active' as const }),
  });
  const due = items.flatMap((item, index) => {
    const before = subscription.items.data[index]!;
    if (item === before) return [];
    return [
      usageLine(core, { ...renewed, status: subscription.status }, before) ?? itemLine(core, renewed, item),
    ];
  });
  const draft = draftInvoice(core, {
    id: renewed.latest_invoice!,
    // The draft still looks back on the period just over.
    subscription: { ...renewed, latest_invoice: subscription.latest_invoice },
    reason,
    lines: [...takePending(core, subscription.id), ...due],
  });
  pauseDraft(core, renewed, draft);
  core.emit('customer.subscription.updated', dropOver(core, renewed), {
    latest_invoice: subscription.latest_invoice,
    ...(trialEnds && { status: 'trialing', billing_cycle_anchor: subscription.billing_cycle_anchor }),
    items: { data: subscription.items.data },
  });
  return draft;
}

function rolled(
  item: SubscriptionItem,
  input: { now: number; anchor: number; force: boolean },
): SubscriptionItem {
  const { now, anchor, force } = input;
  if (item.current_period_end > now && !force) return item;
  const start = force ? now : item.current_period_end;
  const { interval, interval_count: count } = item.price.recurring!;
  return {
    ...item,
    current_period_start: start,
    current_period_end: periodEnd({ start, interval: interval as 'month', count, anchor }),
  };
}

/** While collection is paused. https://docs.stripe.com/billing/subscriptions/pause-payment */
function pauseDraft(core: Core, subscription: Subscription, draft: Invoice): void {
  const pause = subscription.pause_collection;
  if (!pause || (pause.resumes_at !== null && pause.resumes_at <= core.now())) return;
  const kept = change(core.tables.invoices, draft, {
    auto_advance: false,
    automatically_finalizes_at: null,
    next_payment_attempt: null,
  });
  if (pause.behavior === 'void') voidInvoice(core, finalizeInvoice(core, kept));
}
