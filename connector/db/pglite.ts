/** The embedded database (PGlite) behind the `Database` port: one process, one session, nothing to install. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { mkdirSync } from 'node:fs';
import { PGlite, type Transaction, types } from '@electric-sql/pglite';
import { ConnectorError } from '../errors.ts';
import type { Database, QueryResult, Tx } from './database.ts';
import { lockFolder } from './folder-lock.ts';

export interface PgliteOptions {
  /** Where the data lies; left out: in memory. */
  readonly folder?: string;
  /** A dumped data directory to begin with (tests load a migrated one). */
  readonly template?: Blob;
}

/**
 * Opens the embedded database.
 * @throws ConnectorError `database_folder_in_use` when another process has the folder open.
 */
export async function openPglite(options: PgliteOptions = {}): Promise<Database> {
  const { folder } = options;
  if (folder !== undefined) mkdirSync(folder, { recursive: true });
  const lock = folder === undefined ? undefined : lockFolder(folder);
  try {
    const lite = await PGlite.create({
      ...(folder === undefined ? {} : { dataDir: folder }),
      ...(options.template === undefined ? {} : { loadDataDir: options.template }),
      parsers: { [types.INT8]: Number },
    });
    return databaseOver(lite, () => lock?.release());
  } catch (error) {
    lock?.release();
    throw error;
  }
}

function databaseOver(lite: PGlite, onClosed: () => void): Database {
  const inside = new AsyncLocalStorage<{ open: boolean }>();
  const refuseInside = () => {
    if (inside.getStore()?.open) throw waitsForItself();
  };
  return {
    kind: 'pglite',
    async query<Row>(text: string, params?: readonly unknown[]) {
      refuseInside();
      try {
        return await run<Row>(lite, text, params);
      } catch (error) {
        // A script with its own `begin` that failed leaves the one session in an aborted transaction; a pool would
        // have thrown the connection away. Outside a transaction this only warns.
        if (params === undefined || params.length === 0) await lite.exec('rollback').catch(() => undefined);
        throw error;
      }
    },
    async tx<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
      refuseInside();
      const mark = { open: true };
      return lite.transaction((transaction) =>
        inside.run(mark, async () => {
          try {
            return await work({
              inTransaction: true,
              query: (text, params) => run(transaction, text, params),
            });
          } finally {
            mark.open = false;
          }
        }),
      ) as Promise<T>;
    },
    async close() {
      if (!lite.closed) await lite.close();
      onClosed();
    },
  };
}

async function run<Row>(
  target: PGlite | Transaction,
  text: string,
  params: readonly unknown[] | undefined,
): Promise<QueryResult<Row>> {
  // Without parameters: the simple protocol, which takes several statements.
  const results =
    params === undefined || params.length === 0
      ? await target.exec(text)
      : [await target.query(text, [...params])];
  const rows = results.flatMap((result) => result.rows) as Row[];
  return { rows, rowCount: Math.max(results.at(-1)?.rows.length ?? 0, results.at(-1)?.affectedRows ?? 0) };
}

function waitsForItself(): ConnectorError {
  return new ConnectorError({
    kind: 'bug',
    code: 'query_outside_transaction',
    message: 'A query was sent to the database from within an open transaction without using it.',
    advice:
      'Pass the transaction on: the embedded database has one session, and this query would wait for ever.',
    system: 'database',
  });
}
