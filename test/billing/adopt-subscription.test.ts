/** Staff press Provision on a subscription made in the Dashboard: it becomes a sale, or they read what is missing. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BillingCustomer } from '../../connector/billing/account/gateway.ts';
import { adoptSubscription } from '../../connector/billing/adopt-subscription.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await openTestDatabase();
});
afterAll(() => db.close());

const ADDRESS = {
  line1: 'Quay 1',
  line2: null,
  postal_code: '2000',
  city: 'Antwerp',
  state: null,
  country: 'BE',
};
const CUSTOMER: BillingCustomer = {
  name: 'Dashboard Works',
  email: 'dash@works.example',
  address: ADDRESS,
  taxIds: [],
  paymentMethod: null,
};
const now = () => new Date('2026-11-21T12:00:00Z');

let count = 0;
/** A subscription as the sync leaves it that found no order for it. */
async function unordered(
  change: { status?: string; planKey?: string | null; interval?: string | null; organisation?: boolean } = {},
) {
  const { status = 'active', planKey = 'starter', interval = 'month' } = change;
  count += 1;
  const customerId = `cus_dash${count}`;
  const one = async (text: string, params: readonly unknown[]) =>
    (await db.query<{ id: number }>(text, params)).rows[0]!.id;
  const organisationId = change.organisation
    ? await one(
        `insert into organisations (provider_customer_id, name, country, contact_name, contact_email)
         values ($1, 'Known Works', 'BE', 'Ada', 'ada@known.example') returning id`,
        [customerId],
      )
    : null;
  await db.query('insert into customers (id, organisation_id) values ($1, $2)', [customerId, organisationId]);
  const subscriptionId = await one(
    `insert into subscriptions (provider_id, customer_id, plan_key, billing_interval, quantity, currency,
       recurring_amount, status, created) values ($1, $2, $3, $4, 3, 'usd', 25000, $5, $6) returning id`,
    [`sub_dash${count}`, customerId, planKey, interval, status, now()],
  );
  return { customerId, subscriptionId, organisationId };
}

async function adopt(subscriptionId: number, customer: BillingCustomer | null = CUSTOMER) {
  const synced: string[] = [];
  const adopted = await adoptSubscription(
    { db, now, customer: async () => customer, syncNow: async (id) => void synced.push(id) },
    subscriptionId,
  );
  return { ...adopted, synced };
}

async function saleOf(subscriptionId: number) {
  const { rows } = await db.query<Record<string, unknown>>(
    `select g.id as "organisationId", g.provider_customer_id as customer, g.name, g.country, g.vat_id as vat,
            g.contact_name as contact, g.contact_email as email, p.code, o.plan_key as plan, o.quantity,
            (select jsonb_agg(jsonb_build_array(k.email, k.role)) from stakeholders k where k.project_id = p.id) as people
       from subscriptions s join orders o on o.id = s.order_id join organisations g on g.id = s.organisation_id
       join projects p on p.id = s.project_id where s.id = $1`,
    [subscriptionId],
  );
  return rows[0];
}

const orders = async () => (await db.query('select 1 from orders')).rowCount;

describe('a subscription without an order', () => {
  it('of a customer we do not know becomes a sale to a new organisation, bound to that Stripe customer', async () => {
    const { subscriptionId, customerId } = await unordered();
    const customer = { ...CUSTOMER, taxIds: [{ type: 'eu_vat', value: 'BE0123456789' }] };
    expect(await adopt(subscriptionId, customer)).toMatchObject({
      already: false,
      paid: false,
      project: `Dashboard Works (SUB-${subscriptionId})`,
      synced: [customerId],
    });
    expect(await saleOf(subscriptionId)).toMatchObject({
      customer: customerId,
      name: 'Dashboard Works',
      country: 'BE',
      vat: 'BE0123456789',
      contact: 'Dashboard Works',
      email: 'dash@works.example',
      code: `SUB-${subscriptionId}`,
      plan: 'starter',
      quantity: 3,
      people: [['dash@works.example', 'information_manager']],
    });
  });

  it('of an organisation of ours is sold to that one, whose data stay as they are', async () => {
    const { subscriptionId, organisationId } = await unordered({ organisation: true });
    await db.query(
      `insert into invoices (provider_id, customer_id, subscription_id, status, currency, amount_due, amount_paid, total, created)
       select 'in_dash', customer_id, id, 'paid', 'usd', 100, 100, 100, now() from subscriptions where id = $1`,
      [subscriptionId],
    );
    expect((await adopt(subscriptionId)).paid).toBe(true);
    expect(await saleOf(subscriptionId)).toMatchObject({ organisationId, name: 'Known Works' });
  });

  it('is adopted once, however often staff press', async () => {
    const { subscriptionId } = await unordered();
    const first = await adopt(subscriptionId);
    const before = await orders();
    // The customer may be gone by then: nothing more is asked of Stripe.
    expect(await adopt(subscriptionId, null)).toMatchObject({ orderId: first.orderId, already: true });
    const together = await unordered();
    const both = await Promise.all([adopt(together.subscriptionId), adopt(together.subscriptionId)]);
    expect(both.map(({ already }) => already).sort()).toEqual([false, true]);
    expect(both[0]!.orderId).toBe(both[1]!.orderId);
    expect(await orders()).toBe(before + 1);
  });

  it('of a customer without a name has the address in its place', async () => {
    const { subscriptionId } = await unordered();
    await adopt(subscriptionId, { ...CUSTOMER, name: null });
    expect(await saleOf(subscriptionId)).toMatchObject({ name: 'dash@works.example' });
  });
});

describe('what cannot be adopted is named, and nothing is written', () => {
  it.each<[string, Parameters<typeof unordered>[0], BillingCustomer | null]>([
    ['customer_gone', {}, null],
    ['subscription_ended', { status: 'canceled' }, CUSTOMER],
    ['subscription_not_ours', { planKey: null }, CUSTOMER],
    ['subscription_not_ours', { interval: null }, CUSTOMER],
  ])('%s', async (code, change, customer) => {
    const { subscriptionId } = await unordered(change);
    const before = await orders();
    await expect(adopt(subscriptionId, customer)).rejects.toMatchObject({ kind: 'conflict', code });
    expect(await orders()).toBe(before);
  });

  it('subscription_not_found', async () => {
    await expect(adopt(999_999)).rejects.toMatchObject({ kind: 'absent', code: 'subscription_not_found' });
  });

  it.each([
    ['e-mail address', { email: null }],
    ['country', { address: null }],
    ['country', { address: { ...ADDRESS, country: null } }],
    ['tax id', { taxIds: [{ type: 'xx_vat', value: '?' }] }],
    ['name, country, e-mail address', { name: null, email: null, address: null }],
  ])('customer_incomplete: %s', async (missing, change) => {
    const { subscriptionId } = await unordered();
    await expect(adopt(subscriptionId, { ...CUSTOMER, ...change })).rejects.toMatchObject({
      code: 'customer_incomplete',
      message: expect.stringMatching(new RegExp(`: ${missing}\\.$`)),
      advice: expect.stringContaining('press Provision again'),
    });
  });
});
