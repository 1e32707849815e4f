/** Forgets what guards nothing any more. A row that keeps a mail or an effect from happening twice stays for good. */
import type { Database } from '../db/database.ts';

const DAY_MS = 86_400_000;
const MAILS_DAYS = 90;
/** Over a year, so that `explain` still tells how last year's renewal went. */
const CHANGES_DAYS = 400;
/** At a time, so that no lock is held long. */
const BATCH = 1_000;

// A login link is made anew at each request, so its mail's fact never comes again.
const MAILS = `delete from mails where id in
  (select id from mails where starts_with(fact, 'billing_login_') and created_at < $1 limit $2)`;

// "Something mirrored is different", under a version that never comes again; every other kind is a fact done once.
const CHANGES = `delete from transitions where id in
  (select id from transitions t where kind = 'changed' and at < $1
      and not exists (select 1 from runs r where r.transition_id = t.id) limit $2)`;

export async function pruneHistory(db: Database, now: Date): Promise<void> {
  await inBatches(db, MAILS, new Date(now.getTime() - MAILS_DAYS * DAY_MS));
  await inBatches(db, CHANGES, new Date(now.getTime() - CHANGES_DAYS * DAY_MS));
}

async function inBatches(db: Database, statement: string, before: Date): Promise<void> {
  for (;;) {
    const { rowCount } = await db.query(statement, [before, BATCH]);
    if (rowCount < BATCH) return;
  }
}
