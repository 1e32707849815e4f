/** What `customers explain` tells beside what the journeys see: what was decided about unpaid money, and what was left out. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { explainCustomer } from '../../connector/wiring/explain.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { seedSale } from '../support/seed.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await openTestDatabase();
});
afterAll(() => db.close());

it('names each step about unpaid money that is done, and why one was left out; none that is still to come', async () => {
  const { customerId, subscriptionId } = await seedSale(db);
  const step = (name: string, outcome: object | null, done: string | null) =>
    db.query(
      `insert into dunning_steps (subscription_id, about, step, position, work, due_at, done_at, outcome)
       values ($1, 'in_7', $2, 0, '{}', '2026-12-01', $3, $4::jsonb)`,
      [subscriptionId, name, done, outcome && JSON.stringify(outcome)],
    );
  await step('first_mail', { mail: 'sent' }, '2026-12-01');
  await step('second_mail', { mail: 'left_out', mailWhy: 'overtaken by last_warning' }, '2026-12-05');
  await step('access', null, null);
  const { lines } = (await explainCustomer(db, customerId))!;
  expect(lines.filter(({ subject }) => subject === 'in_7')).toEqual([
    {
      kind: 'decision',
      at: new Date('2026-12-01'),
      subject: 'in_7',
      text: 'dunning step first_mail {"mail": "sent"}',
    },
    {
      kind: 'decision',
      at: new Date('2026-12-05'),
      subject: 'in_7',
      text: 'dunning step second_mail {"mail": "left_out", "mailWhy": "overtaken by last_warning"}',
    },
  ]);
});
