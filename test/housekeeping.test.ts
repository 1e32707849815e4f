import { expect, it } from 'vitest';
import { housekeeping } from '../connector/wiring/housekeeping.ts';
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
  const day = (days: number) => new Date(Date.now() - days * 86_400_000);
  await db.query(
    `insert into mails (message_id, fact, template, locale, recipient, status, created_at)
     select m.fact, m.fact, 'any', 'en', 'ada@example.com', 'sent', m.at from unnest($1::text[], $2::timestamptz[]) as m(fact, at)`,
    [
      ['billing_login_old', 'billing_login_new', 'dunning_in_1_first_mail', 'run_1_welcome_0'],
      [day(91), day(89), day(900), day(900)],
    ],
  );
  await db.query(
    `insert into transitions (subscription_id, kind, fact, at)
     select $1, t.kind, t.fact, t.at from unnest($2::text[], $3::text[], $4::timestamptz[]) as t(kind, fact, at)`,
    [
      subscriptionId,
      ['changed', 'changed', 'renewed', 'payment_failed'],
      ['v1', 'v2', 'in_1', 'in_1:1'],
      [day(401), day(399), day(900), day(900)],
    ],
  );
  await db.query(
    `insert into events (id, type, livemode, created, received_at, source, state, payload)
     select e.id, 'invoice.paid', false, $2, $2, 'webhook', e.state, '{}' from unnest($1::text[], $3::text[]) as e(id, state)`,
    [['evt_done', 'evt_open', 'evt_parked'], day(400), ['done', 'open', 'parked']],
  );
  for (const entry of entries) await entry.run(new Date());
  expect(calls.sort()).toEqual([
    'announce',
    'backfill',
    'erasures',
    'full pass',
    'keys',
    'lifecycle',
    'never paid',
    'passes',
    'pipeline',
    'trials',
  ]);
  expect((await db.query('select token_hash as hash from links')).rows).toEqual([{ hash: 'ended' }]);
  expect((await db.query('select key_hash as hash from api_idempotency')).rows).toEqual([{ hash: 'new' }]);
  const facts = await db.query<{ fact: string }>(
    `select fact from mails union all select kind || ' ' || fact from transitions where fact ~ '^(v|in_)' order by 1`,
  );
  // A mail or an effect that must not come twice is remembered for good.
  expect(facts.rows.map(({ fact }) => fact)).toEqual([
    'billing_login_new',
    'changed v2',
    'dunning_in_1_first_mail',
    'payment_failed in_1:1',
    'renewed in_1',
    'run_1_welcome_0',
  ]);
  const left = await db.query<{ id: string }>('select id from events order by id');
  expect(left.rows.map(({ id }) => id)).toEqual(['evt_open', 'evt_parked']);
  await db.close();
});
