/** What a customer's sync may say has happened to a subscription. */
import type { SubscriptionFact } from './facts.ts';
import type { LifeKind } from './life-changes.ts';

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

export function transition(
  fact: SubscriptionFact,
  kind: TransitionKind,
  about: string | null,
  data: Record<string, unknown> = {},
): PlannedTransition {
  return { subscriptionProviderId: fact.providerId, kind, fact: about, data };
}
