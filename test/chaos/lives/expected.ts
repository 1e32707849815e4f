/** What should be, decided from Stripe's own objects and the calendar alone. */
import type { World } from '../../../scripts/sandbox/world.ts';
import type { Place } from './customer.ts';

type Stripe = World['systems']['stripe'];
export type Subscription = ReturnType<Stripe['subscriptions']>[number];
export type Invoice = ReturnType<Stripe['invoices']>[number];
export type Access = 'none' | 'provisioned' | 'suspended' | 'deprovisioned';

const DAY = 86_400;
/** As mappings/dunning.json and mappings/lifecycle.json say, in days. */
export const SECOND_MAIL = 5;
export const LAST_WARNING = 9;
export const SUSPENDED = 12;
const GRACE = 30;
/** A lost event is found by the backfill of every fourth round, and the end's stages count from then. */
const HEARD_LATE = 20;

/** Both `now` in Unix seconds. */
export interface Facts {
  readonly now: number;
  readonly subscriptions: readonly Subscription[];
  readonly invoices: readonly Invoice[];
}

export function readFacts(world: World): Facts {
  const { stripe } = world.systems;
  return {
    now: Math.floor(world.clock.now().getTime() / 1000),
    subscriptions: stripe.subscriptions(),
    invoices: stripe.invoices(),
  };
}

export const isAlive = ({ status }: Subscription): boolean =>
  !['canceled', 'incomplete', 'incomplete_expired'].includes(status);

/** Of a subscription that was paid once: money failed for it later. */
export const hasFailed = (invoice: Invoice): boolean =>
  invoice.attempt_count > 0 && invoice.billing_reason !== 'subscription_create';

export const subscriptionOf = (invoice: Invoice): unknown =>
  invoice.parent?.subscription_details?.subscription;

/** Days it was, or has been, unpaid while its subscription lived. */
export function daysUnpaid({ now, subscriptions }: Facts, invoice: Invoice): number {
  const { finalized_at, paid_at, voided_at, marked_uncollectible_at } = invoice.status_transitions;
  const owner = subscriptions.find(({ id }) => id === subscriptionOf(invoice));
  const ends = [paid_at, voided_at, marked_uncollectible_at, owner?.ended_at, now].filter(
    (at) => at !== null && at !== undefined,
  );
  return (Math.min(...ends) - (finalized_at ?? now)) / DAY;
}

/** What our records may say of its access; several where it depends on when we heard. */
export function accessOf(facts: Facts, subscription: Subscription): readonly Access[] {
  const mine = facts.invoices.filter((invoice) => subscriptionOf(invoice) === subscription.id);
  const first = mine.find((invoice) => invoice.billing_reason === 'subscription_create');
  if (first?.status !== 'paid') return ['none'];
  if (subscription.status === 'canceled') {
    const lived = (subscription.ended_at! - subscription.created) / DAY;
    return lived >= HEARD_LATE ? ['deprovisioned'] : ['deprovisioned', 'none'];
  }
  if (subscription.status !== 'past_due' && subscription.status !== 'unpaid') return ['provisioned'];
  const longest = Math.max(
    ...mine
      .filter((each) => each.status === 'open' && hasFailed(each))
      .map((each) => daysUnpaid(facts, each)),
  );
  // On the very day it depends on the second.
  if (Math.abs(longest - SUSPENDED) < 0.1) return ['provisioned', 'suspended'];
  return longest > SUSPENDED ? ['suspended'] : ['provisioned'];
}

export interface Standing {
  readonly place: Place;
  readonly subscriptions: readonly Subscription[];
  /** Those of them that live. */
  readonly alive: readonly Subscription[];
  readonly mayWrite: boolean | null;
  /** All of them have ended: whether the data can still be read; null: it depends on when we heard. Alive: true. */
  readonly mayRead: boolean | null;
  /** Nobody may have noticed it: all its subscriptions ended within days. */
  readonly unnoticed: boolean;
}

export function standingOf(facts: Facts, place: Place): Standing {
  const subscriptions = facts.subscriptions.filter(({ id }) => place.subscriptions.includes(id));
  const alive = subscriptions.filter(isAlive);
  const accesses = subscriptions.map((each) => accessOf(facts, each));
  const ended = Math.max(...subscriptions.map(({ ended_at }) => ended_at ?? 0));
  const daysAgo = (facts.now - ended) / DAY;
  const writes = accesses.some((each) => each.length === 1 && each[0] === 'provisioned');
  return {
    place,
    subscriptions,
    alive,
    mayWrite: writes || !accesses.some((each) => each.includes('provisioned')) ? writes : null,
    mayRead: alive.length > 0 || daysAgo < GRACE ? true : daysAgo > GRACE + HEARD_LATE ? false : null,
    unnoticed: accesses.every((each) => each.includes('none')),
  };
}
