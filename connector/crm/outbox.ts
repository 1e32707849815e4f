/** Drains `erp_outbox` and `erp_notes`: one load per batch of bound records; a bad row is found by halving and parked. */
import { randomUUID } from 'node:crypto';
import type { Database } from '../db/database.ts';
import { asConnectorError, type ConnectorError } from '../errors.ts';
import type { Log } from '../log.ts';
import { loadProblems } from '../odoo/load.ts';
import type { Odoo } from '../odoo/odoo.ts';
import { foundAgain } from './gone.ts';
import { MODULE } from './ids.ts';
import { dueNotes, postponeNotes } from './note-rows.ts';
import { postNotes } from './notes.ts';
import { LEASE_FRESH_MS, releaseLease, takeLease } from './outbox-lease.ts';
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

// Measured on 17, 18 and 19: a load of 500 takes a second at most, and twice as many rows twice as long.
const BATCH = 500;
// What only a person can mend (a key, a right) is asked again this seldom.
const REFUSED_RETRY_MS = 30_000;
// An ERP that is back should not be behind for longer than it must; while it is away the breaker keeps the calls from it.
const RETRY_MS = 5_000;

export interface Drained {
  readonly written: number;
  /** Chatter notes. */
  readonly posted: number;
  readonly parked: number;
  /** Another process is at it. */
  readonly busy: boolean;
}

type Progress = { -readonly [Count in keyof Drained]: Drained[Count] };

/** Writes what is due, once: records' states and, beside them, their notes. */
export async function drainOutbox(deps: OutboxDeps): Promise<Drained> {
  const holder = randomUUID();
  const done: Progress = { written: 0, posted: 0, parked: 0, busy: false };
  const now = deps.now();
  if ((await dueRows(deps.db, now, 1)).length === 0 && (await dueNotes(deps.db, now, 1)).length === 0)
    return done;
  let takenAt: Date | undefined;
  const stillOurs = async () => {
    const at = deps.now();
    if (takenAt !== undefined && at.getTime() - takenAt.getTime() < LEASE_FRESH_MS) return !done.busy;
    done.busy = !(await takeLease(deps.db, holder, at));
    takenAt = at;
    return !done.busy;
  };
  if (!(await stillOurs())) return done;
  try {
    // Both come to their end before the lease is given back.
    const ends = await Promise.allSettled([
      drainRows(deps, stillOurs, done),
      drainNotes(deps, stillOurs, done),
    ]);
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
    return done;
  } finally {
    await releaseLease(deps.db, holder);
  }
}

async function drainRows(deps: OutboxDeps, stillOurs: () => Promise<boolean>, done: Progress): Promise<void> {
  for (;;) {
    const rows = await dueRows(deps.db, deps.now(), BATCH);
    if (rows.length === 0) return;
    for (const batch of sameShape(rows)) {
      if (!(await stillOurs())) return;
      await write(deps, batch, done);
    }
  }
}

async function drainNotes(
  deps: OutboxDeps,
  stillOurs: () => Promise<boolean>,
  done: Progress,
): Promise<void> {
  while (!done.busy) {
    const notes = await dueNotes(deps.db, deps.now(), BATCH);
    if (notes.length === 0 || !(await stillOurs())) return;
    try {
      const post = () => postNotes(deps, notes);
      const { parked } = await (deps.guard?.(post) ?? post());
      done.parked += parked;
      done.posted += notes.length - parked;
    } catch (thrown) {
      const error = asConnectorError(thrown);
      deps.log.warn({ err: error, notes: notes.length }, 'chatter notes wait');
      await postponeNotes(deps.db, notes, retryAt(deps, error));
      return;
    }
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

async function write(deps: OutboxDeps, rows: readonly OutboxRow[], done: Progress): Promise<void> {
  const columns = Object.keys(rows[0]!.values);
  const cells = rows.map((row) => [row.resId, ...columns.map((column) => row.values[column]!)]);
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
      const at = retryAt(deps, error);
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

function retryAt({ now }: OutboxDeps, error: ConnectorError): Date {
  const pause = error.retryAfterMs ?? (error.kind === 'retryable' ? RETRY_MS : REFUSED_RETRY_MS);
  return new Date(now().getTime() + pause);
}

/** A record that is no longer there is looked up once by external id; anything else waits for a person. */
async function parkOrFind(
  deps: OutboxDeps,
  row: OutboxRow,
  error: ConnectorError,
  done: Progress,
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
