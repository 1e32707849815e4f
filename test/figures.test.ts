import { expect, it } from 'vitest';
import { ConnectorError } from '../connector/errors.ts';
import { createFigures } from '../connector/figures.ts';
import { createBreakers } from '../connector/jobs/breaker.ts';
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
  const away = new ConnectorError({
    kind: 'retryable',
    code: 'odoo_unreachable',
    message: '',
    system: 'odoo',
    unreachable: true,
  });
  await breakers.run('odoo', () => Promise.reject(away)).catch(() => {});
  await breakers.run('b2', async () => {});

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
