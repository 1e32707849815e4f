/** What would be billed. https://docs.stripe.com/api/invoices/create_preview */
import type Stripe from 'stripe';
import type { Core } from './core.ts';
import { invalid } from './errors.ts';
import { newId } from './ids.ts';
import { buildInvoice } from './invoice-build.ts';
import { itemLine } from './invoice-lines.ts';
import { subscriptionOf } from './lookup.ts';
import { periodEnd } from './periods.ts';
import type { Invoice, Plain, Subscription } from './plain.ts';
import { prorate } from './proration.ts';
import { changedItems } from './subscription-items.ts';

/** The next invoice of a subscription with the changes asked for; nothing is stored. */
export function previewInvoice(core: Core, params: Plain<Stripe.InvoiceCreatePreviewParams>): Invoice {
  if (!params.subscription) {
    throw invalid('The sandbox previews existing subscriptions only.', { param: 'subscription' });
  }
  const before = subscriptionOf(core, params.subscription, 'subscription');
  const details = params.subscription_details;
  const items = details?.items
    ? changedItems(core, before, { given: details.items, resets: false })
    : before.items.data;
  const after: Subscription = { ...before, items: { ...before.items, data: items } };
  const behaviour = details?.proration_behavior ?? 'create_prorations';
  const prorations =
    behaviour === 'none' ? [] : prorate({ core, before, after, at: details?.proration_date ?? core.now() });
  const waiting = core.tables.pendingItems.all().filter((item) => item.subscription === before.id);
  const invoice = buildInvoice(core, {
    id: newId('upcoming_in'),
    subscription: { ...after, status: 'active' },
    reason: behaviour === 'always_invoice' ? 'subscription_update' : 'subscription_cycle',
    lines: [
      ...waiting.map(({ line }) => line),
      ...prorations,
      ...(behaviour === 'always_invoice' ? [] : nextPeriod(core, after)),
    ],
  });
  return { ...invoice, billing_reason: 'upcoming', auto_advance: false };
}

function nextPeriod(core: Core, subscription: Subscription) {
  return subscription.items.data.map((item) => {
    const start = item.current_period_end;
    const { interval, interval_count: count } = item.price.recurring!;
    const anchor = subscription.billing_cycle_anchor;
    return itemLine(
      core,
      { ...subscription, status: 'active' },
      {
        ...item,
        current_period_start: start,
        current_period_end: periodEnd({ start, interval: interval as 'month', count, anchor }),
      },
    );
  });
}
