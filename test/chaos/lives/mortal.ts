/** A connector in this process that dies as with `kill -9`: not one more statement of it reaches the database. */
import { createApp } from '../../../connector/app.ts';
import { parseConfig } from '../../../connector/config.ts';
import type { Database, Sql } from '../../../connector/db/database.ts';
import { createLog } from '../../../connector/log.ts';
import { type AdminClient, adminClient } from '../../../scripts/commands/admin-client.ts';
import { freePort } from '../../../scripts/demo/free-port.ts';

export interface Mortal {
  readonly url: string;
  /** Its own connection: cut with it. */
  readonly db: Database;
  readonly admin: AdminClient;
  dead(): boolean;
  /** No drain and no goodbye; transactions under way roll back. The port is free when what it left is gone. */
  kill(): void;
  /** Like Ctrl-C; of one that was killed, waits until its last answers have come to nothing. */
  stop(): Promise<void>;
}

export async function startMortal(deps: {
  env: Readonly<Record<string, string>>;
  db: Database;
  now: () => Date;
}): Promise<Mortal> {
  const port = await freePort(0);
  const url = `http://127.0.0.1:${port}`;
  const connection = severable(deps.db);
  const app = await createApp({
    config: parseConfig({ ...deps.env, PORT: String(port) }, { embedded: true }),
    db: connection.db,
    log: createLog({ level: 'silent' }),
    now: deps.now,
    heartbeatSeconds: 3,
  });
  await app.start();
  let stopping: Promise<void> | undefined;
  return {
    url,
    db: connection.db,
    admin: adminClient({ ...deps.env, CONNECTOR_URL: url }),
    dead: connection.isCut,
    kill() {
      connection.cut();
      stopping = app.stop().catch(() => {});
    },
    stop: () => (stopping ??= app.stop()),
  };
}

function severable(db: Database): { db: Database; cut(): void; isCut(): boolean } {
  let cut = false;
  const check = (): void => {
    if (cut) throw new Error('the connection is gone: this process was killed');
  };
  const over = (sql: Sql): Sql => ({
    async query(text, params) {
      check();
      return sql.query<never>(text, params);
    },
  });
  return {
    isCut: () => cut,
    cut() {
      cut = true;
    },
    db: {
      ...db,
      query: over(db).query,
      tx: (work) =>
        db.tx(async (tx) => {
          const result = await work({ ...over(tx), inTransaction: true });
          check();
          return result;
        }),
    },
  };
}
