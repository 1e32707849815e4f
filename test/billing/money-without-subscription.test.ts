/** A disputed or refunded payment of an invoice that no subscription stands behind: staff hear of it all the same. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DisputeFact, MoneyReads, RefundFact } from '../../connector/billing/money/money-facts.ts';
import { createNotices } from '../../connector/billing/money/notices.ts';
import type { Transition } from '../../connector/billing/transitions.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { type SeededSale, seedSale } from '../support/seed.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await openTestDatabase();
});
afterAll(() => db.close());

const DISPUTE: DisputeFact = {
  providerId: 'du_1',
  charge: 'ch_1',
  paymentIntent: 'pi_1',
  currency: 'usd',
  amount: 900,
  status: 'needs_response',
  reason: 'fraudulent',
  evidenceDueBy: new Date('2026-12-01T00:00:00Z'),
  fundsWithdrawn: 900,
  created: new Date('2026-11-20T00:00:00Z'),
};

const REFUND: RefundFact = {
  providerId: 're_1',
  charge: 'ch_1',
  paymentIntent: 'pi_1',
  currency: 'usd',
  amount: 900,
  status: 'succeeded',
  reason: null,
  failureReason: null,
  created: new Date('2026-11-20T00:00:00Z'),
};

async function told(
  sale: Pick<SeededSale, 'customerId'>,
  dispute: DisputeFact,
  invoice: string | null,
  refund?: RefundFact,
): Promise<Transition[]> {
  const seen: Transition[] = [];
  const reads: MoneyReads = {
    refunds: async () => (refund === undefined ? [] : [refund]),
    disputes: async () => [dispute],
    creditNotes: async () => [],
    invoiceOfPayment: async () => invoice,
    customerOf: async () => sale.customerId,
  };
  const read = createNotices({ db, reads, onTransition: async (_tx, each) => void seen.push(each) });
  const notices = await read(sale.customerId, { charges: [dispute.charge], creditedInvoices: [] });
  await db.tx((tx) => notices.write(tx));
  return seen;
}

async function invoiceOf(sale: SeededSale, id: string, subscriptionId: number | null): Promise<string> {
  await db.query(
    `insert into invoices (provider_id, customer_id, subscription_id, status, currency, amount_due, amount_paid, total, created)
     values ($1, $2, $3, 'paid', 'usd', 900, 900, 900, now())`,
    [id, sale.customerId, subscriptionId],
  );
  return id;
}

describe('a dispute', () => {
  it('of an invoice made by hand is told with the customer’s subscription, and recorded as none of it', async () => {
    const sale = await seedSale(db);
    const invoice = await invoiceOf(sale, 'in_by_hand', null);
    const seen = await told(sale, DISPUTE, invoice);
    expect(seen).toMatchObject([
      { kind: 'disputed', subscriptionId: sale.subscriptionId, fact: 'du_1', data: { invoice } },
    ]);
    const { rows } = await db.query(
      'select subscription_id, invoice_id from disputes where provider_id = $1',
      ['du_1'],
    );
    expect(rows).toEqual([{ subscription_id: null, invoice_id: invoice }]);
  });

  it.each([
    ['which has no intent (an old charge)', 'du_2', null],
    ['whose intent paid none', 'du_4', 'pi_4'],
  ])('of a payment that paid no invoice is told as well: %s', async (_name, providerId, paymentIntent) => {
    const sale = await seedSale(db);
    // Nothing can be sent in any more: no day is named.
    const seen = await told(sale, { ...DISPUTE, providerId, paymentIntent, evidenceDueBy: null }, null);
    expect(seen).toMatchObject([
      {
        kind: 'disputed',
        subscriptionId: sale.subscriptionId,
        data: { invoice: null, evidenceDueBy: null },
      },
    ]);
  });

  it('and a refund of a customer who never had a plan of ours are recorded, and told nobody', async () => {
    await db.query("insert into customers (id) values ('cus_shop')");
    const dispute = { ...DISPUTE, providerId: 'du_5', paymentIntent: 'pi_5' };
    expect(
      await told({ customerId: 'cus_shop' }, dispute, null, { ...REFUND, paymentIntent: 'pi_5' }),
    ).toEqual([]);
    const { rows } = await db.query(
      `select provider_id from refunds where customer_id = 'cus_shop'
       union all select provider_id from disputes where customer_id = 'cus_shop'`,
    );
    expect(rows).toEqual([{ provider_id: 're_1' }, { provider_id: 'du_5' }]);
  });

  it('of a product we do not sell is not told', async () => {
    const sale = await seedSale(db);
    const { rows } = await db.query<{ id: number }>(
      `insert into subscriptions (provider_id, customer_id, organisation_id, currency, recurring_amount, status, created)
       values ('sub_mug', $1, $2, 'usd', 900, 'active', now()) returning id`,
      [sale.customerId, sale.organisationId],
    );
    const invoice = await invoiceOf(sale, 'in_mug', rows[0]!.id);
    expect(await told(sale, { ...DISPUTE, providerId: 'du_3', paymentIntent: 'pi_3' }, invoice)).toEqual([]);
  });
});
