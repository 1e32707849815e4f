/** Drains `erp_outbox`: one load per batch of bound records; a bad row is found by halving and parked. */
import { randomUUID } from 'node:crypto';
import type { Database } from '../db/database.ts';
import { asConnectorError, type ConnectorError } from '../errors.ts';
import type { Log } from '../log.ts';
import { loadProblems } from '../odoo/load.ts';
import type { Odoo } from '../odoo/odoo.ts';
import { foundAgain } from './gone.ts';
import { MODULE } from './ids.ts';
import { releaseLease, takeLease } from './outbox-lease.ts';
import { dueRows, type OutboxRow, parkRow, postponeRow, settleRow } from './outbox-rows.ts';

export interface OutboxDeps {
  readonly db: Database;
  readonly odoo: Odoo;
  readonly log: Log;
  readonly now: () => Date;
  /** Around each batch: a circuit breaker, and the check that this ERP is ours. */
  readonly guard?: <T>(call: () => Promise<T>) => Promise<T>;
}

export interface Outbox {
  /** Something was put in: drain soon. Harmless if repeated or lost. */
  hint(): void;
  /** Stops the timer and waits for the batch under way. */
  stop(): Promise<void>;
}

const BATCH = 100;
// What only a person can mend (a key, a right) is asked again this seldom.
const REFUSED_RETRY_MS = 30_000;
// An ERP that is back should not be behind for longer than it must; while it is away the breaker keeps the calls from it.
const RETRY_MS = 5_000;

/** Writes what is due, once. @returns how many rows were written and parked; `busy`: another process is at it */
export async function drainOutbox(
  deps: OutboxDeps,
): Promise<{ written: number; parked: number; busy: boolean }> {
  const holder = randomUUID();
  const done = { written: 0, parked: 0, busy: false };
  if ((await dueRows(deps.db, deps.now(), 1)).length === 0) return done;
  if (!(await takeLease(deps.db, holder, deps.now()))) return { ...done, busy: true };
  try {
    for (;;) {
      const rows = await dueRows(deps.db, deps.now(), BATCH);
      if (rows.length === 0) return done;
      for (const batch of sameShape(rows)) {
        if (!(await takeLease(deps.db, holder, deps.now()))) return { ...done, busy: true };
        await write(deps, batch, done);
      }
    }
  } finally {
    await releaseLease(deps.db, holder);
  }
}

/** Drains every `everyMs`, and after hints. */
export function startOutbox(deps: OutboxDeps, options: { everyMs: number }): Outbox {
  let running: Promise<void> | undefined;
  let again = false;
  const run = () => {
    again = running !== undefined;
    running ??= drainOutbox(deps)
      .then(
        () => undefined,
        (thrown: unknown) => deps.log.error({ err: thrown }, 'the ERP outbox could not be drained'),
      )
      .finally(() => {
        running = undefined;
        if (again) run();
      });
  };
  const timer = setInterval(run, options.everyMs);
  return {
    hint: run,
    stop: async () => {
      clearInterval(timer);
      again = false;
      await running;
    },
  };
}

async function write(
  deps: OutboxDeps,
  rows: readonly OutboxRow[],
  done: { written: number; parked: number },
): Promise<void> {
  const columns = Object.keys(rows[0]?.values ?? {});
  const cells = rows.map((row) => [row.resId, ...columns.map((column) => row.values[column] ?? '')]);
  try {
    // Halving tells a bad row from a conflict sooner than many repeats of the whole batch would.
    const attempts = rows.length === 1 ? 6 : 2;
    const load = () => deps.odoo.load(rows[0]!.model, ['.id', ...columns], cells, { attempts });
    await (deps.guard?.(load) ?? load());
    await deps.db.tx(async (tx) => {
      for (const row of rows) await settleRow(tx, row, deps.now());
    });
    done.written += rows.length;
  } catch (thrown) {
    const error = asConnectorError(thrown);
    // Only a refused row is a row's own fault; a wrong key, a foreign ERP or a missing field concern all of them.
    if (error.code !== 'odoo_load_refused') {
      deps.log.warn({ err: error, rows: rows.length }, 'ERP writes wait');
      const at = new Date(
        deps.now().getTime() +
          (error.retryAfterMs ?? (error.kind === 'retryable' ? RETRY_MS : REFUSED_RETRY_MS)),
      );
      for (const row of rows) await postponeRow(deps.db, row, at, !error.unreachable);
      return;
    }
    if (rows.length > 1) {
      const half = Math.ceil(rows.length / 2);
      await write(deps, rows.slice(0, half), done);
      await write(deps, rows.slice(half), done);
      return;
    }
    await parkOrFind(deps, rows[0]!, error, done);
  }
}

/** A record that is no longer there is looked up once by external id; anything else waits for a person. */
async function parkOrFind(
  deps: OutboxDeps,
  row: OutboxRow,
  error: ConnectorError,
  done: { parked: number },
): Promise<void> {
  let cause = error;
  if (loadProblems(error).some((problem) => problem.field === '.id')) {
    try {
      // Bound to another record now: still due, and written by the next round.
      await foundAgain(deps, row.model, row.externalId.slice(MODULE.length + 1), row.resId);
      return;
    } catch (thrown) {
      cause = asConnectorError(thrown);
    }
  }
  const { code, message, advice } = cause;
  await parkRow(deps.db, row, { code, message, advice });
  deps.log.error({ err: cause, externalId: row.externalId }, 'an ERP write waits for a person');
  done.parked += 1;
}

/** Rows of one model with the same columns can share a load. */
function sameShape(rows: readonly OutboxRow[]): OutboxRow[][] {
  const groups = new Map<string, OutboxRow[]>();
  for (const row of rows) {
    const shape = [row.model, ...Object.keys(row.values).sort()].join('|');
    groups.set(shape, [...(groups.get(shape) ?? []), row]);
  }
  return [...groups.values()];
}
