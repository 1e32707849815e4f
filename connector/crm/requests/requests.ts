/** Looks for staff's requests: by the clock, at start, and when the ERP nudges. */
import type { QueueDefinition } from '../../jobs/jobs.ts';
import { type CarryOutDeps, carryOutRequests } from './carry-out.ts';
import { readWaiting } from './erp-rows.ts';
import { claimRequests, keyOf, pendingRecords } from './rows.ts';

export interface ErpRequests {
  readonly queue: QueueDefinition;
  /** Looks now. Resolves once what is found is answered, or did not succeed; the caller waits as long as it likes. */
  look(): Promise<void>;
  /** @param everyMs between two looks */
  start(everyMs: number): void;
  stop(): Promise<void>;
}

type Deps = Omit<CarryOutDeps, 'onAnswered'> & {
  readonly wake: (key: string) => void;
};

// Requests about different records carried out at once.
const SLOTS = 4;
// A waiter whose request hangs on an outside system is not kept for ever.
const WAIT_MS = 30_000;

export function createErpRequests(deps: Deps): ErpRequests {
  const waiting = new Map<string, Set<() => void>>();
  let timer: NodeJS.Timeout | undefined;
  let looking: Promise<readonly string[]> | undefined;
  let next: Promise<readonly string[]> | undefined;
  let troubled = false;

  async function read(): Promise<readonly string[]> {
    const fresh = await deps.guard(() => readWaiting(deps));
    await claimRequests(deps.db, fresh);
    for (const request of fresh) deps.wake(keyOf(request));
    return fresh.map(({ id }) => id);
  }

  /** One look at a time; whoever comes meanwhile waits for the one after it, which sees their row. */
  function lookOnce(): Promise<readonly string[]> {
    next ??= (looking ?? Promise.resolve([]))
      .catch(() => [])
      .then(() => {
        next = undefined;
        looking = read().finally(() => {
          looking = undefined;
        });
        return looking;
      });
    return next;
  }

  async function byTheClock(): Promise<void> {
    try {
      await lookOnce();
      troubled = false;
    } catch (err) {
      // An ERP that is away stays so for many looks: said once.
      if (!troubled) deps.log.warn({ err }, 'staff’s requests cannot be read from the ERP; looked for again');
      troubled = true;
    }
  }

  const answered = (id: string): Promise<void> =>
    new Promise((resolve) => {
      const done = () => {
        clearTimeout(limit);
        waiting.get(id)?.delete(done);
        if (waiting.get(id)?.size === 0) waiting.delete(id);
        resolve();
      };
      const limit = setTimeout(done, WAIT_MS);
      limit.unref();
      waiting.set(id, (waiting.get(id) ?? new Set()).add(done));
    });

  return {
    queue: {
      name: 'request',
      slots: SLOTS,
      pending: pendingRecords,
      hasWork: async (sql, key) => (await pendingRecords(sql)).includes(key),
      handle: (job) =>
        carryOutRequests(
          {
            ...deps,
            onAnswered: (id) => {
              for (const done of [...(waiting.get(id) ?? [])]) done();
            },
          },
          job,
        ),
    },
    async look() {
      const ids = await lookOnce();
      await Promise.all(ids.map(answered));
    },
    start(everyMs) {
      void byTheClock();
      timer = setInterval(() => void byTheClock(), everyMs);
    },
    async stop() {
      clearInterval(timer);
      await looking?.catch(() => {});
    },
  };
}
