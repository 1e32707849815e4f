/**
 * A real connector in a process of its own, that kills itself with SIGKILL at a chosen statement. The only thing around
 * it is its database handle, which watches the statements pass; everything else is what `npm start` runs.
 */
import { channel } from 'node:diagnostics_channel';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { pino } from 'pino';
import { createApp } from '../../connector/app.ts';
import { parseConfig } from '../../connector/config.ts';
import type { Database, Sql } from '../../connector/db/database.ts';
import { openDatabase } from '../../connector/db/open.ts';
import { asConnectorError } from '../../connector/errors.ts';
import { createLog } from '../../connector/log.ts';
import { type ChildOrders, type FromChild, type KillPoint, matches, type ToChild } from './point.ts';

const BEGINS_A_RUN = /update runs r set status = 'running'/;

const tell = (message: FromChild): void => void process.send!(message);
const die = (): void => void process.kill(process.pid, 'SIGKILL');

channel('net.client.socket').subscribe((message) => {
  const { socket } = message as { socket: Socket };
  socket.once('connect', () => tell({ is: 'connected', socket: `${socket.remotePort}<${socket.localPort}` }));
});

const [orders] = (await once(process, 'message')) as [ChildOrders];
let point: KillPoint | null = orders.point;

async function begun(run: string): Promise<void> {
  tell({ is: 'begun', run });
  const [answer] = (await once(process, 'message')) as [ToChild];
  point = answer.point ?? orders.point;
}

function watched(db: Database): Database {
  const watch = (sql: Sql, committing: (work: () => void | Promise<void>) => void): Sql => ({
    async query(text, params) {
      if (point?.when === 'before' && matches(point, text, params)) die();
      const result = await sql.query<never>(text, params);
      if (point?.when === 'committed' && matches(point, text, params)) committing(die);
      if (BEGINS_A_RUN.test(text) && result.rowCount === 1) committing(() => begun(String(params!.at(-1))));
      return result;
    },
  });
  return {
    ...db,
    async query(text, params) {
      const after: (() => void | Promise<void>)[] = [];
      const result = await watch(db, (work) => void after.push(work)).query<never>(text, params);
      for (const work of after) await work();
      return result;
    },
    async tx(work) {
      const after: (() => void | Promise<void>)[] = [];
      const result = await db.tx((tx) =>
        work({ ...watch(tx, (each) => void after.push(each)), inTransaction: true }),
      );
      for (const each of after) await each();
      return result;
    },
  };
}

const log = createLog({
  level: 'debug',
  destination: pino.destination({ dest: orders.logFile, append: true, sync: true }),
});
const db = await openDatabase(orders.database);
const app = await createApp({
  config: parseConfig(process.env, { embedded: true }),
  db: watched(db),
  log,
  now: () => new Date(),
  heartbeatSeconds: orders.heartbeatSeconds,
  slots: orders.slots,
});
process.on('SIGTERM', async () => {
  await app.stop();
  await db.close();
  process.exit(0);
});
try {
  await app.start();
  tell({ is: 'ready' });
} catch (thrown) {
  const { code, message } = asConnectorError(thrown);
  tell({ is: 'refused', code, message });
  await db.close();
  process.disconnect();
}
