import { expect, it, vi } from 'vitest';
import { ConnectorError } from '../../connector/errors.ts';
import { backfill, type EventListing } from '../../connector/inbox/backfill.ts';
import { tally } from '../../connector/inbox/event-hours.ts';
import { eventTable } from '../../connector/inbox/event-table.ts';
import { pendingCustomers } from '../../connector/inbox/pending.ts';
import { pruneEvents } from '../../connector/inbox/prune.ts';
import { silent } from '../jobs/support.ts';
import { describeOnEachDatabase } from '../support/database.ts';
import { event, paid, put, recordingSync, startLane, states } from './support.ts';

const DAY = 86_400_000;
/** Stripe takes twenty types a list. */
const LISTS = Math.ceil(eventTable.types().length / 20);

/** `GET /v1/events` over a list: newest first, `pageSize` a page. */
function listing(events: readonly { id: string; type: string; created: number }[], pageSize = 2) {
  const asked: Parameters<EventListing['page']>[0][] = [];
  const port: EventListing = {
    async page(input) {
      asked.push(input);
      const sorted = events
        .filter(
          ({ type, created }) => input.types.includes(type) && created * 1000 >= input.createdSince.getTime(),
        )
        .toSorted((a, b) => b.created - a.created);
      const from =
        input.startingAfter === null ? 0 : sorted.findIndex((each) => each.id === input.startingAfter) + 1;
      return { events: sorted.slice(from, from + pageSize), hasMore: from + pageSize < sorted.length };
    },
  };
  return { asked, port };
}

