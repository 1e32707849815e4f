/** What a subscription's invoices say has happened: its first payment, renewals, trouble and recovery. Pure. */
import type { InvoiceFact, SubscriptionFact } from './facts.ts';
import { hasEnded } from './has-ended.ts';
import { type PlannedTransition, transition } from './planned-transition.ts';
import type { KnownInvoice, KnownSubscription, SyncSetup } from './sync-setup.ts';

/**
 * The one trigger for provisioning: the fetched fact that the subscription_create invoice is paid.
 * Where that invoice does not count (a trial without a card), the first money does.
 */
export function firstPayment(input: {
  setup: SyncSetup;
  fact: SubscriptionFact;
  invoices: readonly InvoiceFact[];
  known: KnownSubscription | undefined;
}): PlannedTransition[] {
  const { setup, fact, invoices, known } = input;
  if (fact.planKey === null) return [];
  if (fact.orderId === null) return hasEnded(fact) ? [] : [transition(fact, 'unordered', fact.providerId)];
  // Ended at first sight: a record only. Somebody who left while we were down gets nothing made.
  if (hasEnded(fact) && (known === undefined || known.access === 'none')) return [];
  const paid = invoices
    .filter((invoice) => invoice.status === 'paid')
    .sort((a, b) => a.created.getTime() - b.created.getTime());
  const money = paid.find((invoice) => invoice.amountPaid > 0);
  const first = paid.find((invoice) => isCreating(invoice) && counts(setup, fact, invoice));
  // Other money provisions only where the creating invoice is paid and does not count: never while it is still open.
  // That invoice may be older than what this sync has read.
  const settled = [...paid, ...setup.knownInvoices].some(
    (invoice) =>
      isCreating(invoice) && invoice.status === 'paid' && invoice.subscriptionProviderId === fact.providerId,
  );
  const trigger = first ?? (settled ? money : undefined);
  const onTrial = trigger !== undefined && trigger.amountPaid === 0 && fact.trialEnd !== null;
  return [
    ...(trigger === undefined
      ? []
      : [transition(fact, 'paid', 'first_payment', { invoice: trigger.providerId, trial: onTrial })]),
    ...(money === undefined ? [] : [transition(fact, 'won', 'first_money', { invoice: money.providerId })]),
  ];
}

function isCreating(invoice: { readonly billingReason: string | null }): boolean {
  return invoice.billingReason === 'subscription_create';
}

/** A zero invoice (trial) counts only with a card on file and on the organisation's first trial. */
function counts(setup: SyncSetup, fact: SubscriptionFact, invoice: InvoiceFact): boolean {
  if (invoice.amountPaid > 0 || fact.trialEnd === null) return true; // free of charge without a trial: nothing is owed
  const cardOnFile = fact.hasPaymentMethod || setup.customer?.hasPaymentMethod === true;
  return cardOnFile && !setup.trialUsed;
}

export function laterMoney(input: {
  fact: SubscriptionFact;
  invoices: readonly InvoiceFact[];
  knownInvoices: ReadonlyMap<string, KnownInvoice>;
}): PlannedTransition[] {
  const { fact, invoices, knownInvoices } = input;
  if (fact.planKey === null) return [];
  return invoices.flatMap((invoice) => {
    const before = knownInvoices.get(invoice.providerId);
    const planned: PlannedTransition[] = [];
    if (
      invoice.status === 'paid' &&
      invoice.billingReason === 'subscription_cycle' &&
      before?.status !== 'paid'
    ) {
      planned.push(transition(fact, 'renewed', invoice.providerId, { amount: invoice.amountPaid }));
    }
    planned.push(...trouble(fact, invoice, before));
    return planned;
  });
}

/** A fact that no longer holds is not announced: only an invoice still open has failed. */
function trouble(
  fact: SubscriptionFact,
  invoice: InvoiceFact,
  before: KnownInvoice | undefined,
): PlannedTransition[] {
  if (isCreating(invoice)) return [];
  const money = { invoice: invoice.providerId, attempt: invoice.attemptCount, currency: invoice.currency };
  const inTrouble = before?.paymentState === 'failed' || before?.paymentState === 'action_required';
  if (inTrouble && (invoice.status === 'paid' || invoice.status === 'void')) {
    return [
      transition(fact, 'payment_recovered', invoice.providerId, {
        ...money,
        how: invoice.status,
        amount: invoice.status === 'paid' ? invoice.amountPaid : 0,
      }),
    ];
  }
  const state = invoice.paymentState;
  // A bank debit on its way has neither failed nor been paid.
  if (invoice.status !== 'open' || state === null || state === 'processing') return [];
  if (before?.attemptCount === invoice.attemptCount && before.paymentState === state) return [];
  const kind = state === 'failed' ? 'payment_failed' : 'payment_action_required';
  return [
    transition(fact, kind, `${invoice.providerId}:${invoice.attemptCount}`, {
      ...money,
      amount: invoice.amountDue,
      number: invoice.number,
      nextAttempt: invoice.nextPaymentAttempt,
      hostedInvoiceUrl: invoice.hostedInvoiceUrl,
      // The first try of what is charged by itself comes with the finalising; another's day is not known.
      since: invoice.chargedAutomatically ? invoice.finalizedAt : null,
    }),
  ];
}
