/** What a subscription lets its customer do now: asked by the product before it does something for them. */
import type { Sql } from '../db/database.ts';
import type { Catalogue, Plan } from './catalogue.ts';
import { suspended } from './dunning/suspensions.ts';
import type { SubscriptionItemFact } from './facts.ts';
import { hasEnded } from './has-ended.ts';
import { findAddOn, findPlan } from './plans.ts';
import { seatsOf } from './seats.ts';

/** Why nothing is granted: no money was there yet, money failed or is disputed, it rests, or it is over. */
export type Refusal = 'not_paid' | 'suspended' | 'paused' | 'ended';

export interface Grants {
  /** The plan whose money is there; null: none yet. */
  readonly planKey: string | null;
  /** null: what is listed is granted. */
  readonly refusal: Refusal | null;
  /** Keys of the plan and its recurring add-ons, each once; empty while refused. */
  readonly features: readonly string[];
  /** null in each: unlimited. Those of the plan also while refused; all null without one. */
  readonly limits: Plan['limits'];
}

interface Row {
  readonly planKey: string | null;
  readonly access: string;
  readonly status: string;
  readonly quantity: number;
  readonly endedAt: Date | null;
  readonly items: readonly SubscriptionItemFact[] | null;
}

/** By our own records alone: asked often, answered without the provider. */
export async function grantsOf(
  { db, catalogue }: { readonly db: Sql; readonly catalogue: Catalogue },
  subscriptionId: number,
): Promise<Grants> {
  const { rows } = await db.query<Row>(
    `select granted_plan_key as "planKey", access, status, quantity, ended_at as "endedAt", items
       from subscriptions where id = $1`,
    [subscriptionId],
  );
  const row = rows[0]!;
  const plan = row.planKey === null ? undefined : findPlan(catalogue, row.planKey);
  const refusal = await refusalOf(db, subscriptionId, row);
  const addOns = (row.items ?? []).flatMap(({ addOnKey }) =>
    addOnKey === null ? [] : (findAddOn(catalogue, addOnKey)?.featureKeys ?? []),
  );
  return {
    planKey: row.planKey,
    refusal,
    features: refusal === null ? [...new Set([...(plan?.featureKeys ?? []), ...addOns])] : [],
    limits:
      plan === undefined
        ? { projects: null, users: null, storageGb: null }
        : { ...plan.limits, users: seatsOf(plan, row.quantity) },
  };
}

async function refusalOf(db: Sql, subscriptionId: number, row: Row): Promise<Refusal | null> {
  if (hasEnded(row)) return 'ended';
  if (row.planKey === null) return 'not_paid';
  if (row.status === 'paused') return 'paused';
  const held = await suspended(db, subscriptionId);
  return held.features || row.access === 'suspended' ? 'suspended' : null;
}

/** Every key that something in the catalogue grants. */
export function knownFeatures({ plans, addOns }: Catalogue): ReadonlySet<string> {
  return new Set([...plans, ...addOns].flatMap(({ featureKeys }) => featureKeys));
}
