/** PostgreSQL behind the `Database` port: a pool with every wait bounded. */
import { Pool, type PoolClient, types } from 'pg';
import type { Database, QueryResult, Sql, Tx } from './database.ts';
import { lostConnection } from './errors.ts';

const INT8 = 20;

export interface PostgresOptions {
  /** `postgres://user:password@host:port/database` */
  readonly url: string;
  /** Connections held at most; the default of 10 leaves room for several instances under PostgreSQL's default of 100. */
  readonly maxConnections?: number;
  /** Milliseconds to wait for a connection, new or free. */
  readonly connectionTimeoutMs?: number;
  /** Milliseconds a single statement may take before the server ends it. */
  readonly statementTimeoutMs?: number;
  /** Hears of connections lost while idle; the pool replaces them by itself. */
  readonly onIdleError?: (error: Error) => void;
}

/** Opens a pool and proves it with one statement, so that a wrong address fails at start. */
export async function openPostgres(options: PostgresOptions): Promise<Database> {
  const pool = new Pool({
    connectionString: options.url,
    max: options.maxConnections ?? 10,
    connectionTimeoutMillis: options.connectionTimeoutMs ?? 5_000,
    idleTimeoutMillis: 30_000,
    statement_timeout: options.statementTimeoutMs ?? 60_000,
    // A client that dies inside a transaction must not keep its locks for hours.
    idle_in_transaction_session_timeout: 60_000,
    keepAlive: true,
    application_name: 'stripe-odoo-connector',
    types: { getTypeParser: parserOf },
  });
  const prepared = createStatementNames();
  // An idle connection's error has no caller; unheard it would end the process.
  pool.on('error', (error) => options.onIdleError?.(error));
  try {
    await pool.query('select 1');
  } catch (error) {
    await pool.end();
    throw error;
  }
  return {
    kind: 'postgres',
    query: sqlOver(pool, prepared).query,
    tx: (work) => inTransaction(pool, { prepared, work }),
    close: () => pool.end(),
  };
}

// bigint fits a double up to 2^53: ids and minor units never come near it.
const parserOf: typeof types.getTypeParser = ((oid: number, format?: 'text' | 'binary') =>
  oid === INT8 && format !== 'binary'
    ? Number
    : types.getTypeParser(oid, format as 'text')) as typeof types.getTypeParser;

const rethrowLost = (error: unknown): never => {
  throw lostConnection(error);
};

function sqlOver(client: Pool | PoolClient, prepared: StatementNames): Sql {
  return {
    async query<Row>(text: string, params?: readonly unknown[]): Promise<QueryResult<Row>> {
      // Without parameters pg uses the simple protocol, which takes several statements and answers with one result each.
      const query =
        params === undefined || params.length === 0
          ? client.query(text)
          : client.query({ text, values: [...params], ...prepared(text) });
      const answer = await query.catch(rethrowLost);
      const results = Array.isArray(answer) ? (answer as (typeof answer)[]) : [answer];
      return {
        rows: results.flatMap((result) => result.rows) as Row[],
        rowCount: results.at(-1)?.rowCount ?? 0,
      };
    },
  };
}

async function inTransaction<T>(
  pool: Pool,
  { prepared, work }: { prepared: StatementNames; work: (tx: Tx) => Promise<T> },
): Promise<T> {
  const client = await pool.connect().catch(rethrowLost);
  let broken: Error | undefined;
  // A connection lost in the middle is announced as an event too; unheard it would end the process.
  const onError = (error: Error) => {
    broken = error;
  };
  client.on('error', onError);
  try {
    await client.query('begin').catch(rethrowLost);
    const result = await work({ inTransaction: true, query: sqlOver(client, prepared).query });
    await client.query('commit').catch(rethrowLost);
    return result;
  } catch (error) {
    await client.query('rollback').catch((rollback: Error) => {
      broken = rollback;
    });
    throw error;
  } finally {
    client.off('error', onError);
    // A connection that could not roll back is thrown away, not handed to the next caller.
    client.release(broken);
  }
}

/** What to add to a query so that PostgreSQL keeps its parsed form; nothing for statements rarely met. */
type StatementNames = (text: string) => { readonly name?: string };

/** Statements met this often are prepared: parsing and planning is most of what a small statement costs. */
const PREPARE_FROM = 5;
/** Each connection keeps what it prepared, some 20 kB each; texts built at run time must not fill it. */
const PREPARED_AT_MOST = 200;

function createStatementNames(): StatementNames {
  const met = new Map<string, number>();
  const names = new Map<string, { readonly name: string }>();
  return (text) => {
    const name = names.get(text);
    if (name !== undefined) return name;
    if (names.size >= PREPARED_AT_MOST) return {};
    const times = (met.get(text) ?? 0) + 1;
    if (times < PREPARE_FROM) {
      if (met.size > 10 * PREPARED_AT_MOST) met.clear();
      met.set(text, times);
      return {};
    }
    met.delete(text);
    const made = { name: `s${names.size}` };
    names.set(text, made);
    return made;
  };
}
