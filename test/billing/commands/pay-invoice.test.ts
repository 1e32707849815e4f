/** An open invoice tried again: what is answered, and under which idempotency key the next try goes. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { payInvoice } from '../../../connector/billing/commands/pay-invoice.ts';
import { ConnectorError, type ErrorKind } from '../../../connector/errors.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { seedSale } from '../../support/seed.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await openTestDatabase();
});
afterAll(() => db.close());

/** Stripe's answers to one try after another; nothing left to answer: it is paid. */
async function invoice(status: string, ...answers: readonly ConnectorError[]) {
  const { customerId } = await seedSale(db);
  const invoiceId = customerId.replace('cus', 'in');
  await db.query('update invoices set status = $2, hosted_invoice_url = $3 where provider_id = $1', [
    invoiceId,
    status,
    'https://invoice.stripe.com/i/x',
  ]);
  const keys: string[] = [];
  const synced: string[] = [];
  const left = [...answers];
  const deps = {
    db,
    installation: 'test',
    syncNow: async (id: string) => void synced.push(id),
    payments: {
      async pay(_input: unknown, key: string) {
        keys.push(key);
        const answer = left.shift();
        if (answer !== undefined) throw answer;
        return { status: 'paid' };
      },
    },
  };
  return {
    customerId,
    keys,
    synced,
    pay: (input: { customerId?: string; paymentMethod?: string } = {}) =>
      payInvoice(deps, { invoiceId, ...input }),
  };
}

const answer = (kind: ErrorKind, code: string, details?: Record<string, unknown>) =>
  new ConnectorError({ kind, code, message: code, ...(details !== undefined && { details }) });
const declined = answer('permanent', 'stripe_card', { status: 402, stripeCode: 'card_declined' });

describe('an invoice', () => {
  it.each(['draft', 'void'])('that is %s cannot be paid, and Stripe is not asked', async (status) => {
    const { pay, keys, synced } = await invoice(status);
    await expect(pay()).rejects.toMatchObject({ kind: 'conflict', code: 'invoice_not_open' });
    expect([keys, synced]).toEqual([[], []]);
  });

  it('that was written off can', async () => {
    const { pay } = await invoice('uncollectible');
    expect(await pay()).toEqual({ status: 'paid' });
  });

  it('of another customer is not there', async () => {
    const { pay, keys } = await invoice('open');
    await expect(pay({ customerId: 'cus_other' })).rejects.toMatchObject({ code: 'invoice_not_found' });
    expect(keys).toEqual([]);
  });

  it('that somebody has just paid is paid', async () => {
    const { pay, synced, customerId } = await invoice(
      'open',
      answer('permanent', 'stripe_invalid_request', { status: 400, stripeCode: 'invoice_already_paid' }),
    );
    expect(await pay({ customerId })).toEqual({ status: 'paid' });
    expect(synced).toEqual([customerId]);
  });

  it.each([
    ['payment_declined', declined],
    [
      'payment_action_required',
      answer('permanent', 'stripe_card', { status: 402, stripeCode: 'authentication_required' }),
    ],
  ])('%s: the customer is sent to its page', async (code, refusal) => {
    const { pay } = await invoice('open', refusal);
    await expect(pay()).rejects.toMatchObject({
      kind: 'permanent',
      code,
      details: { hostedInvoiceUrl: 'https://invoice.stripe.com/i/x' },
    });
  });

  it('what is wrong with our key or request is told as it is', async () => {
    const { pay } = await invoice('open', answer('permanent', 'stripe_permission', { status: 403 }));
    await expect(pay()).rejects.toMatchObject({ code: 'stripe_permission' });
  });
});

describe('the next try', () => {
  it('after a final answer has another key: Stripe would repeat the decline', async () => {
    const { pay, keys } = await invoice('open', declined);
    await expect(pay()).rejects.toMatchObject({ code: 'payment_declined' });
    expect(await pay()).toEqual({ status: 'paid' });
    expect(new Set(keys).size).toBe(2);
  });

  it('after a time-out has the same key: the money may have moved', async () => {
    const { pay, keys, synced } = await invoice('open', answer('retryable', 'stripe_unreachable'));
    await expect(pay()).rejects.toMatchObject({ code: 'stripe_unreachable' });
    expect(await pay()).toEqual({ status: 'paid' });
    expect(new Set(keys).size).toBe(1);
    expect(synced).toHaveLength(2);
  });

  it('with another card has another key', async () => {
    const { pay, keys } = await invoice('open', answer('retryable', 'stripe_unreachable'));
    await expect(pay()).rejects.toMatchObject({ kind: 'retryable' });
    await pay({ paymentMethod: 'pm_other' });
    expect(new Set(keys).size).toBe(2);
  });
});
