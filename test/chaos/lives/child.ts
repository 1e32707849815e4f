/** A real connector in a process of its own, whose clock is moved from outside. It ends by SIGKILL, or as operators stop it. */
import { once } from 'node:events';
import { pino } from 'pino';
import { createApp } from '../../../connector/app.ts';
import { parseConfig } from '../../../connector/config.ts';
import { openDatabase } from '../../../connector/db/open.ts';
import { createLog } from '../../../connector/log.ts';
import type { LifeOrders } from './connector-process.ts';

const [orders] = (await once(process, 'message')) as [LifeOrders];
let { aheadMs } = orders;
process.on('message', (moved: { aheadMs: number }) => {
  aheadMs = moved.aheadMs;
  process.send!({ is: 'moved' });
});
const log = createLog({
  level: 'info',
  destination: pino.destination({ dest: orders.logFile, append: true, sync: true }),
});
const db = await openDatabase({ url: orders.databaseUrl });
const app = await createApp({
  config: parseConfig(process.env, { embedded: true }),
  db,
  log,
  now: () => new Date(Date.now() + aheadMs),
  heartbeatSeconds: 3,
});
process.on('SIGTERM', async () => {
  await app.stop();
  await db.close();
  process.exit(0);
});
await app.start();
process.send!({ is: 'ready' });
