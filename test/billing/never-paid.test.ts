import { afterAll, beforeAll, expect, it } from 'vitest';
import { removeNeverPaid } from '../../connector/billing/never-paid.ts';
import type { OnOrder } from '../../connector/billing/order-stage.ts';
import { issueOrganisationToken } from '../../connector/billing/organisation-token.ts';
import { ConnectorError } from '../../connector/errors.ts';
import { CONNECTOR_SECRET, type Front, orderBody, startFront } from '../support/front.ts';

let front: Front;
beforeAll(async () => {
  front = await startFront();
});
afterAll(() => front.stop());

const TABLES = ['organisations', 'projects', 'stakeholders', 'orders', 'checkout_sessions'] as const;

async function rows() {
  const counts: Record<string, number> = {};
  for (const table of TABLES) {
    const found = await front.db.query<{ n: number }>(`select count(*)::int as n from ${table}`);
    counts[table] = found.rows[0]!.n;
  }
  return counts;
}

const sessionOf = (id: string) => front.world.systems.stripe.sessions().find((each) => each.id === id)!;
const customersLeft = async () => {
  const { data } = await front.stripe.customers.list({ limit: 100 });
  return data.map(({ id }) => id);
};
const days = (count: number) => front.world.clock.advance(count * 86_400_000);

it('forgets an order never paid once its link has expired, with everything it made, and nothing before', async () => {
  const before = await rows();
  const { body } = await front.post(orderBody());
  // Another, which looks like it, and which is paid.
  const paid = await front.post(orderBody());
  const customer = String(sessionOf(body.session_id).customer);
  await front.db.query(
    `update organisations set looks_like_duplicate_of = (select id from organisations where provider_customer_id = $1)
      where provider_customer_id = $2`,
    [customer, sessionOf(paid.body.session_id).customer],
  );
  front.pay(paid.body.session_id);
  await front.sync(paid.body.session_id);
  await front.sync(body.session_id);
  await days(59);
  expect(await removeNeverPaid(front.deps)).toBe(0);
  await days(2);
  expect(await removeNeverPaid(front.deps)).toBe(1);
  expect(await rows()).toEqual({
    organisations: before.organisations! + 1,
    projects: before.projects! + 1,
    stakeholders: before.stakeholders! + 2,
    orders: before.orders! + 1,
    checkout_sessions: before.checkout_sessions! + 1,
  });
  expect(await customersLeft()).not.toContain(customer);
  expect(await customersLeft()).toContain(sessionOf(paid.body.session_id).customer);
  expect(await removeNeverPaid(front.deps)).toBe(0);
});

it('keeps a paid organisation, of which one more order was never paid', async () => {
  const first = await front.post(orderBody());
  front.pay(first.body.session_id);
  await front.sync(first.body.session_id);
  const { rows: owners } = await front.db.query<{ id: number }>(
    'select id from organisations where provider_customer_id = $1',
    [sessionOf(first.body.session_id).customer],
  );
  const token = issueOrganisationToken(
    { connectorSecrets: [CONNECTOR_SECRET], now: front.deps.now },
    owners[0]!.id,
  );
  const before = await rows();
  await front.post(orderBody(), { authorization: `Bearer ${token}` });
  await days(61);
  expect(await removeNeverPaid(front.deps)).toBe(1);
  expect(await rows()).toEqual(before);
  expect(await customersLeft()).toContain(sessionOf(first.body.session_id).customer);
});

it('keeps what the provider knows of and we do not: a payment, an invoice of staff', async () => {
  const paid = await front.post(orderBody());
  front.pay(paid.body.session_id);
  const billed = await front.post(orderBody());
  const customer = String(sessionOf(billed.body.session_id).customer);
  await front.stripe.subscriptions.create({
    customer,
    collection_method: 'send_invoice',
    days_until_due: 30,
    items: [{ price: (await front.gateway.prices(['starter_month'])).starter_month! }],
  });
  const before = await rows();
  await days(61);
  // Its project goes, its organisation stays.
  expect(await removeNeverPaid(front.deps)).toBe(1);
  expect(await rows()).toEqual({
    ...before,
    projects: before.projects! - 1,
    stakeholders: before.stakeholders! - 2,
    orders: before.orders! - 1,
    checkout_sessions: before.checkout_sessions! - 1,
  });
  expect(await customersLeft()).toContain(customer);
  expect(await front.sync(paid.body.session_id)).toBe(sessionOf(paid.body.session_id).customer);
});

