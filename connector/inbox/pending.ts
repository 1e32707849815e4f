/** Which customers' lanes have work: open events, a sync somebody asked for, or a parked customer whose time has come. */
import type { Sql, Tx } from '../db/database.ts';
import { noLiveJob } from '../jobs/live.ts';

// A parked customer waits for its hour, but a new event is a new chance. $1 is now.
const MAY_TRY = '(c.parked_at is null or c.retry_at <= $1 or e.received_at > c.parked_at)';
const IS_DUE = '(c.retry_at <= $1 and c.parked_at is not null or c.sync_wanted_at <= $1)';

/**
 * A backfill under way has stored pages whose customers may stand on later ones too: one look at each once it is whole.
 * One that never came to its end holds nobody longer than ten minutes. $1 is now.
 */
export const IS_WHOLE = `(e.source <> 'backfill' or e.received_at < $1::timestamptz - interval '10 minutes'
  or e.received_at <= (select value::timestamptz from cursors where name = 'backfill'))`;

// Microseconds since 1970; below 2^53 until the year 2255.
const WANTED = '(extract(epoch from sync_wanted_at) * 1000000)::bigint';

/** Customers with work and no live lane job, oldest first. */
export async function pendingCustomers(sql: Sql, now: Date, limit = 500): Promise<readonly string[]> {
  const { rows } = await sql.query<{ customer: string }>(
    `select w.customer from (
       select e.customer, min(e.seq) as first from events e left join customers c on c.id = e.customer
        where e.state = 'open' and e.customer is not null and ${MAY_TRY} and ${IS_WHOLE} group by e.customer
       union all
       select c.id, 0 from customers c where ${IS_DUE}
     ) w where ${noLiveJob('lane', 'w.customer')}
     group by w.customer order by min(w.first) limit ${limit}`,
    [now],
  );
  return rows.map((row) => row.customer);
}

export async function customerHasWork(sql: Sql, customerId: string, now: Date): Promise<boolean> {
  return (await workOf(sql, customerId, now)).work;
}

export interface LaneWork {
  readonly work: boolean;
  /** The standing request for a sync, as something to compare; null: none. */
  readonly wanted: number | null;
}

export async function workOf(sql: Sql, customerId: string, now: Date): Promise<LaneWork> {
  const { rows } = await sql.query<LaneWork>(
    `select exists (select 1 from events e left join customers c on c.id = e.customer
                     where e.customer = $2 and e.state = 'open' and ${MAY_TRY})
         or exists (select 1 from customers c where c.id = $2 and ${IS_DUE}) as work,
       (select ${WANTED} from customers where id = $2) as wanted`,
    [now, customerId],
  );
  return rows[0]!;
}

/** Ends the request seen as `wanted`; one made since stands. */
export async function settleRequest(tx: Tx, customerId: string, wanted: number | null): Promise<void> {
  if (wanted === null) return;
  await tx.query(`update customers set sync_wanted_at = null where id = $1 and ${WANTED} = $2`, [
    customerId,
    wanted,
  ]);
}

/**
 * Asks for a sync without an event (return page, operator, daily check). Hint the lane after the commit.
 * Each request differs from the one before, by a microsecond if need be: a sync under way may have read before it.
 */
export async function requestSync(sql: Sql, customerId: string, now: Date): Promise<void> {
  await sql.query(
    `insert into customers (id, sync_wanted_at) values ($1, $2)
     on conflict (id) do update
       set sync_wanted_at = greatest(excluded.sync_wanted_at, customers.sync_wanted_at + interval '1 microsecond')`,
    [customerId, now],
  );
}

/** At start: what was parked may have been repaired meanwhile. @returns how many customers are tried again. */
export async function retryParked(sql: Sql, now: Date): Promise<number> {
  const { rowCount } = await sql.query('update customers set retry_at = $1 where parked_at is not null', [
    now,
  ]);
  return rowCount;
}
