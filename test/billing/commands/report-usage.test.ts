/** Metered usage of subscriptions whose plan has no meter, or is none of ours. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readMeterUse, reportUsage } from '../../../connector/billing/commands/report-usage.ts';
import { loadCatalogue } from '../../../connector/billing/plans.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { seedSale } from '../../support/seed.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await openTestDatabase();
});
afterAll(() => db.close());

const NOW = new Date('2026-11-21T12:00:00Z');

async function subscriptionOf(planKey: string | null, periodStart: Date | null) {
  const { subscriptionId } = await seedSale(db);
  await db.query('update subscriptions set plan_key = $2, current_period_start = $3 where id = $1', [
    subscriptionId,
    planKey,
    periodStart,
  ]);
  const reported: string[] = [];
  const deps = {
    db,
    installation: 'test',
    now: () => NOW,
    catalogue: loadCatalogue('mappings/examples/coditect.json'),
    usage: {
      report: async ({ eventName }: { eventName: string }) => void reported.push(eventName),
      used: async () => 7,
    },
  };
  return {
    report: () =>
      reportUsage(deps, { subscriptionId, meterKey: 'ai_requests', quantity: 1, identifier: 'a' }),
    use: () => readMeterUse(deps, subscriptionId),
    reported,
  };
}

it.each([
  ['a product that is not ours', null],
  ['a plan that is not sold any more', 'founders'],
])('%s has no meters', async (_name, planKey) => {
  const { report, use, reported } = await subscriptionOf(planKey, NOW);
  await expect(report()).rejects.toMatchObject({ kind: 'absent', code: 'meter_not_found' });
  expect(await use()).toEqual([]);
  expect(reported).toEqual([]);
});

it.each([
  ['is counted from the period’s start', new Date('2026-11-01T00:00:00Z'), new Date('2026-11-01T00:00:00Z')],
  ['has just begun where no period is known', null, NOW],
])('what is used %s', async (_name, start, from) => {
  const { report, use, reported } = await subscriptionOf('coditect_starter', start);
  await report();
  expect(reported).toEqual(['coditect_ai_request']);
  expect(await use()).toMatchObject([
    { meter: { key: 'ai_requests' }, quantity: 7, from, to: NOW },
    { meter: { key: 'storage' } },
  ]);
});