it('goes on the next night when Stripe was away', async () => {
  await front.post(orderBody());
  await days(61);
  front.world.faults.add({ system: 'stripe', times: 50, kind: 'server_error' });
  await expect(removeNeverPaid(front.deps)).rejects.toMatchObject({ kind: 'retryable' });
  front.world.faults.clear();
  expect(await removeNeverPaid(front.deps)).toBe(1);
});

it('keeps an order that is paid in that very moment, and tells nobody that it is forgotten', async () => {
  const { body } = await front.post(orderBody());
  await days(61);
  const before = await rows();
  const told: number[] = [];
  const gateway = {
    ...front.gateway,
    async deleteUnusedCustomer() {
      const orderId = sessionOf(body.session_id).metadata!.order_id;
      await front.db.query("update orders set state = 'paid' where id = $1", [orderId]);
      return false;
    },
  };
  const onOrder: OnOrder = async (_tx, { orderId }) => {
    told.push(orderId);
    return () => {};
  };
  expect(await removeNeverPaid({ ...front.deps, gateway, onOrder })).toBe(0);
  expect(told).toEqual([]);
  expect(await rows()).toEqual(before);
});

it('one that cannot be forgotten keeps no other from it', async () => {
  const first = await front.post(orderBody());
  const second = await front.post(orderBody());
  await days(61);
  const stuck = String(sessionOf(first.body.session_id).customer);
  const told: string[] = [];
  const gateway = {
    ...front.gateway,
    async deleteUnusedCustomer(input: { customerId: string; organisationId: number }) {
      if (input.customerId === stuck)
        throw new ConnectorError({ kind: 'permanent', code: 'stripe_permission', message: 'may not delete' });
      return front.gateway.deleteUnusedCustomer(input);
    },
  };
  const onOrder: OnOrder = async (_tx, { orderId }) => {
    told.push(String(orderId));
    return () => {};
  };
  expect(await removeNeverPaid({ ...front.deps, gateway, onOrder })).toBe(1);
  expect(told).toEqual([sessionOf(second.body.session_id).metadata!.order_id]);
  expect(await customersLeft()).toContain(stuck);
  expect(await removeNeverPaid(front.deps)).toBe(1);
});

it('the look for a duplicate uses its indexes', async () => {
  await front.db.query(
    `insert into organisations (name, country, vat_id, contact_name, contact_email)
     select 'Junk ' || n, 'DE', 'DE' || n, 'x', 'x@junk' || n || '.example' from generate_series(1, 5000) n`,
  );
  await front.db.query('analyze organisations');
  const { rows: plan } = await front.db.query<{ 'QUERY PLAN': string }>(
    `explain select id from organisations where upper(regexp_replace(vat_id, '[^A-Za-z0-9]', '', 'g')) = 'X'
     union all select id from organisations where lower(name) = lower('Y') and country = 'DE'
     union all select id from organisations where lower(split_part(contact_email, '@', 2)) = 'z.example'`,
  );
  const text = plan.map((row) => row['QUERY PLAN']).join('\n');
  expect(text).not.toContain('Seq Scan');
  const { body } = await front.post(
    orderBody({
      organisation: {
        name: 'Other',
        country: 'DE',
        vat_id: 'de-4711',
        contact_name: 'N',
        contact_email: 'n@other.example',
      },
    }),
  );
  const { rows: found } = await front.db.query<{ name: string }>(
    `select d.name from organisations o join organisations d on d.id = o.looks_like_duplicate_of
      where o.provider_customer_id = $1`,
    [sessionOf(body.session_id).customer],
  );
  expect(found).toEqual([{ name: 'Junk 4711' }]);
});
