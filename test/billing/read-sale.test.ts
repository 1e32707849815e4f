/** What provisioning and the ERP read of a sale and of an order, also where the catalogue has moved on or data are gone. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadCatalogue } from '../../connector/billing/plans.ts';
import { readOrder } from '../../connector/billing/read-order.ts';
import { readSale } from '../../connector/billing/read-sale.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { seedSale } from '../support/seed.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await openTestDatabase();
});
afterAll(() => db.close());

const catalogue = loadCatalogue('mappings/plans.json');

describe('a sale', () => {
  it('names its plan by the catalogue, and by its key once it is no longer sold', async () => {
    const sold = await seedSale(db);
    expect(await readSale(db, { subscriptionId: sold.subscriptionId, catalogue })).toMatchObject({
      orderId: sold.orderId,
      planKey: 'starter',
      planName: 'Starter',
      stakeholders: [{ name: 'Ines Manager' }, { name: 'Lars Lead' }],
      firstInvoice: { amountPaid: 175_000, paidAt: expect.any(Date) },
    });
    const older = await seedSale(db, { planKey: 'founders' });
    expect(await readSale(db, { subscriptionId: older.subscriptionId, catalogue })).toMatchObject({
      planName: 'founders',
    });
  });

  it('may have nobody named any more', async () => {
    const { subscriptionId } = await seedSale(db, { stakeholders: [] });
    expect((await readSale(db, { subscriptionId, catalogue })).stakeholders).toEqual([]);
  });

  it.each([
    ['never ordered', 'update subscriptions set order_id = null where id = $1'],
    ['not paid yet', "update invoices set status = 'open' where subscription_id = $1"],
  ])('that was %s is none', async (_name, change) => {
    const { subscriptionId } = await seedSale(db);
    await db.query(change, [subscriptionId]);
    await expect(readSale(db, { subscriptionId, catalogue })).rejects.toMatchObject({
      kind: 'absent',
      code: 'sale_not_found',
    });
  });
});

describe('an order', () => {
  it('comes to set-up and first period, for each user', async () => {
    const { orderId } = await seedSale(db);
    await db.query('update orders set quantity = 3 where id = $1', [orderId]);
    expect(await readOrder(db, { orderId, catalogue })).toMatchObject({
      planName: 'Starter',
      amount: 150_000 + 3 * 25_000,
      currency: 'usd',
    });
  });

  it('of a plan that is not sold any more, or not so, has a name and no amount', async () => {
    const { orderId } = await seedSale(db, { planKey: 'founders' });
    expect(await readOrder(db, { orderId, catalogue })).toMatchObject({ planName: 'founders', amount: null });
    const { orderId: inFrancs } = await seedSale(db);
    await db.query("update orders set currency = 'chf' where id = $1", [inFrancs]);
    expect(await readOrder(db, { orderId: inFrancs, catalogue })).toMatchObject({
      planName: 'Starter',
      amount: null,
      currency: 'chf',
    });
  });

  it('that is forgotten is not there', async () => {
    expect(await readOrder(db, { orderId: 999_999, catalogue })).toBeUndefined();
  });
});
