/** The one shape of a database connection; PostgreSQL and PGlite both implement it. */

export interface QueryResult<Row> {
  readonly rows: Row[];
  /** Rows returned or affected. */
  readonly rowCount: number;
}

/**
 * Runs SQL. Without parameters several statements may be given: the rows of all come back in order. On both databases: bigint comes back as number, timestamptz as Date, jsonb parsed, bytea as Uint8Array.
 * JSON parameters are passed as text (`JSON.stringify`) with a `::jsonb` cast in the SQL.
 */
export interface Sql {
  query<Row = Record<string, unknown>>(text: string, params?: readonly unknown[]): Promise<QueryResult<Row>>;
}

/** Inside a transaction. Use only this handle until it ends: on PGlite a query outside would wait for ever (so it throws). */
export interface Tx extends Sql {
  readonly inTransaction: true;
}

export interface Database extends Sql {
  readonly kind: 'postgres' | 'pglite';
  /** Runs `work` in one transaction: commits when it resolves, rolls back when it throws. Not nestable. */
  tx<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}
