/** The inbox as operators read it, and what cannot be put back to work. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ConnectorError } from '../../connector/errors.ts';
import { parkCustomer } from '../../connector/inbox/park.ts';
import { listEvents, replayEvents, showEvent } from '../../connector/inbox/read-events.ts';
import { now } from '../jobs/support.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { event, paid, put } from './support.ts';

let db: TestDatabase;
const first = paid('cus_1', 'in_1');
const second = paid('cus_2', 'in_2');
const ignored = event('charge.succeeded', { id: 'ch_1' });

beforeAll(async () => {
  db = await openTestDatabase();
  for (const each of [first, second, ignored]) await put(db, each);
  const error = new ConnectorError({ kind: 'permanent', code: 'bad_mapping', message: 'no such plan' });
  await db.tx((tx) => parkCustomer(tx, { customerId: 'cus_2', error, now: now() }));
});
afterAll(() => db?.close());

const ids = async (filter: Partial<Parameters<typeof listEvents>[1]>) =>
  (await listEvents(db, { limit: 10, ...filter })).map(({ id }) => id);

it('is listed newest first, page by page, and by what an operator looks for', async () => {
  expect(await ids({})).toEqual([ignored.id, second.id, first.id]);
  const [newest] = await listEvents(db, { limit: 1 });
  expect(await ids({ before: newest!.seq })).toEqual([second.id, first.id]);
  expect(await ids({ type: 'invoice.paid', customerId: 'cus_1' })).toEqual([first.id]);
  expect(await ids({ state: 'ignored' })).toEqual([ignored.id]);
  expect(await ids({ since: new Date(Date.now() + 60_000) })).toEqual([]);
  expect(await ids({ failed: true })).toEqual([second.id]);
  expect((await showEvent(db, second.id))!.cause).toMatchObject({ code: 'bad_mapping' });
});

it('what is not here, and what no work follows from, is not put back', async () => {
  await expect(replayEvents(db, { id: 'evt_nowhere' }, now())).rejects.toMatchObject({
    kind: 'absent',
    code: 'event_not_found',
  });
  await db.query('update events set cause = null where id = $1', [ignored.id]);
  await expect(replayEvents(db, { id: ignored.id }, now())).rejects.toMatchObject({
    kind: 'conflict',
    code: 'event_has_no_work',
    message: `No work follows from ${ignored.id} (charge.succeeded): ignored.`,
  });
});

it('those of parked customers, and those since a day, go back to their lanes', async () => {
  expect(await replayEvents(db, { failed: true }, now())).toEqual({ events: 1, customers: ['cus_2'] });
  await db.query("update events set state = 'done', done_at = now() where id = $1", [first.id]);
  const since = await replayEvents(db, { since: new Date(Date.now() - 60_000) }, now());
  expect({ ...since, customers: since.customers.toSorted() }).toEqual({
    events: 2,
    customers: ['cus_1', 'cus_2'],
  });
  expect(await ids({ state: 'open' })).toEqual([second.id, first.id]);
});
