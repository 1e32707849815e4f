/**
 * Brings one customer's records in step with the provider: read, plan (pure), one transaction.
 * Webhook, backfill, cron, CLI and replay all meet here, always inside the customer's lane.
 */
import type { Database, Tx } from '../db/database.ts';
import type { Log } from '../log.ts';
import { forgetAgain } from './erased.ts';
import type { CustomerFact, InvoiceFact, ProviderReads, SubscriptionFact } from './facts.ts';
import {
  type KnownState,
  readKnownState,
  writeCustomer,
  writeInvoices,
  writeSubscription,
} from './mirror.ts';
import { writePaymentMethods, writePayments } from './mirror-payments.ts';
import { assignOrders } from './own-orders.ts';
import { planSync, type SyncPlan } from './sync-plan.ts';
import { type AfterCommit, type OnTransition, recordTransition } from './transitions.ts';

export type SyncCustomer = (input: {
  readonly customerId: string;
  /** Every invoice a waiting event names: a first invoice may be paid days after it was made. */
  readonly invoiceIds: readonly string[];
  /** The caller's fence and bookkeeping, first inside the sync's transaction. */
  readonly inTransaction: (tx: Tx) => Promise<void>;
  /** Last inside it, once the mirror is written. */
  readonly afterwards?: ((tx: Tx) => Promise<readonly AfterCommit[]>) | undefined;
}) => Promise<void>;

interface SyncDeps {
  readonly db: Database;
  readonly reads: ProviderReads;
  readonly onTransition: OnTransition;
  readonly now: () => Date;
  readonly log: Log;
}

/** @throws ConnectorError of the provider adapter; nothing is written then */
export function createSyncCustomer(deps: SyncDeps): SyncCustomer {
  return async ({ customerId, invoiceIds, inTransaction, afterwards }) => {
    const { known, customer, subscriptions, invoices, plan } = await readSync(deps, {
      customerId,
      invoiceIds,
    });
    const afterCommit = await deps.db.tx(async (tx) => {
      await inTransaction(tx);
      await writeCustomer(tx, {
        customerId,
        fact: customer,
        organisationId: known.organisationId,
        now: deps.now(),
      });
      const wakes = await carryOut(tx, { deps, customerId, known, plan });
      await writePayments(tx, { customerId, invoices });
      await writePaymentMethods(tx, { customerId, customer, subscriptions });
      const more = (await afterwards?.(tx)) ?? [];
      if (known.erased) await forgetAgain(tx, customerId);
      return [...wakes, ...more];
    });
    for (const wake of afterCommit) wake();
    deps.log.debug(
      { customerId, changed: plan.subscriptions.length, invoices: invoices.length },
      'customer in step with Stripe',
    );
  };
}

export interface SyncReading {
  /** null: the provider has no such customer. */
  readonly customer: CustomerFact | null;
  readonly known: KnownState;
  readonly subscriptions: readonly SubscriptionFact[];
  readonly invoices: readonly InvoiceFact[];
  readonly plan: SyncPlan;
}

/** Reads what a sync needs and decides what it would change; nothing is written. */
export async function readSync(
  deps: Pick<SyncDeps, 'db' | 'reads' | 'now'>,
  { customerId, invoiceIds }: { customerId: string; invoiceIds: readonly string[] },
): Promise<SyncReading> {
  const known = await readKnownState(deps.db, customerId);
  const [customer, subscriptions, listed] = await Promise.all([
    deps.reads.customer(customerId),
    deps.reads.subscriptions(customerId),
    deps.reads.invoices(customerId, { createdSince: known.invoicesSince }),
  ]);
  const named = await withNamed(deps.reads, listed, invoiceIds);
  const invoices = await withPaymentStates(deps.reads, { invoices: named, known, invoiceIds });
  const facts = await withOwnOrders(deps, known, subscriptions);
  const plan = planSync({
    customer,
    subscriptions: facts,
    invoices,
    knownSubscriptions: known.subscriptions,
    knownInvoices: known.invoices,
    trialUsed: known.trialUsed,
    now: deps.now(),
  });
  return { customer, known, subscriptions, invoices, plan };
}

