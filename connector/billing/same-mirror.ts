/** Whether our row of a subscription says what the provider says, field by field. */
import type { SubscriptionFact } from './facts.ts';
import { isGranted } from './life-changes.ts';
import type { KnownSubscription } from './sync-setup.ts';

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

function differs(known: KnownSubscription, fact: SubscriptionFact): boolean {
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

export function isNews(known: KnownSubscription | undefined, fact: SubscriptionFact): boolean {
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
