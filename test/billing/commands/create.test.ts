import { afterAll, beforeAll, expect, it } from 'vitest';
import { createSubscription } from '../../../connector/billing/commands/create.ts';
import { removeNeverPaid } from '../../../connector/billing/never-paid.ts';
import { createLog } from '../../../connector/log.ts';
import { type Scene, startScene } from './scene.ts';

let scene: Scene;
beforeAll(async () => {
  scene = await startScene();
});
afterAll(() => scene.stop());

const plan = { planKey: 'starter', interval: 'month' } as const;

it('charges the card on file, set-up included, and provisions for the named project', async () => {
  const { customerId, subscriptionId } = await scene.buy();
  const projectId = Number((await scene.row(subscriptionId)).project_id);
  const input = { customerId, wanted: plan, projectId, requestId: 'first' };
  const made = await createSubscription(scene.deps, input);
  expect(made).toMatchObject({ status: 'active', customerId });
  const invoices = await scene.stripe.invoices.list({ subscription: made.providerId });
  expect(invoices.data.map(({ amount_paid }) => amount_paid)).toEqual([175_000]);
  const row = (
    await scene.db.query<{ id: number }>('select * from subscriptions where provider_id = $1', [
      made.providerId,
    ])
  ).rows[0]!;
  expect(row).toMatchObject({ plan_key: 'starter', project_id: projectId, access: 'provisioning' });
  expect(await scene.transitions(row.id)).toEqual(expect.arrayContaining(['paid', 'won']));
  // The same wish again makes nothing.
  expect((await createSubscription(scene.deps, input)).providerId).toBe(made.providerId);
});

it.each([
  ['none', 25_000],
  ['full', 175_000],
] as const)('with returnSetup %s who comes back pays %i', async (returnSetup, paid) => {
  const { customerId, subscriptionId, providerId } = await scene.buy();
  const projectId = Number((await scene.row(subscriptionId)).project_id);
  await scene.stripe.subscriptions.cancel(providerId);
  await scene.deps.syncNow(customerId);
  const { catalogue } = scene.deps;
  const made = await createSubscription(
    { ...scene.deps, catalogue: { ...catalogue, changes: { ...catalogue.changes, returnSetup } } },
    { customerId, wanted: plan, projectId, requestId: `back_${returnSetup}` },
  );
  const invoices = await scene.stripe.invoices.list({ subscription: made.providerId });
  expect(invoices.data.map(({ amount_paid }) => amount_paid)).toEqual([paid]);
});

it('without a project it is recorded and staff are asked', async () => {
  const { customerId } = await scene.buy();
  const made = await createSubscription(scene.deps, {
    customerId,
    wanted: plan,
    setup: false,
    trialDays: 14,
    requestId: 'second',
  });
  expect(made.status).toBe('trialing');
  const { rows } = await scene.db.query<{ id: number }>(
    'select id from subscriptions where provider_id = $1',
    [made.providerId],
  );
  expect(await scene.transitions(rows[0]!.id)).toContain('unordered');
});

it('a refused card leaves nothing, and the next try is a new one', async () => {
  const { customerId, subscriptionId, providerId } = await scene.buy();
  const projectId = Number((await scene.row(subscriptionId)).project_id);
  const input = { customerId, wanted: plan, projectId, requestId: 'third' };
  const good = (await scene.stripe.subscriptions.retrieve(providerId)).default_payment_method;
  const orders = async () =>
    (await scene.db.query('select 1 from orders where request_id = $1', ['third'])).rowCount;
  scene.world.systems.stripe.replaceCard(providerId, '4000000000000341');
  const subscription = await scene.stripe.subscriptions.retrieve(providerId);
  await scene.stripe.customers.update(customerId, {
    invoice_settings: { default_payment_method: String(subscription.default_payment_method) },
  });
  await expect(createSubscription(scene.deps, input)).rejects.toMatchObject({ code: 'stripe_card' });
  expect(await orders()).toBe(0);
  expect((await scene.stripe.subscriptions.list({ customer: customerId, status: 'all' })).data).toHaveLength(
    1,
  );
  await scene.stripe.customers.update(customerId, {
    invoice_settings: { default_payment_method: String(good) },
  });
  expect((await createSubscription(scene.deps, input)).status).toBe('active');
  expect(await orders()).toBe(1);
});