async function withNamed(
  reads: ProviderReads,
  listed: readonly InvoiceFact[],
  named: readonly string[],
): Promise<readonly InvoiceFact[]> {
  const have = new Set(listed.map((invoice) => invoice.providerId));
  const missing = [...new Set(named)].filter((id) => !have.has(id));
  const fetched = await Promise.all(missing.map((id) => reads.invoice(id)));
  return [...listed, ...fetched.filter((invoice) => invoice !== null)];
}

/**
 * The list does not say why an open invoice is unpaid. Asked by id, one read more, only for what was tried since we last
 * looked, is on its way, or is named by an event.
 */
async function withPaymentStates(
  reads: ProviderReads,
  input: { invoices: readonly InvoiceFact[]; known: KnownState; invoiceIds: readonly string[] },
): Promise<readonly InvoiceFact[]> {
  const known = new Map(input.known.invoices.map((each) => [each.providerId, each]));
  return Promise.all(
    input.invoices.map(async (invoice) => {
      if (invoice.status !== 'open' || invoice.attemptCount === 0 || invoice.paymentState !== null)
        return invoice;
      if (invoice.billingReason === 'subscription_create') return invoice;
      const before = known.get(invoice.providerId);
      const news =
        invoice.attemptCount > (before?.attemptCount ?? 0) || before?.paymentState === 'processing';
      if (!news && !input.invoiceIds.includes(invoice.providerId)) return invoice;
      return (await reads.invoice(invoice.providerId)) ?? invoice;
    }),
  );
}

async function withOwnOrders(
  deps: Pick<SyncDeps, 'db' | 'reads'>,
  known: KnownState,
  subscriptions: readonly SubscriptionFact[],
): Promise<readonly SubscriptionFact[]> {
  if (known.organisationId === null) return subscriptions.map((fact) => ({ ...fact, orderId: null }));
  const own = await deps.db.query<{ id: number }>('select id from orders where organisation_id = $1', [
    known.organisationId,
  ]);
  const ownOrders = new Set(own.rows.map((row) => row.id));
  const candidates = await Promise.all(
    subscriptions.map(async (fact) => ({ ...fact, orderId: await namedOrder(deps, known, fact) })),
  );
  const assigned = assignOrders({ candidates, known: known.subscriptions, ownOrders });
  return subscriptions.map((fact) => ({ ...fact, orderId: assigned.get(fact.providerId) ?? null }));
}

/** By metadata, else by its checkout session: one extra read, only when the subscription is new to us. */
async function namedOrder(
  deps: Pick<SyncDeps, 'reads'>,
  known: KnownState,
  fact: SubscriptionFact,
): Promise<number | null> {
  const isNew = known.subscriptions.every((each) => each.providerId !== fact.providerId);
  if (fact.orderId !== null || fact.planKey === null || !isNew) return fact.orderId;
  return deps.reads.orderOfSubscription(fact.providerId);
}

async function carryOut(
  tx: Tx,
  input: { deps: SyncDeps; customerId: string; known: KnownState; plan: SyncPlan },
): Promise<AfterCommit[]> {
  const { deps, customerId, known, plan } = input;
  const ids = new Map(known.subscriptions.map((each) => [each.providerId, each.id]));
  const versions = new Map<string, number>();
  for (const fact of plan.subscriptions) {
    const written = await writeSubscription(tx, {
      customerId,
      fact,
      organisationId: known.organisationId,
      now: deps.now(),
    });
    ids.set(fact.providerId, written.id);
    versions.set(fact.providerId, written.version);
  }
  await writeInvoices(tx, { customerId, invoices: plan.invoices });
  const afterCommit: AfterCommit[] = [];
  for (const each of plan.transitions) {
    const subscriptionId = ids.get(each.subscriptionProviderId)!;
    const fact = each.fact ?? `v${versions.get(each.subscriptionProviderId)}`;
    const wake = await recordTransition(
      tx,
      { subscriptionId, kind: each.kind, fact, data: each.data },
      deps.onTransition,
    );
    if (wake !== undefined) afterCommit.push(wake);
  }
  return afterCommit;
}
