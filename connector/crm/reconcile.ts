/** Compares every subscription record of the ERP with ours, many at a time, and leaves what differs for the outbox. */
import { readSubscription, readSubscriptionsAfter } from '../billing/read-subscription.ts';
import type { SubscriptionRecord } from '../billing/sale.ts';
import type { Database } from '../db/database.ts';
import { ConnectorError } from '../errors.ts';
import type { Odoo } from '../odoo/odoo.ts';
import { type Binding, findBindings } from './bindings.ts';
import { foundAgain, lookAgain } from './gone.ts';
import { externalId, qualified } from './ids.ts';
import type { OdooMapping } from './mapping.ts';
import { distrust, valuesHash } from './outbox-rows.ts';
import { knownOpportunities, opportunityLink, relinkOpportunities } from './relink-opportunity.ts';
import { mirroredValues, mirrorSubscription } from './subscription.ts';

export interface ReconcileDeps {
  readonly db: Database;
  readonly odoo: Odoo;
  readonly mapping: OdooMapping;
  readonly now: () => Date;
  /** Only looks: nothing is left for the outbox. */
  readonly dryRun?: boolean;
  /** Around each read: a circuit breaker, and the check that this ERP is ours. */
  readonly guard?: <T>(call: () => Promise<T>) => Promise<T>;
}

export interface Reconciled {
  /** Records looked at. */
  readonly looked: number;
  /** Left for the outbox: the ERP was behind, or the mapping has changed since the record was written. */
  readonly differed: number;
  /** The ERP holds a later state than we do: our database is older than it. Left alone. */
  readonly ahead: readonly number[];
  /** Staff deleted them. */
  readonly gone: readonly number[];
}

type Progress = { looked: number; differed: number; ahead: number[]; gone: number[] };

// As many as the outbox writes in one call.
const PAGE = 500;

/** One read per 500 records; nothing is written to the ERP here but links that a merge has emptied. @throws ConnectorError what the ERP's reads throw */
export async function reconcileErp(deps: ReconcileDeps): Promise<Reconciled> {
  const done: Progress = { looked: 0, differed: 0, ahead: [], gone: [] };
  for (let after = 0; ; ) {
    const page = await readSubscriptionsAfter(deps.db, { after, limit: PAGE });
    const last = page.at(-1);
    if (last === undefined) return done;
    await comparePage(deps, page, done);
    after = last.id;
  }
}

async function comparePage(
  deps: ReconcileDeps,
  page: readonly SubscriptionRecord[],
  done: Progress,
): Promise<void> {
  const bindings = await findBindings(
    deps.db,
    page.map(({ id }) => externalId.subscription(id)),
  );
  const bound = page.flatMap((subscription) => {
    const binding = bindings.get(externalId.subscription(subscription.id));
    return binding?.resId == null ? [] : [{ subscription, binding, resId: binding.resId }];
  });
  if (bound.length === 0) return;
  const held = await heldBy(
    deps,
    bound.map(({ resId }) => resId),
  );
  done.looked += bound.length;
  for (const { subscription, binding, resId } of bound) {
    // Without a field for the version, what we wrote last stands for it.
    const version = held.get(resId)?.version ?? (held.has(resId) ? binding.version : undefined);
    if (version === undefined) await followOrMiss(deps, subscription.id, resId, done);
    else if (version > subscription.version) done.ahead.push(subscription.id);
    else if (version < subscription.version || isOutdated(deps, subscription, binding)) {
      await leaveForOutbox(deps, subscription.id, Math.min(version, subscription.version - 1));
      done.differed += 1;
    }
  }
  const unlinked = await knownOpportunities(
    deps,
    bound.flatMap(({ subscription, resId }) =>
      held.get(resId)?.unlinked === true ? [{ subscriptionId: subscription.id, recordId: resId }] : [],
    ),
  );
  if (unlinked.length === 0) return;
  done.differed += unlinked.length;
  if (deps.dryRun === true) return;
  const relink = () => relinkOpportunities(deps, unlinked);
  await (deps.guard?.(relink) ?? relink());
}

interface Held {
  /** null: the mapping has no field for it. */
  readonly version: number | null;
  /** The link to its opportunity is empty. */
  readonly unlinked: boolean;
}

/** ERP id → what its record holds. Records that are gone are left out. */
async function heldBy(deps: ReconcileDeps, ids: readonly number[]): Promise<Map<number, Held>> {
  const { model, fields } = deps.mapping.records.subscription;
  const version = Object.entries(fields).find(([, rule]) => rule.fact === 'subscription.version')?.[0];
  const link = opportunityLink(deps.mapping);
  const read = () =>
    deps.odoo.call<({ id: number } & Record<string, unknown>)[]>(model, 'search_read', {
      domain: [['id', 'in', ids]],
      fields: ['id', version, link].filter((field) => field !== undefined),
      context: { active_test: false },
    });
  const rows = await (deps.guard?.(read) ?? read());
  return new Map(
    rows.map((row) => [
      row.id,
      {
        version: version === undefined ? null : Number(row[version]),
        unlinked: link !== undefined && row[link] === false,
      },
    ]),
  );
}

/** The same version, but other columns than the record was last given: the mapping was changed since. */
function isOutdated(
  deps: ReconcileDeps,
  subscription: SubscriptionRecord,
  { valuesHash: last }: Binding,
): boolean {
  return last !== null && last !== valuesHash(mirroredValues(deps.mapping, subscription));
}

async function leaveForOutbox(deps: ReconcileDeps, id: number, version: number): Promise<void> {
  if (deps.dryRun === true) return;
  await deps.db.tx(async (tx) => {
    const newest = await readSubscription(tx, id);
    if (newest === undefined) return;
    const { id: subscriptionId, orderId: _order, ...state } = newest;
    await distrust(tx, { externalId: qualified(externalId.subscription(id)), version });
    await mirrorSubscription(tx, deps.mapping, { subscriptionId, ...state });
  });
}

/** Merged by staff: bound to the record that is left, and compared next time. */
async function followOrMiss(deps: ReconcileDeps, id: number, resId: number, done: Progress): Promise<void> {
  const { model } = deps.mapping.records.subscription;
  const name = externalId.subscription(id);
  if (deps.dryRun === true) {
    if ((await lookAgain(deps, { model, name, lostId: resId })) === undefined) done.gone.push(id);
    else done.differed += 1;
    return;
  }
  try {
    await foundAgain(deps, model, name, resId);
    await leaveForOutbox(deps, id, 0);
    done.differed += 1;
  } catch (thrown) {
    if (!(thrown instanceof ConnectorError && thrown.code === 'erp_record_gone')) throw thrown;
    done.gone.push(id);
  }
}
