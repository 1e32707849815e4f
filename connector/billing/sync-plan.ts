/**
 * Decides what one customer's sync changes: pure, printable, tested without a network or a database.
 * The same plan comes out whatever events led here and in whatever order they came.
 */
import type { CustomerFact, InvoiceFact, PaymentState, SubscriptionFact } from './facts.ts';
import { isGranted, type KnownLife, type LifeKind, lifeChanges } from './life-changes.ts';
import { trialEnding } from './trial-ending.ts';

/** What we hold of a subscription already, as far as the plan needs it. */
export interface KnownSubscription extends KnownLife {
  readonly id: number;
  readonly access: string;
}

export interface KnownInvoice {
  readonly providerId: string;
  readonly subscriptionProviderId: string | null;
  readonly billingReason: string | null;
  readonly status: string;
  readonly attemptCount: number;
  readonly paymentState: PaymentState | null;
}

export interface SyncSetup {
  readonly customer: CustomerFact | null;
  /** Each one's `orderId` is an order of this customer's organisation here, or null. */
  readonly subscriptions: readonly SubscriptionFact[];
  readonly invoices: readonly InvoiceFact[];
  readonly knownSubscriptions: readonly KnownSubscription[];
  readonly knownInvoices: readonly KnownInvoice[];
  readonly trialUsed: boolean;
  readonly now: Date;
}

/**
 * - `paid`: the subscription's first invoice is paid: provision (once per subscription).
 * - `won`: the first amount above zero was paid (once per subscription).
 * - `unordered`: a subscription of a known plan that no order of ours explains (fact: the subscription).
 * - `renewed`: a later invoice is paid (fact: the invoice).
 * - `payment_failed`, `payment_action_required`: one that is still open was tried (fact: the invoice and its attempt).
 * - `payment_recovered`: one of those was paid, or forgiven, after all (fact: the invoice).
 * - `suspended`, `unsuspended`: features or access, for unpaid or disputed money (fact: the invoice or dispute, the level and when).
 * - `refunded`, `refund_failed` (fact: the refund); `disputed` (fact: the dispute and its stage), `dispute_closed` (and its outcome).
 * - `trial_will_end`: in three days or less (fact: that end).
 * - those of `LifeKind` (fact: our state version).
 * - `ended`: the subscription is over (fact: the subscription).
 * - `changed`: anything mirrored is different (fact: our state version, filled in when written).
 */
export type TransitionKind =
  | 'paid'
  | 'won'
  | 'unordered'
  | 'renewed'
  | 'payment_failed'
  | 'payment_action_required'
  | 'payment_recovered'
  | 'suspended'
  | 'unsuspended'
  | 'refunded'
  | 'refund_failed'
  | 'disputed'
  | 'dispute_closed'
  | 'trial_will_end'
  | LifeKind
  | 'ended'
  | 'changed';

