/** Stripe events in both payload shapes, and an inbox with a lane around a `syncCustomer` that tells what it was asked. */
import type { SyncCustomer } from '../../connector/billing/sync-customer.ts';
import type { Database } from '../../connector/db/database.ts';
import { type IncomingEvent, readEvent } from '../../connector/inbox/incoming.ts';
import { createLane, type LaneDeps } from '../../connector/inbox/lane.ts';
import { storeEvent } from '../../connector/inbox/store.ts';
import { createJobs, type Jobs } from '../../connector/jobs/jobs.ts';
import { now, silent } from '../jobs/support.ts';

export const OLD = '2024-06-20';
export const NEW = '2026-10-28.endive';

let counter = 0;

export function event(type: string, object: Record<string, unknown>, more: Record<string, unknown> = {}) {
  counter++;
  return {
    id: `evt_${process.pid}_${counter}`,
    object: 'event',
    api_version: NEW,
    created: 1_790_000_000 + counter,
    type,
    livemode: false,
    data: { object },
    ...more,
  };
}

export const paid = (customer: string, invoice: string, more: Record<string, unknown> = {}) =>
  event('invoice.paid', { id: invoice, object: 'invoice', customer, ...more });

export function incoming(raw: unknown): IncomingEvent {
  const read = readEvent(raw, JSON.stringify(raw));
  if (read === null) throw new Error('not an event');
  return read;
}

export const put = (db: Database, raw: unknown) =>
  storeEvent(db, { event: incoming(raw), source: 'webhook', now: now() });

export interface Call {
  readonly customerId: string;
  readonly invoiceIds: readonly string[];
}

/** @param before runs where the reads of Stripe would; what it throws, the sync throws */
export function recordingSync(db: Database, before: (call: Call) => Promise<void> = async () => undefined) {
  const calls: Call[] = [];
  const syncCustomer: SyncCustomer = async ({ customerId, invoiceIds, inTransaction }) => {
    const call = { customerId, invoiceIds };
    calls.push(call);
    await before(call);
    await db.tx(async (tx) => {
      await inTransaction(tx);
      await tx.query('insert into customers (id) values ($1) on conflict do nothing', [customerId]);
    });
  };
  return { calls, syncCustomer };
}

export async function startLane(
  db: Database,
  syncCustomer: SyncCustomer,
  clock: () => Date = now,
  closedSessions?: LaneDeps['closedSessions'],
): Promise<Jobs> {
  const holder: { jobs?: Jobs } = {};
  const lane = createLane({
    db,
    log: silent,
    now: clock,
    syncCustomer,
    hold: (tx, claim) => holder.jobs!.hold(tx, claim),
    slots: 4,
    ...(closedSessions !== undefined && { closedSessions }),
  });
  holder.jobs = await createJobs({ db, log: silent, now: clock, queues: [lane] });
  await holder.jobs.start();
  return holder.jobs;
}

export const states = async (db: Database) =>
  Object.fromEntries(
    (
      await db.query<{ state: string; n: number }>('select state, count(*) as n from events group by state')
    ).rows.map((row) => [row.state, row.n]),
  );
