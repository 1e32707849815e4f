/** Events that arrive together: stored together, refused together when there is no database, alone where one is bad. */
import { expect, it } from 'vitest';
import type { Database } from '../../connector/db/database.ts';
import { createGroupCommit } from '../../connector/inbox/group-commit.ts';
import { now } from '../jobs/support.ts';
import { openTestDatabase, openTestPostgres } from '../support/database.ts';
import { incoming, paid } from './support.ts';

const some = (count: number) =>
  Array.from({ length: count }, (_, each) => incoming(paid(`cus_${each}`, `in_${each}`)));

it('without a database nobody waits for a statement of their own: all are refused, to be sent again', async () => {
  const db = await openTestPostgres();
  let statements = 0;
  const counting: Database = {
    ...db,
    query: (text, params) => {
      statements += 1;
      return db.query(text, params);
    },
  };
  const store = createGroupCommit({ db: counting, now });
  await db.close();
  const ends = await Promise.allSettled(some(200).map(store));
  expect(new Set(ends.map(({ status }) => status))).toEqual(new Set(['rejected']));
  for (const end of ends)
    expect((end as PromiseRejectedResult).reason).toMatchObject({
      system: 'database',
      unreachable: true,
    });
  // 200 events in groups of 32 would be seven statements, each with its own wait.
  expect(statements).toBeLessThanOrEqual(2);
});

it('one value the database refuses takes no neighbour with it', async () => {
  const db = await openTestDatabase();
  const store = createGroupCommit({ db, now });
  // PostgreSQL has no text with a zero byte in it.
  const events = some(6).map((each, position) => (position === 4 ? { ...each, type: 'bad\0type' } : each));
  const ends = await Promise.allSettled(events.map(store));
  expect(ends.map(({ status }) => status === 'fulfilled')).toEqual([true, true, true, true, false, true]);
  expect((await db.query('select 1 from events')).rowCount).toBe(5);
  await db.close();
});
