import { expect, it } from 'vitest';
import { housekeeping } from '../connector/housekeeping.ts';
import { openTestDatabase } from './support/database.ts';
import { seedSale } from './support/seed.ts';

it('fetches missed events, tells staff, deletes stray keys and forgets what is old', async () => {
  const db = await openTestDatabase();
  const calls: string[] = [];
  const entries = housekeeping({
    db,
    now: () => new Date(),
    sweepKeys: async () => void calls.push('keys'),
    fullPass: async () => void calls.push('full pass'),
    continuePasses: async () => void calls.push('passes'),
    backfill: async () => void calls.push('backfill'),
    removeNeverPaid: async () => void calls.push('never paid'),
    announceAttention: async () => void calls.push('announce'),
    tellTrials: async () => void calls.push('trials'),
    showPipeline: async () => void calls.push('pipeline'),
    resumeErasures: async () => void calls.push('erasures'),
    tickLifecycle: async () => void calls.push('lifecycle'),
  });
  const { subscriptionId } = await seedSale(db);
  await db.query(
    `insert into links (token_hash, kind, subscription_id, expires_at)
     values ('old', 'credentials', $1, now() - interval '91 days'), ('ended', 'credentials', $1, now() - interval '1 day')`,
    [subscriptionId],
  );
  await db.query(
    `insert into api_idempotency (scope, key_hash, request_hash, created_at)
     values ('checkout', 'old', '', now() - interval '3 days'), ('checkout', 'new', '', now())`,
  );
  for (const entry of entries) await entry.run(new Date());
  expect(calls.sort()).toEqual([
    'announce',
    'backfill',
    'full pass',
    'keys',
    'erasures',
    'lifecycle',
    'never paid',
    'passes',
    'pipeline',
    'trials',
  ]);
  expect((await db.query('select token_hash as hash from links')).rows).toEqual([{ hash: 'ended' }]);
  expect((await db.query('select key_hash as hash from api_idempotency')).rows).toEqual([{ hash: 'new' }]);
  await db.close();
});
