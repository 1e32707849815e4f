/**
 * Stores events that arrive at the same time with one INSERT, as a database groups commits: while a statement is under
 * way newcomers gather and go with the next. Nobody waits for company, and nobody is answered before the commit.
 */
import type { Database } from '../db/database.ts';
import { databaseTrouble } from '../db/errors.ts';
import type { IncomingEvent } from './incoming.ts';
import { storeEvents } from './store.ts';

export type StoreIncoming = (event: IncomingEvent) => Promise<void>;

interface Waiting {
  readonly event: IncomingEvent;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Two, so that the database works on one while the other's answer travels; more would only make smaller groups. */
const STATEMENTS_AT_ONCE = 2;
/** Rows a statement: 32 events of up to 1 MiB stay well within a message's limits. */
const GROUP_SIZE = 32;

export function createGroupCommit(deps: { db: Database; now: () => Date }): StoreIncoming {
  const waiting: Waiting[] = [];
  let underWay = 0;

  async function flush(group: readonly Waiting[]): Promise<void> {
    underWay++;
    try {
      const events = group.map((each) => each.event);
      await storeEvents(deps.db, { events, source: 'webhook', now: deps.now() });
      for (const each of group) each.resolve();
    } catch (error) {
      // Without a database the others would each wait for a connection in vain, and their senders with them.
      const failed = databaseTrouble(error)?.unreachable ? [...group, ...waiting.splice(0)] : group;
      if (group.length > 1 && isBadValue(error)) await alone(group);
      else for (const each of failed) each.reject(error);
    } finally {
      underWay--;
      next();
    }
  }

  /** One value the database refuses must not take its neighbours' events with it. */
  async function alone(group: readonly Waiting[]): Promise<void> {
    for (const each of group) {
      await storeEvents(deps.db, { events: [each.event], source: 'webhook', now: deps.now() }).then(
        each.resolve,
        each.reject,
      );
    }
  }

  function next(): void {
    while (waiting.length > 0 && underWay < STATEMENTS_AT_ONCE) void flush(waiting.splice(0, GROUP_SIZE));
  }

  return (event) =>
    new Promise((resolve, reject) => {
      waiting.push({ event, resolve, reject });
      next();
    });
}

/** SQLSTATE class 22, "data exception". */
const isBadValue = (error: unknown): boolean => String((error as { code?: unknown }).code).startsWith('22');
