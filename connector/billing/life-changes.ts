/** What has happened to a subscription between what we hold and what is there now; pure. Money has its own file. */
import { isDeepStrictEqual } from 'node:util';
import type { SubscriptionFact, SubscriptionItemFact } from './facts.ts';

/**
 * - `plan_changed`: another plan holds and its money is there: limits and provisioning follow.
 * - `interval_changed`, `quantity_changed`: how it is billed.
 * - `addons_changed`: bought or removed beside the plan; somebody may have to set them up.
 * - `change_scheduled`, `change_revoked`: what comes at the end of the period.
 * - `cancel_scheduled`, `cancel_revoked`: it is set to end, or no longer.
 * - `paused`, `resumed`: nothing is billed meanwhile.
 */
export type LifeKind =
  | 'plan_changed'
  | 'interval_changed'
  | 'quantity_changed'
  | 'addons_changed'
  | 'change_scheduled'
  | 'change_revoked'
  | 'cancel_scheduled'
  | 'cancel_revoked'
  | 'paused'
  | 'resumed';

/** What we hold: the fact as last written, and the plan whose money was there last. */
export type KnownLife = SubscriptionFact & { readonly grantedPlanKey: string | null };

export interface LifeChange {
  readonly kind: LifeKind;
  readonly data: Readonly<Record<string, unknown>>;
}

// An upgrade whose invoice is unpaid makes the subscription past due (unless it waits as a pending update).
const SETTLED: ReadonlySet<string> = new Set(['active', 'trialing', 'paused']);

/** Whether the plan it names is paid for, so that its limits hold. */
export function isGranted({ status }: Pick<SubscriptionFact, 'status'>): boolean {
  return SETTLED.has(status);
}

/** None for a subscription seen for the first time, or one that has ended. */
export function lifeChanges(known: KnownLife, fact: SubscriptionFact): readonly LifeChange[] {
  if (fact.endedAt !== null || fact.planKey === null) return [];
  return [
    ...planChange(known, fact),
    ...differing('interval_changed', known.billingInterval, fact.billingInterval),
    ...differing('quantity_changed', known.quantity, fact.quantity),
    ...addOnsChanged(known.items, fact.items),
    ...scheduled(known, fact),
    ...cancelled(known, fact),
    ...rested(known, fact),
  ];
}

function planChange(known: KnownLife, fact: SubscriptionFact): LifeChange[] {
  const from = known.grantedPlanKey;
  if (from === null || from === fact.planKey || !isGranted(fact)) return [];
  return [{ kind: 'plan_changed', data: { from, to: fact.planKey } }];
}

function differing(kind: LifeKind, from: unknown, to: unknown): LifeChange[] {
  return from === to ? [] : [{ kind, data: { from, to } }];
}

/** As `addons_changed` tells it. */
export interface NamedAddOn {
  readonly addOnKey: string;
  readonly domain: string | null;
  readonly quantity: number;
}

type Items = readonly SubscriptionItemFact[] | null | undefined;

/** By what they are and not by their items: one that follows the plan to another price is the same. */
function addOnsChanged(before: Items, now: Items): LifeChange[] {
  // Not read yet, or not asked.
  if (!before || !now) return [];
  const added = moreOf(now, before);
  const removed = moreOf(before, now);
  return added.length + removed.length === 0 ? [] : [{ kind: 'addons_changed', data: { added, removed } }];
}

/** What the first has more of than the second. */
function moreOf(items: NonNullable<Items>, others: NonNullable<Items>): NamedAddOn[] {
  const there = countOf(others);
  return [...countOf(items)].flatMap(([name, { quantity, ...rest }]) => {
    const more = quantity - (there.get(name)?.quantity ?? 0);
    return more > 0 ? [{ ...rest, quantity: more }] : [];
  });
}

function countOf(items: NonNullable<Items>): Map<string, NamedAddOn> {
  const counted = new Map<string, NamedAddOn>();
  for (const { addOnKey, domain = null, quantity } of items) {
    if (addOnKey === null) continue;
    const name = `${addOnKey} ${domain ?? ''}`;
    counted.set(name, { addOnKey, domain, quantity: quantity + (counted.get(name)?.quantity ?? 0) });
  }
  return counted;
}

function scheduled(known: KnownLife, fact: SubscriptionFact): LifeChange[] {
  if (isDeepStrictEqual(known.scheduled, fact.scheduled)) return [];
  if (fact.scheduled !== null) return [{ kind: 'change_scheduled', data: { ...fact.scheduled } }];
  // It has come: that is a plan change.
  const came =
    known.scheduled!.planKey === fact.planKey && known.scheduled!.interval === fact.billingInterval;
  return came ? [] : [{ kind: 'change_revoked', data: { ...known.scheduled } }];
}

function cancelled(known: KnownLife, fact: SubscriptionFact): LifeChange[] {
  if (known.cancelAt?.getTime() === fact.cancelAt?.getTime()) return [];
  if (fact.cancelAt === null) return [{ kind: 'cancel_revoked', data: { at: known.cancelAt } }];
  return [{ kind: 'cancel_scheduled', data: { at: fact.cancelAt } }];
}

function rested(known: KnownLife, fact: SubscriptionFact): LifeChange[] {
  const rests = (each: SubscriptionFact) => each.status === 'paused' || each.collectionPaused;
  if (rests(known) === rests(fact)) return [];
  return [{ kind: rests(fact) ? 'paused' : 'resumed', data: { status: fact.status } }];
}
