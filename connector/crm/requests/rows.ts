/** `erp_requests`: a request is claimed by its random id, once, and stays until the ERP has the answer. */
import type { Sql } from '../../db/database.ts';
import { noLiveJob } from '../../jobs/live.ts';
import { MODULE } from '../ids.ts';

export interface RequestRow {
  readonly id: string;
  /** Database id of its row in the ERP. */
  readonly rowId: number;
  readonly action: string;
  readonly model: string;
  readonly resId: number;
  readonly asker: string;
  readonly askedAt: Date;
  readonly input: Readonly<Record<string, unknown>>;
  readonly state: 'claimed' | 'done' | 'refused' | 'failed';
  readonly answer: string | null;
  readonly hasUrl: boolean;
  readonly attempts: number;
  readonly retryAt: Date;
}

const COLUMNS = `id, row_id as "rowId", action, model, res_id as "resId", asker, asked_at as "askedAt", input, state,
  answer, has_url as "hasUrl", attempts, retry_at as "retryAt"`;

/** Requests about one record are carried out one after the other. */
export const keyOf = (record: { model: string; resId: number }): string => `${record.model},${record.resId}`;

export type NewRequest = Pick<
  RequestRow,
  'id' | 'rowId' | 'action' | 'model' | 'resId' | 'asker' | 'askedAt' | 'input'
>;

/** Claims what nobody has claimed. */
export async function claimRequests(sql: Sql, requests: readonly NewRequest[]): Promise<void> {
  for (const { id, rowId, action, model, resId, asker, askedAt, input } of requests) {
    await sql.query(
      `insert into erp_requests (id, row_id, action, model, res_id, asker, asked_at, input)
       values ($1, $2, $3, $4, $5, $6, $7, $8::jsonb) on conflict (id) do nothing`,
      [id, rowId, action, model, resId, asker, askedAt, JSON.stringify(input)],
    );
  }
}

/** Which of these are claimed already. */
export async function knownRequests(sql: Sql, ids: readonly string[]): Promise<ReadonlySet<string>> {
  const { rows } = await sql.query<{ id: string }>('select id from erp_requests where id = any($1)', [ids]);
  return new Set(rows.map((row) => row.id));
}

/** Records with a request to carry out or to answer, and nobody at it. */
export async function pendingRecords(sql: Sql): Promise<readonly string[]> {
  const { rows } = await sql.query<{ key: string }>(
    `select key from (select model || ',' || res_id as key, min(seq) as first from erp_requests
                       where answered_at is null group by 1) w
      where ${noLiveJob('request', 'w.key')} order by first limit 500`,
  );
  return rows.map((row) => row.key);
}

/** The oldest unanswered request about a record. */
export async function nextRequest(sql: Sql, key: string): Promise<RequestRow | undefined> {
  const { rows } = await sql.query<RequestRow>(
    `select ${COLUMNS} from erp_requests where model || ',' || res_id = $1 and answered_at is null
      order by seq limit 1`,
    [key],
  );
  return rows[0];
}

/**
 * The answer of the request just before this one, when both asked for the same and this one waited already while that
 * one was carried out: a button pressed twice.
 */
export async function answeredAlready(sql: Sql, id: string): Promise<{ answer: string } | undefined> {
  const { rows } = await sql.query<{ answer: string; same: boolean }>(
    `select p.answer, p.state = 'done' and not p.has_url and p.action = r.action and p.input = r.input
              and p.done_at >= r.claimed_at as same
       from erp_requests r join erp_requests p on p.model = r.model and p.res_id = r.res_id and p.seq < r.seq
      where r.id = $1 order by p.seq desc limit 1`,
    [id],
  );
  return rows[0]?.same === true ? { answer: rows[0].answer } : undefined;
}

export async function settleRequest(
  sql: Sql,
  settled: {
    id: string;
    state: 'done' | 'refused' | 'failed';
    answer: string;
    hasUrl: boolean;
    cause: object | null;
    at: Date;
  },
): Promise<void> {
  const { id, state, answer, hasUrl, cause, at } = settled;
  await sql.query(
    `update erp_requests set state = $2, answer = $3, has_url = $4, cause = $5::jsonb, done_at = $6,
       attempts = 0, retry_at = $6 where id = $1`,
    [id, state, answer, hasUrl, cause === null ? null : JSON.stringify(cause), at],
  );
}

/** @param counts false: a system that cannot be reached uses up no attempt */
export async function postponeRequest(
  sql: Sql,
  postponed: { id: string; retryAt: Date; counts: boolean; cause: object },
): Promise<void> {
  const { id, retryAt, counts, cause } = postponed;
  await sql.query(
    `update erp_requests set retry_at = $2, attempts = attempts + $3, cause = $4::jsonb where id = $1`,
    [id, retryAt, counts ? 1 : 0, JSON.stringify(cause)],
  );
}

export async function requestIsAnswered(sql: Sql, id: string, at: Date): Promise<void> {
  await sql.query('update erp_requests set answered_at = $2 where id = $1', [id, at]);
}

/** Our name of an ERP record; undefined: it is not one of ours. */
export async function recordName(
  sql: Sql,
  record: { model: string; resId: number },
): Promise<string | undefined> {
  const { rows } = await sql.query<{ name: string }>(
    'select external_id as name from erp_records where model = $1 and res_id = $2 order by external_id limit 1',
    [record.model, record.resId],
  );
  return rows[0]?.name.slice(`${MODULE}.`.length);
}