it('whose answer was lost leaves an order that is forgotten, and the project as it was', async () => {
  const { customerId, subscriptionId } = await scene.buy();
  const projectId = Number((await scene.row(subscriptionId)).project_id);
  const lost = { ...scene.deps.gateway, create: () => Promise.reject(new TypeError('the connection broke')) };
  const input = { customerId, wanted: plan, projectId, requestId: 'fourth' };
  await expect(createSubscription({ ...scene.deps, gateway: lost }, input)).rejects.toThrow('broke');
  await scene.world.clock.advance(61 * 86_400_000);
  const { gateway, db } = scene;
  const log = createLog({ level: 'silent' });
  expect(await removeNeverPaid({ db, gateway, now: scene.deps.now, log })).toBe(1);
  const count = async (sql: string) => (await scene.db.query(sql, [projectId])).rowCount;
  expect(await count('select 1 from projects where id = $1')).toBe(1);
  expect(await count('select 1 from stakeholders where project_id = $1')).toBe(2);
  expect(await count('select 1 from orders where project_id = $1')).toBe(1);
});

it('without a card only a trial is begun, in the catalogue’s own currency', async () => {
  const { id: customerId } = await scene.stripe.customers.create({
    name: 'No card',
    email: 'no@card.example',
  });
  await scene.syncCustomer(customerId);
  const input = { customerId, wanted: plan, requestId: 'no-card' };
  await expect(createSubscription(scene.deps, input)).rejects.toMatchObject({ code: 'no_payment_method' });
  // Its set-up would be charged at once.
  const trial = { ...input, trialDays: 7 };
  await expect(createSubscription(scene.deps, trial)).rejects.toMatchObject({ code: 'no_payment_method' });
  const made = await createSubscription(scene.deps, { ...trial, setup: false });
  expect(made).toMatchObject({ status: 'trialing', currency: scene.catalogue.currency });
});

it('of one of Stripe’s prices is made at that price, without set-up, and ordered by nobody', async () => {
  const { customerId, subscriptionId } = await scene.buy();
  const projectId = Number((await scene.row(subscriptionId)).project_id);
  const { professional_month: priceId } = await scene.deps.gateway.prices(['professional_month']);
  const orders = async () => (await scene.db.query('select 1 from orders')).rowCount;
  const before = await orders();
  const wanted = { priceId: priceId! };
  const made = await createSubscription(scene.deps, { customerId, wanted, projectId, requestId: 'price' });
  const invoices = await scene.stripe.invoices.list({ subscription: made.providerId });
  expect(invoices.data.map(({ amount_paid }) => amount_paid)).toEqual([50_000]);
  expect(await orders()).toBe(before);
});

it('of a plan that is not priced per user is one, whatever is asked for', async () => {
  const { customerId, subscriptionId } = await scene.buy();
  const projectId = Number((await scene.row(subscriptionId)).project_id);
  const { providerId } = await createSubscription(scene.deps, {
    customerId,
    wanted: plan,
    quantity: 5,
    projectId,
    requestId: 'flat',
  });
  const [invoice] = (await scene.stripe.invoices.list({ subscription: providerId })).data;
  expect(invoice).toMatchObject({ amount_paid: 150_000 + 25_000 });
  const { rows } = await scene.db.query("select quantity from orders where request_id = 'flat'");
  expect(rows).toEqual([{ quantity: 1 }]);
});

it('names what is missing', async () => {
  const { customerId } = await scene.buy();
  const refused = (change: object) =>
    expect(createSubscription(scene.deps, { customerId, wanted: plan, requestId: 'x', ...change })).rejects;
  await refused({ customerId: 'cus_none' }).toMatchObject({ code: 'customer_not_found' });
  await refused({ wanted: { planKey: 'gold', interval: 'month' } }).toMatchObject({ code: 'tier_not_found' });
  const catalogue = {
    ...scene.catalogue,
    plans: scene.catalogue.plans.map((each) => ({ ...each, prices: { month: each.prices.month! } })),
  };
  await expect(
    createSubscription(
      { ...scene.deps, catalogue },
      { customerId, wanted: { planKey: 'starter', interval: 'year' }, requestId: 'x' },
    ),
  ).rejects.toMatchObject({ code: 'no_price_for_tier' });
  await refused({ projectId: 99_999 }).toMatchObject({ code: 'project_not_found' });
});
