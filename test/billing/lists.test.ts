/** Operators' lists of customers and subscriptions: each filter alone, and page after page. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { listCustomers } from '../../connector/billing/customers.ts';
import { listSubscriptions } from '../../connector/billing/list-subscriptions.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { type SeededSale, seedSale } from '../support/seed.ts';

let db: TestDatabase;
let first: SeededSale;
let second: SeededSale;
beforeAll(async () => {
  db = await openTestDatabase();
  first = await seedSale(db, { organisation: 'Alpha Works' });
  second = await seedSale(db, { organisation: 'Beta Bridges', status: 'past_due' });
  await db.query('update customers set parked_at = now() where id = $1', [second.customerId]);
});
afterAll(() => db.close());

it('subscriptions, newest first', async () => {
  const ids = async (filter: Partial<Parameters<typeof listSubscriptions>[1]>) =>
    (await listSubscriptions(db, { limit: 10, ...filter })).map(({ id }) => id);
  const [older, newer] = [first.subscriptionId, second.subscriptionId];
  expect(await ids({})).toEqual([newer, older]);
  expect(await ids({ limit: 1 })).toEqual([newer]);
  expect(await ids({ before: newer })).toEqual([older]);
  expect(await ids({ status: 'past_due' })).toEqual([newer]);
  expect(await ids({ customerId: first.customerId })).toEqual([older]);
  expect(await ids({ customerId: first.customerId, status: 'past_due' })).toEqual([]);
});

it('customers, by id', async () => {
  const ids = async (filter: Partial<Parameters<typeof listCustomers>[1]>) =>
    (await listCustomers(db, { limit: 10, ...filter })).map(({ id }) => id);
  const all = [first.customerId, second.customerId].sort();
  expect(await ids({})).toEqual(all);
  expect(await ids({ after: all[0]! })).toEqual([all[1]]);
  expect(await ids({ search: 'beta' })).toEqual([second.customerId]);
  expect(await ids({ parked: true })).toEqual([second.customerId]);
  expect(await ids({ parked: true, search: 'alpha' })).toEqual([]);
});
