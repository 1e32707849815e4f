/** What happens by time alone: expiry, trial ends, renewals, finalising, retries. Lived through in order after a long jump. */
import { REFUNDS_FAIL } from './cards.ts';
import { settleCheckout } from './checkout-pay.ts';
import { expireSession } from './checkout-sessions.ts';
import { collectInvoice } from './collect.ts';
import type { Core } from './core.ts';
import { subscriptionFailed, subscriptionRecovered } from './dunning.ts';
import { finalizeInvoice, subscriptionOfInvoice, voidInvoice } from './invoice-build.ts';
import { subscriptionOf } from './lookup.ts';
import { DAY, HOUR, periodEndOf } from './periods.ts';
import type { Invoice, Session, Subscription } from './plain.ts';
import { failRefund } from './refunds.ts';
import { renew } from './renewal.ts';
import { nextPhase } from './schedules.ts';
import { cancelSubscription, expireIncomplete } from './subscription-cancel.ts';
import { finishResume } from './subscription-pause.ts';
import { applyPendingUpdate } from './subscription-update.ts';
import { change, update } from './update.ts';

interface Due {
  readonly at: number;
  readonly run: () => void;
}

/** Carries out, one by one and each at its own moment, all that is due by now; on a test clock, by the time it advances to. */
export function catchUp(core: Core): void {
  liveThrough(core, { clock: null, until: core.now() });
  for (const clock of core.tables.testClocks.all()) {
    const until = clock.status_details.advancing?.target_frozen_time;
    if (until === undefined) continue;
    liveThrough(core, { clock: clock.id, until });
    const there = { frozen_time: until, status: 'ready', status_details: {} } as const;
    core.byHand(() => {
      const ready = change(core.tables.testClocks, clock, there);
      core.at(until, () => core.emit('test_helpers.test_clock.ready', ready));
    });
  }
}

function liveThrough(core: Core, { clock, until }: { clock: string | null; until: number }): void {
  for (;;) {
    const next = nextDue(core, clock);
    if (!next || next.at > until) return;
    core.at(next.at, () => core.byHand(next.run));
  }
}

/** @param clock whose objects; null: those that live by the sandbox's own time */
function nextDue(core: Core, clock: string | null): Due | undefined {
  let first: Due | undefined;
  const offer = (at: number | null | undefined, run: () => void) => {
    if (at !== null && at !== undefined && (!first || at < first.at)) first = { at, run };
  };
  for (const session of core.tables.sessions.all()) {
    if (clock !== null) continue;
    if (session.status === 'open') offer(session.expires_at, () => expireSession(core, session));
    const outcome = session.payment_status === 'unpaid' ? debitOutcome(core, session) : undefined;
    if (outcome) offer(session.created, () => void settleCheckout(core, session.id, outcome));
  }
  for (const refund of core.tables.refunds.all()) {
    const isSentBack = core.tables.banks.get(refund.payment_method ?? '')?.number === REFUNDS_FAIL;
    if (clock === null && isSentBack && refund.status === 'succeeded')
      offer(refund.created, () => void failRefund(core, refund));
  }
  for (const invoice of core.tables.invoices.all()) {
    if (invoice.test_clock !== clock) continue;
    if (invoice.status === 'draft') {
      offer(invoice.automatically_finalizes_at, () => collect(core, finalizeInvoice(core, invoice)));
    } else if (invoice.status === 'open') {
      offer(invoice.next_payment_attempt, () => collect(core, invoice));
    }
  }
  for (const subscription of core.tables.subscriptions.all()) {
    if (!subscription.ended_at && subscription.test_clock === clock)
      offerSubscription(core, subscription, offer);
  }
  return first;
}

/** Of a debit that settles by itself; one of a person's making waits for its control. */
function debitOutcome(core: Core, session: Session): 'succeeded' | 'failed' | undefined {
  const subscription = core.tables.subscriptions.get(session.subscription ?? '');
  if (session.status !== 'complete' || subscription?.status !== 'active') return undefined;
  return core.tables.banks.get(subscription.default_payment_method ?? '')?.settles;
}

function offerSubscription(
  core: Core,
  subscription: Subscription,
  offer: (at: number | null | undefined, run: () => void) => void,
): void {
  // "If no payment is made within 23 hours the subscription becomes incomplete_expired." (subscription statuses)
  if (subscription.status === 'incomplete') {
    offer(subscription.created + 23 * HOUR, () => expireIncomplete(core, subscription));
    return;
  }
  offer(subscription.cancel_at, () => cancelSubscription(core, subscription, 'cancellation_requested'));
  const pending = subscription.pending_update;
  offer(pending?.expires_at, () => {
    // Its invoice is voided with it. https://docs.stripe.com/billing/subscriptions/pending-updates
    const unpaid = core.tables.invoices.get(subscription.latest_invoice ?? '');
    if (unpaid?.status === 'open') voidInvoice(core, unpaid);
    const event = 'customer.subscription.updated';
    const dropped = update(core, core.tables.subscriptions, event, subscription, { pending_update: null });
    core.emit('customer.subscription.pending_update_expired', dropped);
  });
  const schedule = core.tables.schedules.get(subscription.schedule ?? '');
  // Before the renewal of the same moment, which is billed by the next phase's prices.
  offer(schedule?.current_phase?.end_date, () => nextPhase(core, subscription, schedule!));
  if (subscription.status === 'paused') {
    offerResumption(core, subscription, offer);
    return;
  }
  offer(periodEndOf(subscription), () => renew(core, subscription));
  if (subscription.status === 'trialing') {
    offerNotice(core, subscription, offer);
  }
}

/** "If there is no payment within 23 hours, Stripe voids the invoice and the subscription stays paused." (subscriptions.resume) */
function offerResumption(
  core: Core,
  subscription: Subscription,
  offer: (at: number, run: () => void) => void,
): void {
  const invoice = core.tables.invoices.get(subscription.latest_invoice ?? '');
  if (invoice?.status === 'open') offer(invoice.created + 23 * HOUR, () => void voidInvoice(core, invoice));
}

// "customer.subscription.trial_will_end: three days before the trial period of a subscription is scheduled to end"
function offerNotice(
  core: Core,
  subscription: Subscription,
  offer: (at: number, run: () => void) => void,
): void {
  const key = `trial_will_end ${subscription.id} ${subscription.trial_end}`;
  if (core.tables.notices.get(key)) return;
  offer(Math.max(subscription.created, (subscription.trial_end ?? 0) - 3 * DAY), () => {
    core.tables.notices.put(key, true);
    core.emit('customer.subscription.trial_will_end', subscription);
  });
}

/** An automatic try, with what follows for the subscription. Sent invoices wait for their customer. */
function collect(core: Core, invoice: Invoice): void {
  const subscription = subscriptionOfInvoice(core, invoice);
  if (invoice.collection_method === 'send_invoice' && invoice.amount_due > 0) {
    update(core, core.tables.invoices, 'invoice.updated', invoice, { next_payment_attempt: null });
    return;
  }
  const collected = collectInvoice(core, invoice);
  if (!subscription) return;
  const current = subscriptionOf(core, subscription.id);
  if (collected.outcome === 'declined') subscriptionFailed(core, current, collected.invoice);
  if (collected.outcome === 'paid') {
    subscriptionRecovered(core, current);
    applyPendingUpdate(core, collected.invoice);
    finishResume(core, collected.invoice);
  }
}
