/** The slow look over everything: Stripe, our records, the ERP and storage compared, and what it takes to begin one. */
import type { Drift } from '../billing/passes/drift.ts';
import {
  beginPass,
  type DriftRow,
  listDrifts,
  type PassDetails,
  type PassKind,
  type PassRow,
  showPass,
} from '../billing/passes/rows.ts';
import { continuePasses, type PassCheck } from '../billing/passes/run-pass.ts';
import { externalId } from '../crm/ids.ts';
import { type ReconcileDeps, reconcileErp } from '../crm/reconcile.ts';
import type { Database, Tx } from '../db/database.ts';
import type { System } from '../errors.ts';
import { requestSync } from '../inbox/pending.ts';
import { type OneAtATime, oneAtATime } from '../jobs/one-at-a-time.ts';
import type { Log } from '../log.ts';
import type { ObjectStorage } from '../provisioning/ports.ts';
import type { Stripe } from '../stripe/client.ts';
import { createSubscriptionListing } from '../stripe/subscription-listing.ts';

interface PassesDeps {
  readonly db: Database;
  readonly stripe: Stripe;
  readonly storage: Pick<ObjectStorage, 'listKeys' | 'listBuckets'>;
  readonly erp: ReconcileDeps;
  readonly guard: <T>(system: System, call: () => Promise<T>) => Promise<T>;
  /** A customer's lane has work that nobody waits for. */
  readonly wakeLane: (customerId: string) => void;
  readonly wakeOutbox: () => void;
  readonly tellStaff: () => void;
  readonly log: Log;
  readonly now: () => Date;
}

export interface Passes {
  /** Begins one, or names the one under way; it goes on by itself, also in another process. */
  begin(input: { kind: PassKind; dryRun: boolean }): Promise<PassRow>;
  show(id: number): Promise<PassDetails | undefined>;
  drifts(filter: { open?: boolean; limit: number }): Promise<readonly DriftRow[]>;
  /** Goes on with what is unfinished. */
  readonly work: OneAtATime;
}

export function createPasses(deps: PassesDeps): Passes {
  const { db, guard, now, log } = deps;
  const listing = createSubscriptionListing(deps.stripe);
  const work = oneAtATime(async () => {
    await continuePasses({
      db,
      listing: {
        page: (input) => guard('stripe', () => listing.page(input)),
        exists: (id) => guard('stripe', () => listing.exists(id)),
      },
      checks: [(input) => compareErp(deps, input), () => compareStorage(deps)],
      requestSync: (tx, input) => wantSyncs(deps, tx, input),
      log,
      now,
    });
    deps.tellStaff();
  }, log);
  return {
    async begin(input) {
      const pass = await beginPass(db, { ...input, now: now() });
      work();
      return pass;
    },
    show: (id) => showPass(db, id),
    drifts: (filter) => listDrifts(db, filter),
    work,
  };
}

async function wantSyncs(
  deps: PassesDeps,
  tx: Tx,
  { customerIds, imported }: { customerIds: readonly string[]; imported: boolean },
): Promise<() => void> {
  for (const customerId of customerIds) await requestSync(tx, customerId, deps.now());
  if (imported) {
    await tx.query('update customers set imported_at = coalesce(imported_at, $2) where id = any($1)', [
      customerIds,
      deps.now(),
    ]);
  }
  return () => {
    for (const customerId of customerIds) deps.wakeLane(customerId);
  };
}

const compareErp = async (
  { db, erp, wakeOutbox }: PassesDeps,
  { dryRun }: { dryRun: boolean },
): ReturnType<PassCheck> => {
  const { looked, differed, ahead, gone } = await reconcileErp({ ...erp, dryRun });
  const owners = await db.query<{ id: number; customerId: string }>(
    'select id, customer_id as "customerId" from subscriptions where id = any($1)',
    [[...ahead, ...gone]],
  );
  const ownerOf = new Map(owners.rows.map(({ id, customerId }) => [id, customerId]));
  const record =
    (kind: Drift['kind']) =>
    (id: number): Drift => ({ kind, subject: externalId.subscription(id), customerId: ownerOf.get(id)! });
  if (differed > 0 && !dryRun) wakeOutbox();
  return {
    looked,
    drifts: [
      ...(differed > 0
        ? [{ kind: 'erp_behind', subject: 'records', details: { records: differed } } as const]
        : []),
      ...ahead.map(record('erp_ahead')),
      ...gone.map(record('erp_record_gone')),
    ],
  };
};

/** Every bucket and key we gave out should still be at the storage provider: one that is not locks a paying customer out. */
const compareStorage = async ({ db, storage, guard }: PassesDeps): ReturnType<PassCheck> => {
  // Ours first: a key made after this moment is not asked about.
  const { rows } = await db.query<{ bucket: string; bucketId: string; keyId: string; customerId: string }>(
    `select t.bucket_name as bucket, t.bucket_id as "bucketId", t.key_id as "keyId",
            min(s.customer_id) as "customerId"
       from storages t join subscriptions s on s.project_id = t.project_id
      where t.key_id is not null and s.access in ('provisioned', 'suspended')
        and not exists (select 1 from runs r join subscriptions o on o.id = r.subscription_id
          where o.project_id = t.project_id and r.status in ('queued', 'running', 'waiting'))
      group by t.bucket_name, t.bucket_id, t.key_id`,
  );
  if (rows.length === 0) return { looked: 0, drifts: [] };
  const keys = new Set((await guard('b2', () => storage.listKeys())).map(({ keyId }) => keyId));
  const buckets = new Set((await guard('b2', () => storage.listBuckets())).map(({ id }) => id));
  const drifts = rows.flatMap(({ bucket, bucketId, keyId, customerId }): Drift[] => {
    // The key of a bucket that is gone is of no use: one finding says it.
    if (!buckets.has(bucketId)) return [{ kind: 'storage_bucket_missing', subject: bucket, customerId }];
    return keys.has(keyId) ? [] : [{ kind: 'storage_key_missing', subject: bucket, customerId }];
  });
  return { looked: rows.length, drifts };
};
