/**
 * What it costs to bring the ERP's subscription records in step when one in a hundred differs: at most one read per 500
 * records and one write per 500 that changed. On the sandbox, or on the Odoo given by ODOO_URL, ODOO_DB, ODOO_USERNAME
 * and ODOO_API_KEY (an administrator's), where the records are deleted afterwards.
 * Options: --subscriptions=n (default 10,000), --changed=percent (default 1).
 */
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadOdooMapping } from '../../connector/crm/mapping.ts';
import { drainOutbox } from '../../connector/crm/outbox.ts';
import { reconcileErp } from '../../connector/crm/reconcile.ts';
import type { Database } from '../../connector/db/database.ts';
import { openDatabase } from '../../connector/db/open.ts';
import { createLog, type Log } from '../../connector/log.ts';
import { createOdoo, type Odoo } from '../../connector/odoo/odoo.ts';
import { setupErp } from '../commands/setup-erp.ts';
import { startWorld } from '../sandbox/world.ts';
import { makeMirror } from './mirror/make-mirror.ts';

const PAGE = 500;

export async function main(options: readonly string[]): Promise<void> {
  const option = (name: string, usual: number) =>
    Number(options.find((each) => each.startsWith(`--${name}=`))?.split('=')[1] ?? usual);
  const [count, percent] = [option('subscriptions', 10_000), option('changed', 1)];
  const world = process.env.ODOO_URL ? undefined : await startWorld();
  const log = createLog({ level: 'silent' });
  const { ODOO_URL: url, ODOO_DB: db, ODOO_USERNAME: login, ODOO_API_KEY: key } = world?.env ?? process.env;
  const as = (username: string, apiKey: string) =>
    createOdoo({ url: url!, db: db!, username, apiKey, transport: 'auto', log });
  const admin = as(login!, key!);
  const keyFile = join(mkdtempSync(join(tmpdir(), 'bench-mirror-')), 'key');
  const serviceLogin = 'connector-bench';
  await setupErp({ odooAdmin: admin, odooAs: as, keyFile, serviceLogin, print: () => {} });
  const service = as(serviceLogin, readFileSync(keyFile, 'utf8').trim());
  const ours = await openDatabase({ dataDir: mkdtempSync(join(tmpdir(), 'bench-mirror-')) });
  try {
    await measure({ admin, service, ours, log, count, changed: Math.round((count * percent) / 100) });
  } finally {
    await ours.close();
    await world?.stop();
  }
}

async function measure(input: {
  admin: Odoo;
  service: Odoo;
  ours: Database;
  log: Log;
  count: number;
  changed: number;
}): Promise<void> {
  const { admin, service, ours: db, log, count, changed } = input;
  const mapping = loadOdooMapping();
  const calls = { reads: 0, writes: 0, rows: 0 };
  const odoo: Odoo = {
    ...service,
    call(model, method, args) {
      calls.reads += 1;
      return service.call(model, method, args);
    },
    load(model, fields, rows, rest) {
      calls.writes += 1;
      calls.rows += rows.length;
      return service.load(model, fields, rows, rest);
    },
  };
  // Ahead of the database's clock, by which a new row is due at once.
  const now = () => new Date(Date.now() + 60_000);
  const ids = await makeMirror({ db, odoo: service, mapping, count });
  try {
    await db.query(
      `update subscriptions set status = 'past_due', version = version + 1
        where id in (select id from subscriptions order by md5(id::text) limit $1)`,
      [changed],
    );
    const began = performance.now();
    const { looked, differed } = await reconcileErp({ db, odoo, mapping, now });
    const { written } = await drainOutbox({ db, odoo, log, now });
    const seconds = (performance.now() - began) / 1000;
    const most = { reads: Math.ceil(count / PAGE), writes: Math.ceil(changed / PAGE) };
    console.log(`${looked} records looked at in ${calls.reads} reads (at most ${most.reads})`);
    console.log(
      `${differed} differed; ${written} written in ${calls.writes} writes (at most ${most.writes})`,
    );
    console.log(`${looked - calls.rows} unchanged records were not written; ${seconds.toFixed(1)} s`);
    const figures = {
      looked,
      differed,
      written,
      rowsSent: calls.rows,
      reads: calls.reads,
      writes: calls.writes,
    };
    const ratio = { reads: calls.reads / most.reads, writes: calls.writes / Math.max(1, most.writes) };
    console.log(JSON.stringify({ ...figures, ratio, seconds: Math.round(seconds * 10) / 10 }));
  } finally {
    for (let start = 0; start < ids.length; start += PAGE) {
      await admin.call('x_stripe_subscription', 'unlink', { ids: ids.slice(start, start + PAGE) });
    }
  }
}