export interface PlannedTransition {
  readonly subscriptionProviderId: string;
  readonly kind: TransitionKind;
  /** null: the subscription's new version. */
  readonly fact: string | null;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface SyncPlan {
  readonly subscriptions: readonly SubscriptionFact[];
  readonly invoices: readonly InvoiceFact[];
  readonly transitions: readonly PlannedTransition[];
}

const ENDED: ReadonlySet<string> = new Set(['canceled', 'incomplete_expired']);

export function hasEnded(subscription: { readonly status: string; readonly endedAt: Date | null }): boolean {
  return ENDED.has(subscription.status) || subscription.endedAt !== null;
}

export function planSync(setup: SyncSetup): SyncPlan {
  const known = new Map(setup.knownSubscriptions.map((each) => [each.providerId, each]));
  const knownInvoices = new Map(setup.knownInvoices.map((each) => [each.providerId, each]));
  const changed = setup.subscriptions.filter((fact) => isNews(known.get(fact.providerId), fact));
  const transitions = setup.subscriptions.flatMap((fact) => {
    const invoices = setup.invoices.filter((invoice) => invoice.subscriptionProviderId === fact.providerId);
    return [
      ...firstPayment({ setup, fact, invoices, known: known.get(fact.providerId) }),
      ...laterMoney({ fact, invoices, knownInvoices }),
      ...living(fact, known.get(fact.providerId), setup.now),
      ...ending(fact, known.get(fact.providerId)),
      ...(changed.includes(fact) ? [mirrored(fact, known.get(fact.providerId))] : []),
    ];
  });
  return { subscriptions: changed, invoices: setup.invoices, transitions };
}

/** For `explain`: a bare "changed" tells nobody anything. */
function mirrored(fact: SubscriptionFact, known: KnownSubscription | undefined): PlannedTransition {
  const what = known === undefined ? { new: fact.status } : { fields: Object.keys(differences(known, fact)) };
  return transition(fact, 'changed', null, what);
}

function transition(
  fact: SubscriptionFact,
  kind: TransitionKind,
  about: string | null,
  data: Record<string, unknown> = {},
): PlannedTransition {
  return { subscriptionProviderId: fact.providerId, kind, fact: about, data };
}

/**
 * The one trigger for provisioning: the fetched fact that the subscription_create invoice is paid.
 * Where that invoice does not count (a trial without a card), the first money does.
 */
function firstPayment(input: {
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

function laterMoney(input: {
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

function living(
  fact: SubscriptionFact,
  known: KnownSubscription | undefined,
  now: Date,
): PlannedTransition[] {
  const ends = trialEnding(fact, now);
  const changes = known === undefined || hasEnded(fact) ? [] : lifeChanges(known, fact);
  return [
    ...changes.map(({ kind, data }) => transition(fact, kind, null, data)),
    ...(ends === null ? [] : [transition(fact, 'trial_will_end', ends, { trialEnd: fact.trialEnd })]),
  ];
}

function ending(fact: SubscriptionFact, known: KnownSubscription | undefined): PlannedTransition[] {
  if (!hasEnded(fact) || known === undefined || hasEnded(known)) return [];
  return [transition(fact, 'ended', fact.providerId, { status: fact.status })];
}

const MIRRORED = [
  'status',
  'planKey',
  'priceId',
  'billingInterval',
  'quantity',
  'currency',
  'recurringAmount',
  'monthlyAmount',
  'items',
  'currentPeriodStart',
  'currentPeriodEnd',
  'cancelAtPeriodEnd',
  'cancelAt',
  'canceledAt',
  'endedAt',
  'trialEnd',
  'scheduled',
  'collectionPaused',
  'orderId',
] as const satisfies readonly (keyof SubscriptionFact)[];

/** Field by field what our row says and what the provider says, where they are not the same. */
export function differences(
  known: KnownSubscription | undefined,
  fact: SubscriptionFact,
): Readonly<Record<string, { readonly here: unknown; readonly stripe: unknown }>> {
  const fields = MIRRORED.filter(
    (field) => fact[field] !== undefined && (known === undefined || fieldDiffers(known, fact, field)),
  );
  return Object.fromEntries(
    fields.map((field) => [field, { here: known?.[field] ?? null, stripe: fact[field] }]),
  );
}

function differs(known: KnownSubscription | undefined, fact: SubscriptionFact): boolean {
  if (known === undefined) return true;
  return MIRRORED.some((field) => fieldDiffers(known, fact, field));
}

// What was not asked is as we know it.
const fieldDiffers = (
  known: KnownSubscription,
  fact: SubscriptionFact,
  field: (typeof MIRRORED)[number],
): boolean => fact[field] !== undefined && comparable(known[field]) !== comparable(fact[field]);

/** Whether our row says what the provider says. Not compared: which order it belongs to, which is
 * ours to know, and what is scheduled, which a list does not tell. */
export function sameMirror(known: KnownSubscription, fact: SubscriptionFact): boolean {
  return !differs({ ...known, orderId: fact.orderId, scheduled: fact.scheduled }, fact);
}

function isNews(known: KnownSubscription | undefined, fact: SubscriptionFact): boolean {
  if (known === undefined) return true;
  return differs(known, fact) || (isGranted(fact) && known.grantedPlanKey !== fact.planKey);
}

function comparable(value: unknown): unknown {
  if (value instanceof Date) return value.getTime();
  return typeof value === 'object' && value !== null ? JSON.stringify(value, inOrder) : value;
}

/** The database keeps a record's fields in an order of its own. */
function inOrder(_key: string, value: unknown): unknown {
  const isRecord = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isRecord ? Object.fromEntries(Object.entries(value).sort()) : value;
}
