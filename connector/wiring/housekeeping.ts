/** The cron table: what comes back by itself. Times are UTC; each tick runs once over all instances. */
import { forgetOldDrafts } from '../billing/drafts.ts';
import { forgetOldKeys } from '../billing/idempotency.ts';
import { forgetOldOffers } from '../billing/offers.ts';
import type { Database } from '../db/database.ts';
import { pruneEvents } from '../inbox/prune.ts';
import type { ScheduleEntry } from '../schedule/schedule.ts';
import { pruneHistory } from './prune-history.ts';

interface Work {
  readonly db: Database;
  readonly now: () => Date;
  readonly backfill: () => Promise<unknown>;
  readonly fullPass: () => Promise<unknown>;
  readonly continuePasses: () => Promise<void>;
  readonly sweepKeys: () => Promise<unknown>;
  readonly removeNeverPaid: () => Promise<unknown>;
  readonly announceAttention: () => Promise<void>;
  readonly tellTrials: () => Promise<unknown>;
  readonly showPipeline: () => Promise<void>;
  readonly tickLifecycle: () => Promise<unknown>;
  readonly resumeErasures: () => Promise<unknown>;
}

export function housekeeping(work: Work): readonly ScheduleEntry[] {
  return [
    { name: 'backfill', cron: '7 * * * *', run: async () => void (await work.backfill()) },
    { name: 'full pass', cron: '17 2 * * *', run: async () => void (await work.fullPass()) },
    { name: 'unfinished passes', cron: '* * * * *', run: () => work.continuePasses() },
    { name: 'attention', cron: '*/20 * * * * *', run: () => work.announceAttention() },
    { name: 'opportunities', cron: '*/10 * * * * *', run: () => work.showPipeline() },
    { name: 'erasures', cron: '*/30 * * * * *', run: async () => void (await work.resumeErasures()) },
    { name: 'lifecycle', cron: '*/10 * * * *', run: async () => void (await work.tickLifecycle()) },
    { name: 'trials', cron: '*/5 * * * *', run: async () => void (await work.tellTrials()) },
    { name: 'stray keys', cron: '23 3 * * *', run: async () => void (await work.sweepKeys()) },
    { name: 'never paid', cron: '11 4 * * *', run: async () => void (await work.removeNeverPaid()) },
    { name: 'forgotten input', cron: '31 4 * * *', run: () => forgetInput(work) },
    { name: 'stale rows', cron: '41 4 * * 0', run: () => pruneRows(work) },
  ];
}

/** What people typed and did not use goes on the day it was promised. */
async function forgetInput({ db, now }: Work): Promise<void> {
  await forgetOldKeys(db, now());
  await forgetOldDrafts(db, now());
  await forgetOldOffers(db, now());
}

/** Never what is unfinished: an open or parked event, a request not answered, a link still good. */
async function pruneRows({ db, now }: Work): Promise<void> {
  await pruneEvents(db, { now: now() });
  await pruneHistory(db, now());
  await db.query("delete from erp_requests where answered_at < $1::timestamptz - interval '90 days'", [
    now(),
  ]);
  await db.query("delete from links where expires_at < $1::timestamptz - interval '90 days'", [now()]);
}
