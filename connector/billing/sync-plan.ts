/**
 * Decides what one customer's sync changes: pure, printable, tested without a network or a database.
 * The same plan comes out whatever events led here and in whatever order they came.
 */
import type { InvoiceFact, SubscriptionFact } from './facts.ts';
import { hasEnded } from './has-ended.ts';
import { lifeChanges } from './life-changes.ts';
import { type PlannedTransition, transition } from './planned-transition.ts';
import { differences, isNews } from './same-mirror.ts';
import { firstPayment, laterMoney } from './sync-money.ts';
import type { KnownSubscription, SyncSetup } from './sync-setup.ts';
import { trialEnding } from './trial-ending.ts';

export interface SyncPlan {
  readonly subscriptions: readonly SubscriptionFact[];
  readonly invoices: readonly InvoiceFact[];
  readonly transitions: readonly PlannedTransition[];
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
