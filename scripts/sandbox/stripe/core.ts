/** What all resources share: the tables, the time, the request being served, and the way to say that something happened. */
import type { HttpContext } from '../system.ts';
import { StripeFault } from './errors.ts';
import { newId } from './ids.ts';
import type { StoredEvent } from './plain.ts';
import { openTables, type Tables } from './tables.ts';

export const API_VERSION = '2026-10-28.endive';
export const ACCOUNT_ID = 'acct_sandbox';
export const SECRET_KEY = 'sk_test_sandbox';
/** Signs for the endpoint that `webhookUrl` configures. */
export const WEBHOOK_SECRET = 'whsec_sandbox';

/** Settings a person changes in the Dashboard. https://docs.stripe.com/billing/revenue-recovery/smart-retries */
export interface Settings {
  /** Whose keys these are; another account has another. */
  accountId: string;
  /** Days between the tries of a failed renewal. */
  retryDays: readonly number[];
  /** What becomes of the subscription after the last try. */
  afterRetries: 'cancel' | 'unpaid' | 'past_due';
  /** `sandbox`: for a receiver that lives by the sandbox's clock too. */
  signatureClock: 'real' | 'sandbox';
  /** Undefined: no limit. Above it reads are answered 429. */
  readsPerSecond: number | undefined;
  /** Milliseconds each write takes before it runs, so that a second one with the same key meets it in progress. */
  slowWritesMs: number;
}

export interface Core {
  readonly tables: Tables;
  readonly settings: Settings;
  readonly url: () => string;
  readonly log: (line: string) => void;
  /** Unix seconds on the sandbox's clock, or the moment a due action is carried out at. */
  now(): number;
  /** Runs `work` as if it were `seconds`; several due moments are lived through one by one after a long jump. */
  at<T>(seconds: number, work: () => T): T;
  /**
   * Runs `work` for a request, whose id and idempotency key its events carry, as one step on the disk. A StripeFault
   * keeps what was done before it (a declined charge did happen); anything else undoes it.
   */
  during<T>(request: StoredEvent['request'], work: () => T): T;
  /** Records an event with a copy of the object as it is now, and queues it for every endpoint that wants it. */
  emit(type: string, object: object, previousAttributes?: object): void;
  /** `during`, done by a person and not by an API request: its events carry no request. */
  byHand<T>(work: () => T): T;
  /** Called for each event, within the step that makes it. */
  onEvent(listener: (event: StoredEvent) => void): void;
}

export function createCore(context: HttpContext): Core {
  const tables = openTables(context.store);
  const listeners: ((event: StoredEvent) => void)[] = [];
  let moment: number | undefined;
  let request: StoredEvent['request'] = { id: null, idempotency_key: null };

  return {
    tables,
    settings: {
      accountId: ACCOUNT_ID,
      retryDays: [3, 5, 7],
      afterRetries: 'cancel',
      signatureClock: 'real',
      readsPerSecond: undefined,
      slowWritesMs: 0,
    },
    url: context.url,
    log: context.log,
    now: () => moment ?? Math.floor(context.clock.now().getTime() / 1000),
    at(seconds, work) {
      const outer = moment;
      moment = seconds;
      try {
        return work();
      } finally {
        moment = outer;
      }
    },
    during(served, work) {
      const outer = request;
      request = served;
      try {
        const result = context.store.atomically(() => outcomeOf(work));
        if ('fault' in result) throw result.fault;
        return result.value;
      } finally {
        request = outer;
      }
    },
    byHand(work) {
      return this.during({ id: null, idempotency_key: null }, work);
    },
    emit(type, object, previousAttributes) {
      const event: StoredEvent = {
        id: newId('evt'),
        object: 'event',
        api_version: API_VERSION,
        created: this.now(),
        data: {
          object: structuredClone(object),
          ...(previousAttributes && { previous_attributes: structuredClone(previousAttributes) }),
        },
        livemode: false,
        pending_webhooks: 0,
        request,
        type,
      };
      tables.events.put(event.id, event);
      for (const listener of listeners) listener(event);
    },
    onEvent: (listener) => void listeners.push(listener),
  };
}

function outcomeOf<T>(work: () => T): { value: T } | { fault: StripeFault } {
  try {
    return { value: work() };
  } catch (thrown) {
    if (thrown instanceof StripeFault) return { fault: thrown };
    throw thrown;
  }
}
