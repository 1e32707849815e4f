/** A worker in its own process, to be killed: takes a lane, says so, writes one row of its work and then hangs. */
import { openPglite } from '../../connector/db/pglite.ts';
import { openPostgres } from '../../connector/db/postgres.ts';
import { addWork, lanes, makeTable } from './support.ts';

const { url, folder } = JSON.parse(process.argv[2]!) as { url?: string; folder?: string };
const db = url === undefined ? await openPglite({ folder: folder! }) : await openPostgres({ url });
await makeTable(db);
const jobs = await lanes(
  db,
  async (job) => {
    await db.tx(async (tx) => {
      await jobs.hold(tx, job);
      await tx.query(
        `update work set done_by = 'killed' where key = $1 and seq = (select min(seq) from work)`,
        [job.key],
      );
    });
    process.stdout.write('working\n');
    return new Promise(() => undefined);
  },
  { heartbeatSeconds: 2 },
);
await addWork(db, 'cus_1');
await addWork(db, 'cus_1');
await jobs.start();
