/**
 * The lane of one customer: takes all its waiting events together, brings the customer in step with Stripe once, and
 * marks the events done in the same transaction. What arrives meanwhile is found by the look after the job.
 */
import { SESSION_CLOSED } from '../billing/closed-sessions.ts';
import type { NamedMoney, ReadNotices } from '../billing/money/notices.ts';
import type { SyncCustomer } from '../billing/sync-customer.ts';
import type { Database, Tx } from '../db/database.ts';
import { databaseTrouble } from '../db/errors.ts';
import { asConnectorError, type ConnectorError } from '../errors.ts';
import { type ClaimedJob, type Jobs, LostClaim, type Outcome, type QueueDefinition } from '../jobs/jobs.ts';
import { type Log, withRequestId } from '../log.ts';
import { eventObject, eventTable } from './event-table.ts';
import { parkCustomer } from './park.ts';
import { customerHasWork, pendingCustomers, settleRequest, workOf } from './pending.ts';

export interface LaneDeps {
  readonly db: Database;
  readonly hold: Jobs['hold'];
  readonly syncCustomer: SyncCustomer;
  /** After a checkout closed unpaid: reads which, and gives what to write. Left out: its orders stay open. */
  readonly closedSessions?: (customerId: string) => Promise<(tx: Tx) => Promise<void>>;
  /** Refunds, disputes and credit notes that events name. Left out: they are not recorded. */
  readonly moneyNotices?: ReadNotices;
  readonly log: Log;
  readonly now: () => Date;
  /** Customers worked on at once. */
  readonly slots?: number;
}

interface LaneEvent {
  readonly seq: number;
  readonly id: string;
  readonly type: string;
  readonly invoice: string | null;
  /** Only of those that name a charge. */
  readonly payload: string | null;
}

const NAMES_CHARGE = eventTable
  .entries()
  .flatMap((entry) => (entry.charge === undefined ? [] : [entry.type]));

function namedMoney(rows: readonly LaneEvent[]): NamedMoney {
  const charges = rows.flatMap(({ type, payload }) => {
    const charge = payload === null ? null : eventTable.find(type)?.charge?.(eventObject(payload));
    return charge == null ? [] : [charge];
  });
  const creditedInvoices = rows.flatMap(({ type, invoice }) =>
    invoice !== null && eventTable.find(type)?.credits ? [invoice] : [],
  );
  return { charges: [...new Set(charges)], creditedInvoices: [...new Set(creditedInvoices)] };
}

/** Events taken by one pass; the rest follows at once. */
const PASS_SIZE = 1_000;
/** Passing failures (not "unreachable", not "slow down") that a customer may have in a row before it parks. */
const TRIES = 5;

/** The definition of queue `lane`, for `createJobs`. */
export function createLane(deps: LaneDeps): QueueDefinition {
  const { db, log, now } = deps;
  const failures = new Map<string, number>();

  async function pass(job: ClaimedJob): Promise<Outcome> {
    const customerId = job.key;
    const { work, wanted } = await workOf(db, customerId, now());
    if (!work) return { next: 'done' };
    const { rows } = await db.query<LaneEvent>(
      `select seq, id, type, invoice, case when type = any($2::text[]) then payload end as payload
         from events where customer = $1 and state = 'open' order by seq limit ${PASS_SIZE}`,
      [customerId, NAMES_CHARGE],
    );
    const named = rows.flatMap((row) => (row.invoice === null ? [] : [row.invoice]));
    // What follows is logged under the delivery that started it, which an operator finds at Stripe by the same name.
    await withRequestId(rows.at(-1)?.id ?? job.jobId, async () => {
      const closed = rows.some(({ type }) => type === SESSION_CLOSED)
        ? await deps.closedSessions?.(customerId)
        : undefined;
      const money = namedMoney(rows);
      const notices =
        money.charges.length + money.creditedInvoices.length > 0
          ? await deps.moneyNotices?.(customerId, money)
          : undefined;
      await deps.syncCustomer({
        customerId,
        invoiceIds: [...new Set([...named, ...(notices?.invoiceIds ?? [])])],
        afterwards: notices?.write,
        inTransaction: async (tx) => {
          await settle(tx, job, { seqs: rows.map((row) => row.seq), wanted });
          await closed?.(tx);
        },
      });
    });
    return { next: 'done' };
  }

  async function settle(
    tx: Tx,
    job: ClaimedJob,
    { seqs, wanted }: { seqs: readonly number[]; wanted: number | null },
  ): Promise<void> {
    await deps.hold(tx, job);
    await tx.query(
      `update events set state = 'done', done_at = $3
        where customer = $1 and state = 'open' and seq = any($2::bigint[])`,
      [job.key, seqs, now()],
    );
    await tx.query(
      'update customers set parked_at = null, park_cause = null, park_count = 0, retry_at = null where id = $1',
      [job.key],
    );
    await settleRequest(tx, job.key, wanted);
  }

  async function failed(job: ClaimedJob, error: ConnectorError): Promise<Outcome> {
    const customerId = job.key;
    const count = (failures.get(customerId) ?? 0) + 1;
    const waits = error.unreachable || error.retryAfterMs !== undefined || error.system === 'database';
    if (waits || (error.kind === 'retryable' && count < TRIES)) {
      failures.set(customerId, count);
      const ms = Math.max(error.retryAfterMs ?? 0, pauseMs(count));
      log.warn({ err: error, customerId, ms }, 'sync waits');
      return { next: 'again', at: new Date(now().getTime() + ms) };
    }
    failures.delete(customerId);
    const retryAt = await db.tx(async (tx) => {
      await deps.hold(tx, job);
      return parkCustomer(tx, { customerId, error, now: now() });
    });
    log.error(
      { err: error, customerId, retryAt },
      'sync failed; the customer is parked and tried again then, at start and with its next event',
    );
    return { next: 'done' };
  }

  return {
    name: 'lane',
    slots: deps.slots ?? 8,
    // Stripe sends the five events of a payment within moments: one look at the customer instead of two or three.
    gatherMs: 50,
    pending: (sql) => pendingCustomers(sql, now()),
    hasWork: (sql, customerId) => customerHasWork(sql, customerId, now()),
    async handle(job) {
      if (job.signal.aborted) return { next: 'again', at: now() };
      try {
        const outcome = await pass(job);
        failures.delete(job.key);
        return outcome;
      } catch (thrown) {
        if (thrown instanceof LostClaim) throw thrown;
        return failed(job, databaseTrouble(thrown) ?? asConnectorError(thrown));
      }
    },
  };
}

/** 0.5 s doubling to a minute, with jitter, so that many customers do not come back in one instant. */
function pauseMs(count: number): number {
  return Math.round(Math.min(60_000, 250 * 2 ** Math.min(count, 10)) * (0.75 + Math.random() / 2));
}