describeOnEachDatabase('backfill', (open) => {
  it('fetches what the webhook never brought, page by page, and tells how much that was', async () => {
    const db = await open();
    const start = new Date(1_790_000_000_000);
    const hinted: string[] = [];
    const deps = {
      db,
      log: silent,
      livemode: false,
      onStored: (customer: string) => void hinted.push(customer),
    };
    const none = listing([paid('cus_0', 'in_0')]);
    expect(await backfill({ ...deps, listing: none.port, now: () => start })).toEqual({
      listed: 0,
      gap: 0,
      customers: [],
    });
    expect(none.asked).toEqual([]); // the first start takes nothing by surprise

    const known = paid('cus_1', 'in_1');
    await put(db, known);
    const deleted = event('customer.deleted', { id: 'cus_3', object: 'customer' });
    const missed = [paid('cus_2', 'in_2'), paid('cus_3', 'in_3'), deleted];
    const foreign = [event('charge.succeeded', { id: 'ch_1' }), paid('cus_5', 'in_5')];
    Object.assign(foreign[1]!, { livemode: true });
    const { asked, port } = listing([known, ...missed, ...foreign]);
    const later = new Date(start.getTime() + DAY);
    expect(await backfill({ ...deps, listing: port, now: () => later })).toEqual({
      listed: 4,
      gap: 3,
      customers: expect.arrayContaining(['cus_2', 'cus_3']),
    });
    // Two pages of invoices, one of each other list; every type we listen to is in one of them.
    const first = asked.filter(({ startingAfter }) => startingAfter === null);
    expect(asked).toHaveLength(first.length + 1);
    expect(first.flatMap(({ types }) => types)).toEqual(eventTable.types());
    expect(Math.max(...first.map(({ types }) => types.length))).toBeLessThanOrEqual(20);
    expect(asked[0]!.createdSince).toEqual(new Date(start.getTime() - 3_600_000)); // an overlap of one hour
    expect(hinted.toSorted()).toEqual(['cus_2', 'cus_3']);
    expect(await states(db)).toEqual({ open: 4 });
    expect((await db.query(`select id from events where source = 'backfill'`)).rows).toHaveLength(3);

    const again = listing([known, ...missed]);
    expect(await backfill({ ...deps, listing: again.port, now: () => later })).toEqual({
      listed: 0,
      gap: 0,
      customers: [],
    });
    expect(again.asked[0]!.createdSince).toEqual(new Date(later.getTime() - 3_600_000));
    await db.close();
  });

  it('begins the window anew after an interruption and never asks for more than Stripe keeps', async () => {
    const db = await open();
    const start = new Date(1_790_000_000_000);
    const deps = { db, log: silent, livemode: false, onStored: () => undefined };
    await backfill({ ...deps, listing: listing([]).port, now: () => start });
    const broken: EventListing = {
      page: () => Promise.reject(new Error('away')),
    };
    const later = () => new Date(start.getTime() + 40 * DAY);
    await expect(backfill({ ...deps, listing: broken, now: later })).rejects.toThrow('away');
    const { asked, port } = listing([]);
    await backfill({ ...deps, listing: port, now: later });
    expect(asked[0]!.createdSince).toEqual(new Date(start.getTime() + 10 * DAY));
    await db.close();
  });

  it('asks for the same page again when Stripe says it came too soon, and no further than that', async () => {
    const db = await open();
    const start = new Date(1_790_000_000_000);
    const waits: number[] = [];
    const deps = {
      db,
      log: silent,
      livemode: false,
      onStored: () => undefined,
      now: () => start,
      wait: async (ms: number) => void waits.push(ms),
    };
    await backfill({ ...deps, listing: listing([]).port });
    const refusal = (retryAfterMs?: number) =>
      new ConnectorError({
        kind: 'retryable',
        code: 'stripe_rate_limited',
        message: 'too many',
        ...(retryAfterMs !== undefined && { retryAfterMs }),
      });
    const { asked, port } = listing([paid('cus_1', 'in_1'), paid('cus_2', 'in_2'), paid('cus_3', 'in_3')]);
    const refusals = [refusal(2_000), refusal()];
    const busy: EventListing = {
      async page(input) {
        if (input.startingAfter !== null && refusals.length > 0) throw refusals.shift();
        return port.page(input);
      },
    };
    expect(await backfill({ ...deps, listing: busy })).toMatchObject({ gap: 3 });
    expect(waits).toEqual([2_000, 2_000]);
    // No page was asked for twice but the one refused.
    expect(new Set(asked.map(({ types, startingAfter }) => `${types[0]} ${startingAfter}`)).size).toBe(
      asked.length,
    );
    waits.length = 0;
    const full: EventListing = { page: () => Promise.reject(refusal(500)) };
    await expect(backfill({ ...deps, listing: full })).rejects.toMatchObject({ code: 'stripe_rate_limited' });
    expect(waits).toEqual(Array.from({ length: 4 * LISTS }, () => 500));
    await db.close();
  });

  it('stores a whole outage before the first lane begins', async () => {
    const db = await open();
    const start = new Date(1_790_000_000_000);
    const stored: number[] = [];
    const deps = { db, log: silent, livemode: false, now: () => start };
    await backfill({ ...deps, listing: listing([]).port, onStored: () => undefined });
    const missed = [1, 2, 3, 4, 5].map((n) => paid(`cus_${n}`, `in_${n}`));
    const onStored = () => {
      void db
        .query<{ n: number }>('select count(*) as n from events')
        .then(({ rows }) => stored.push(rows[0]!.n));
    };
    await backfill({ ...deps, listing: listing(missed).port, onStored });
    await vi.waitFor(() => expect(stored).toEqual([5, 5, 5, 5, 5]));
    await db.close();
  });

  it('begins no lane of a backfill that is not whole yet, unless it never ends', async () => {
    const db = await open();
    // Makes the job tables.
    await (await startLane(db, recordingSync(db).syncCustomer)).stop({ deadlineMs: 1_000 });
    const start = new Date(1_790_000_000_000);
    const deps = { db, log: silent, livemode: false, onStored: () => undefined, now: () => start };
    await backfill({ ...deps, listing: listing([]).port });
    const begun = new Date(start.getTime() + DAY);
    const { port } = listing([paid('cus_1', 'in_1'), paid('cus_2', 'in_2'), paid('cus_1', 'in_3')]);
    const seen: (readonly string[])[] = [];
    const watched: EventListing = {
      async page(input) {
        seen.push(await pendingCustomers(db, begun));
        return port.page(input);
      },
    };
    const broken: EventListing = {
      async page(input) {
        if (input.startingAfter !== null) throw new Error('away');
        return port.page(input);
      },
    };
    await expect(backfill({ ...deps, listing: broken, now: () => begun })).rejects.toThrow('away');
    expect(await pendingCustomers(db, begun)).toEqual([]);
    const later = new Date(begun.getTime() + 601_000);
    expect(await pendingCustomers(db, later)).not.toEqual([]);
    await put(db, paid('cus_3', 'in_9')); // the webhook's are never held
    expect(await pendingCustomers(db, begun)).toEqual(['cus_3']);
    await backfill({ ...deps, listing: watched, now: () => begun });
    expect(seen).toEqual(Array.from({ length: LISTS + 1 }, () => ['cus_3']));
    expect((await pendingCustomers(db, begun)).toSorted()).toEqual(['cus_1', 'cus_2', 'cus_3']);
    await db.close();
  });

  it('counts the whole hours of the last day here and at Stripe, and fetches from a given day on', async () => {
    const db = await open();
    const hour = 3_600_000;
    const at = (hoursAgo: number) => Math.floor((end.getTime() - hoursAgo * hour) / 1000);
    const end = new Date(Date.UTC(2026, 9, 21, 14, 30));
    const deps = { db, log: silent, livemode: false, now: () => end, onStored: () => undefined };
    const made = (hoursAgo: number, n: number) =>
      Object.assign(paid(`cus_${n}`, `in_${hoursAgo}_${n}`), { created: at(hoursAgo) });
    // 14:00 to 14:30 is no whole hour yet; two days ago is another day.
    const events = [made(0.2, 1), made(1, 2), made(1.2, 3), made(20, 4), made(40, 5)];
    await backfill({ ...deps, listing: listing(events).port }, { since: new Date(end.getTime() - 3 * hour) });
    expect(await tally(db, end)).toEqual({ hours: 2, atStripe: 2, here: 2, missing: 0 });
    await backfill(
      { ...deps, listing: listing(events).port },
      { since: new Date(end.getTime() - 72 * hour) },
    );
    expect(await tally(db, end)).toEqual({ hours: 24, atStripe: 3, here: 3, missing: 0 });
    await db.query("delete from events where invoice = 'in_20_4'");
    expect(await tally(db, end)).toEqual({ hours: 24, atStripe: 3, here: 2, missing: 1 });
    await db.close();
  });

  it('prunes settled events in batches, keeps open ones and everything Stripe could send again', async () => {
    const db = await open();
    for (let i = 0; i < 5; i++) await put(db, event('charge.succeeded', { id: 'ch_1' }));
    await put(db, paid('cus_1', 'in_1'));
    const at = new Date();
    expect(await pruneEvents(db, { now: new Date(at.getTime() + 20 * DAY), keepDays: 1 })).toBe(0);
    expect(await pruneEvents(db, { now: new Date(at.getTime() + 32 * DAY), keepDays: 1, batch: 2 })).toBe(5);
    expect(await states(db)).toEqual({ open: 1 });
    await db.close();
  });
});
