import { expect, it } from 'vitest';
import { ConnectorError } from '../connector/errors.ts';
import { createBreakers } from '../connector/jobs/breaker.ts';
import { createFigures } from '../connector/wiring/figures.ts';
import { openTestDatabase } from './support/database.ts';
import { seedRun, seedSale } from './support/seed.ts';

const now = () => new Date();

it('counts what waits, what stopped and which system is away', async () => {
  const db = await openTestDatabase();
  const breakers = createBreakers({ now });
  const figures = createFigures({ db, breakers, now });
  const { subscriptionId } = await seedSale(db);
  const run = await seedRun(db, subscriptionId);
  await db.query("update runs set status = 'needs_attention' where id = $1", [run]);
  await db.query(
    `insert into erp_records (external_id, model, res_id) values ('a', 'res.partner', 1), ('b', 'res.partner', 2);`,
  );
  await db.query(
    `insert into erp_outbox (external_id, model, version, vals, created_at, parked_cause)
     values ('a', 'res.partner', 1, '{}', now() - interval '1 minute', null), ('b', 'res.partner', 1, '{}', now(), '{}')`,
  );
  await db.query(
    `insert into erp_notes (external_id, key, model, html, created_at)
     values ('a', 'k', 'crm.lead', '', now() - interval '2 minutes'), ('nobody', 'k', 'crm.lead', '', now())`,
  );
  const hour = new Date(Math.floor(Date.now() / 3_600_000) * 3_600_000 - 3_600_000);
  await db.query('insert into event_hours (hour, at_stripe) values ($1, 3)', [hour]);
  await db.query(
    `insert into events (id, type, livemode, created, source, state, payload)
     values ('evt_1', 'invoice.paid', false, $1, 'webhook', 'done', '{}'), ('evt_2', 'foreign.type', false, $1, 'webhook', 'ignored', '{}')`,
    [hour],
  );
  await db.query(
    `with p as (insert into sync_passes (kind, dry_run, started_at) values ('full', false, now()) returning id)
     insert into drifts (kind, subject, severity, healed, first_seen, last_seen, pass_id)
     select 'subscription_missing', 'sub_1', 'critical', false, now(), now(), id from p`,
  );
  const away = new ConnectorError({
    kind: 'retryable',
    code: 'odoo_unreachable',
    message: '',
    system: 'odoo',
    unreachable: true,
  });
  await breakers.run('odoo', () => Promise.reject(away)).catch(() => {});
  await breakers.run('b2', async () => {});

  const foreign = await seedSale(db);
  await db.query('update subscriptions set plan_key = null where id = $1', [foreign.subscriptionId]);

  const metrics = await figures.health.metrics();
  const value = (name: string) => metrics.find((each) => each.name === name)!.samples;
  expect(value('runs')).toEqual([{ labels: { status: 'needs_attention' }, value: 1 }]);
  expect(value('erp_outbox_waiting')).toEqual([{ value: 1 }]);
  expect(value('erp_outbox_parked')).toEqual([{ value: 1 }]);
  expect(value('erp_outbox_oldest_seconds')[0]!.value).toBeGreaterThan(50);
  expect(value('erp_notes_waiting')).toEqual([{ value: 1 }]);
  expect(value('erp_notes_oldest_seconds')[0]!.value).toBeGreaterThan(110);
  expect(await figures.health.backlog!()).toMatchObject({
    outbox: { waiting: 1, parked: 1 },
    notes: { waiting: 1, parked: 0 },
  });
  const billed = value('subscriptions_billed').map(({ labels, value: count }) => [labels!.plan, count]);
  expect(billed.toSorted()).toEqual([
    ['', 1],
    ['starter', 1],
  ]);
  expect(value('events_last_day')).toEqual([
    { labels: { where: 'stripe' }, value: 3 },
    { labels: { where: 'here' }, value: 1 },
  ]);
  expect(value('drifts')).toContainEqual({ labels: { severity: 'critical' }, value: 1 });
  expect(value('system_away')).toEqual([
    { labels: { system: 'odoo' }, value: 1 },
    { labels: { system: 'b2' }, value: 0 },
  ]);
  expect(figures.health.systems!()).toEqual({ odoo: 'away', b2: 'reachable' });
  expect(await figures.health.checks()).toEqual({ database: true });
  expect(await figures.status()).toMatchObject({
    runs: { needs_attention: 1 },
    systems: { odoo: { state: 'open' } },
  });
  await db.close();
  expect(await figures.health.checks()).toEqual({ database: expect.stringContaining('does not answer') });
});
