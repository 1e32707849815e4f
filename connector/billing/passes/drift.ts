/** Where Stripe, our records, the ERP and storage do not agree, by kind; pure. */
import type { SubscriptionFact } from '../facts.ts';
import { hasEnded } from '../has-ended.ts';
import { sameMirror } from '../same-mirror.ts';
import type { KnownSubscription } from '../sync-setup.ts';

/**
 * - `subscription_differs`: our mirror is not what Stripe says. Healed: its customer is read anew.
 * - `subscription_unknown`: Stripe has a subscription of our plans that we never recorded. `cli import` takes it over.
 * - `subscription_missing`: alive here, and Stripe's list does not have it. A person must look: a 404 alone ends nothing.
 * - `erp_behind`: the ERP's record is older than ours. Healed: written by the outbox.
 * - `erp_ahead`: the ERP's record is newer than ours: our database was restored from a backup.
 * - `erp_record_gone`: staff deleted the record.
 * - `storage_bucket_missing`: a live customer's bucket is not at the storage provider.
 * - `storage_key_missing`: a live customer's storage key is not at the storage provider.
 */
export type DriftKind =
  | 'subscription_differs'
  | 'subscription_unknown'
  | 'subscription_missing'
  | 'erp_behind'
  | 'erp_ahead'
  | 'erp_record_gone'
  | 'storage_bucket_missing'
  | 'storage_key_missing';

interface DriftRule {
  readonly severity: 'info' | 'warning' | 'critical';
  /** Whether the pass mends it itself. */
  readonly healed: boolean;
  /** What a person does about it. */
  readonly advice: string;
}

export const DRIFT_RULES: Readonly<Record<DriftKind, DriftRule>> = {
  subscription_differs: { severity: 'info', healed: true, advice: 'Nothing: its customer is read anew.' },
  subscription_unknown: {
    severity: 'warning',
    healed: false,
    advice: 'Take it over with "cli import" ("cli import --dry-run" first), or end it in Stripe.',
  },
  subscription_missing: {
    severity: 'critical',
    healed: false,
    advice:
      'Look whether STRIPE_SECRET_KEY belongs to the account that sold it; nothing is ended because of this.',
  },
  erp_behind: { severity: 'info', healed: true, advice: 'Nothing: the outbox writes it.' },
  erp_ahead: {
    severity: 'critical',
    healed: false,
    advice:
      'Our database is older than the ERP (restored?): run "cli sync --full" and "cli backfill --since <date>".',
  },
  erp_record_gone: {
    severity: 'warning',
    healed: false,
    advice:
      'It is not made again. To link another record, give it this external identifier of module stripe_connector (Odoo: Settings → Technical → External Identifiers).',
  },
  storage_bucket_missing: {
    severity: 'critical',
    healed: false,
    advice:
      'Somebody deleted the bucket, and its files are lost: "cli lifecycle renew <sub_…>" makes an empty one with a new key.',
  },
  storage_key_missing: {
    severity: 'critical',
    healed: false,
    advice:
      'The customer cannot reach the storage: "cli lifecycle renew <sub_…>" makes a new key and mails its link.',
  },
};

export interface Drift {
  readonly kind: DriftKind;
  /** Whose: sub_…, an external id, a bucket. */
  readonly subject: string;
  readonly customerId?: string;
  readonly details?: Readonly<Record<string, unknown>>;
}

export type ListedFact = SubscriptionFact & { readonly customerId: string };

/**
 * One page of Stripe's list beside our rows of the same subscriptions, and our rows created in the page's span that the
 * page does not have.
 */
export function driftOfPage(input: {
  readonly listed: readonly ListedFact[];
  readonly known: readonly (KnownSubscription & { readonly customerId: string })[];
}): Drift[] {
  const known = new Map(input.known.map((each) => [each.providerId, each]));
  const listed = new Set(input.listed.map((each) => each.providerId));
  const drifts = input.listed.flatMap((fact): Drift[] => {
    const ours = known.get(fact.providerId);
    const about = { subject: fact.providerId, customerId: fact.customerId };
    if (ours === undefined) {
      const isOurs = fact.planKey !== null && !hasEnded(fact);
      return isOurs ? [{ kind: 'subscription_unknown', ...about, details: { plan: fact.planKey } }] : [];
    }
    if (sameMirror(ours, fact)) return [];
    return [{ kind: 'subscription_differs', ...about, details: { here: ours.status, stripe: fact.status } }];
  });
  const missing = input.known
    .filter((each) => !listed.has(each.providerId) && !hasEnded(each))
    .map(
      (each): Drift => ({
        kind: 'subscription_missing',
        subject: each.providerId,
        customerId: each.customerId,
      }),
    );
  return [...drifts, ...missing];
}
