/** What would be billed. https://docs.stripe.com/api/invoices/create_preview */
import type Stripe from 'stripe';
import type { Core } from './core.ts';
import { invalid, StripeFault } from './errors.ts';
import type { ExtraItem } from './extra-items.ts';
import { newId } from './ids.ts';
import { buildInvoice } from './invoice-build.ts';
import { itemLine } from './invoice-lines.ts';
import { subscriptionOf } from './lookup.ts';
import { usageLine } from './metered-usage.ts';
import { pendingLines } from './pending-items.ts';
import { HOUR, periodEnd, periodEndOf } from './periods.ts';
import type { Invoice, InvoiceLine, Plain, Subscription } from './plain.ts';
import { plannedUpdate } from './planned-update.ts';
import { itemsOf, scheduleOf } from './schedules.ts';

// Of each world: a preview is no invoice, yet its lines are paged by its id like an invoice's.
const previews = new WeakMap<Core, Map<string, Invoice>>();

/** Nothing is stored but, while the sandbox runs, the lines. */
export function preview(core: Core, params: Plain<Stripe.InvoiceCreatePreviewParams>): Invoice {
  const invoice = previewInvoice(core, params);
  const known = previews.get(core) ?? new Map<string, Invoice>();
  previews.set(core, known.set(invoice.id, invoice));
  return invoice;
}

/** undefined: no preview has this id. */
export const previewedLines = (core: Core, id: string): readonly InvoiceLine[] | undefined =>
  previews.get(core)?.get(id)?.lines.data;

/** The next invoice of a subscription with the changes asked for. */
function previewInvoice(core: Core, params: Plain<Stripe.InvoiceCreatePreviewParams>): Invoice {
  if (params.schedule) return ofSchedule(core, params);
  if (!params.subscription) {
    throw invalid('The sandbox previews existing subscriptions only.', { param: 'subscription' });
  }
  const before = subscriptionOf(core, params.subscription, 'subscription');
  const details = params.subscription_details;
  if (endsBefore(before) && details === undefined) throw nothingUpcoming(before);
  const behaviour = details?.proration_behavior ?? 'create_prorations';
  const { after, prorations, dueNow, billNow } = plannedUpdate(core, before, {
    items: details?.items ?? [],
    resets: (details?.billing_cycle_anchor as { type?: string } | undefined)?.type === 'now',
    behaviour,
    prorationDate: details?.proration_date,
    extras: (params.invoice_items as readonly ExtraItem[] | undefined) ?? [],
  });
  // What is billed at once is the update's invoice; else the next period's is shown. In a trial a change costs nothing.
  const atOnce = billNow || behaviour === 'always_invoice';
  const invoice = buildInvoice(core, {
    id: newId('upcoming_in'),
    subscription: { ...after, status: 'active' },
    reason: atOnce ? 'subscription_update' : 'subscription_cycle',
    lines: [
      ...pendingLines(core, before.id),
      ...prorations,
      ...dueNow,
      ...(atOnce ? [] : nextPeriod(core, after)),
    ],
  });
  return atOnce ? asUpcoming(invoice) : asUpcoming(ofRenewal(invoice, before));
}

/** The next period by the schedule's next phase, where that begins with it. */
function ofSchedule(core: Core, params: Plain<Stripe.InvoiceCreatePreviewParams>): Invoice {
  if (params.subscription || params.subscription_details)
    throw invalid('You may only specify one of these parameters: schedule, subscription.', {
      param: 'schedule',
    });
  const schedule = scheduleOf(core, params.schedule!);
  const before = subscriptionOf(core, schedule.subscription ?? '', 'schedule');
  const next = schedule.phases.find(({ start_date }) => start_date === periodEndOf(before));
  const after = next
    ? {
        ...before,
        items: { ...before.items, data: itemsOf(core, before, next) },
        discounts: next.discounts.flatMap(({ discount }) => (discount as string) ?? []),
      }
    : before;
  const invoice = buildInvoice(core, {
    id: newId('upcoming_in'),
    subscription: { ...after, status: 'active' },
    reason: 'subscription_cycle',
    lines: [...pendingLines(core, before.id), ...nextPeriod(core, after)],
  });
  return asUpcoming(ofRenewal(invoice, before));
}

const asUpcoming = (invoice: Invoice): Invoice => ({
  ...invoice,
  billing_reason: 'upcoming',
  auto_advance: false,
});

/** Dated by the day it will be made; charged an hour later, or sent. */
function ofRenewal(invoice: Invoice, subscription: Subscription): Invoice {
  const at = periodEndOf(subscription);
  return {
    ...invoice,
    created: at,
    period_start: Math.min(...subscription.items.data.map((item) => item.current_period_start)),
    period_end: at,
    next_payment_attempt: subscription.collection_method === 'send_invoice' ? null : at + HOUR,
  };
}

/** Over, or over with its period: no invoice comes after that. */
const endsBefore = (subscription: Subscription): boolean =>
  subscription.ended_at !== null ||
  (subscription.cancel_at !== null && subscription.cancel_at <= periodEndOf(subscription));

// https://docs.stripe.com/error-codes#invoice-upcoming-none
const nothingUpcoming = ({ customer }: Subscription) =>
  new StripeFault(404, {
    type: 'invalid_request_error',
    code: 'invoice_upcoming_none',
    message: `No upcoming invoices for customer: ${customer}`,
  });

function nextPeriod(core: Core, subscription: Subscription) {
  return subscription.items.data.map((item) => {
    const used = usageLine(core, subscription, item);
    if (used) return used;
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
