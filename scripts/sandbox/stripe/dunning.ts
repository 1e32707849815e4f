/** What follows a payment that failed. https://docs.stripe.com/billing/revenue-recovery/smart-retries */
import type { Core } from './core.ts';
import { subscriptionOfInvoice } from './invoice-build.ts';
import { DAY } from './periods.ts';
import type { Invoice, Subscription } from './plain.ts';
import { cancelSubscription } from './subscription-cancel.ts';
import { update } from './update.ts';

/** When a failed invoice is tried again; null: no more. `invoice` has counted the failed attempt already. */
export function nextAttempt(core: Core, invoice: Invoice): number | null {
  // A first payment that fails leaves the subscription incomplete; Stripe does not try that one again by itself.
  if (subscriptionOfInvoice(core, invoice)?.status === 'incomplete') return null;
  const wait = core.settings.retryDays[invoice.attempt_count - 1];
  return wait === undefined || !invoice.auto_advance ? null : core.now() + wait * DAY;
}

/** While tries remain it is past due; after the last one the account's setting decides. */
export function subscriptionFailed(core: Core, subscription: Subscription, invoice: Invoice): void {
  const { afterRetries } = core.settings;
  if (invoice.next_payment_attempt !== null) setStatus(core, subscription, 'past_due');
  else if (afterRetries === 'cancel') cancelSubscription(core, subscription, 'payment_failed');
  else setStatus(core, subscription, afterRetries);
}

/** After a payment that succeeded: active again when nothing older is open. */
export function subscriptionRecovered(core: Core, subscription: Subscription): void {
  if (!['past_due', 'unpaid', 'incomplete'].includes(subscription.status)) return;
  const latest = core.tables.invoices.get(subscription.latest_invoice ?? '');
  if (latest?.status === 'paid') setStatus(core, subscription, 'active');
}

function setStatus(core: Core, subscription: Subscription, status: Subscription['status']): void {
  update(core, core.tables.subscriptions, 'customer.subscription.updated', subscription, { status });
}
