/** Changes made at Stripe by other hands, in the portal and the Dashboard, are told like our own. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { confirmChange } from '../../../connector/billing/commands/confirm-change.ts';
import { previewChange } from '../../../connector/billing/commands/preview-change.ts';
import { type Scene, startScene } from './scene.ts';

let scene: Scene;
beforeAll(async () => {
  scene = await startScene();
});
afterAll(() => scene.stop());

const planChanges = async (id: number) =>
  (
    await scene.db.query<{ data: unknown }>(
      "select data from transitions where subscription_id = $1 and kind = 'plan_changed' order by id",
      [id],
    )
  ).rows.map(({ data }) => data);
const priceOf = async (key: string) => (await scene.stripe.prices.list({ lookup_keys: [key] })).data[0]!;

it('a plan chosen in the portal', async () => {
  const { subscriptionId, customerId, providerId } = await scene.buy({ plan: 'starter', interval: 'month' });
  const price = await priceOf('professional_month');
  const configuration = await scene.stripe.billingPortal.configurations.create({
    features: {
      subscription_update: {
        enabled: true,
        default_allowed_updates: ['price'],
        proration_behavior: 'always_invoice',
        products: [{ product: String(price.product), prices: [price.id] }],
      },
    },
  });
  const session = await scene.stripe.billingPortal.sessions.create({
    customer: customerId,
    configuration: configuration.id,
    return_url: 'https://shop.example.com',
  });
  expect(await (await fetch(session.url)).text()).toContain('Change plan');
  const answer = await fetch(session.url, {
    method: 'POST',
    body: new URLSearchParams({ subscription: providerId, price: price.id, action: 'change' }),
  });
  expect(answer.status).toBe(200);
  await scene.syncCustomer(customerId);
  await scene.syncCustomer(customerId);
  expect(await planChanges(subscriptionId)).toEqual([{ from: 'starter', to: 'professional' }]);
  const refused = await fetch(session.url, {
    method: 'POST',
    body: new URLSearchParams({ subscription: providerId, price: 'price_other', action: 'change' }),
  });
  expect(refused.status).toBe(400);
});

it('a subscription that is invoiced changes at once, its invoice sent', async () => {
  const price = await priceOf('starter_month');
  const made = scene.world.systems.stripe.createDashboardSubscription({
    prices: [price.id],
    collection: 'send_invoice',
    daysUntilDue: 30,
  });
  await scene.syncCustomer(made.customer!);
  const { rows } = await scene.db.query<{ id: number }>(
    'select id from subscriptions where provider_id = $1',
    [made.id],
  );
  const subscriptionId = rows[0]!.id;
  await scene.world.clock.advance(4 * 86_400_000);
  const { token, invoice } = await previewChange(scene.deps, { subscriptionId, planKey: 'professional' });
  expect((await confirmChange(scene.deps, { subscriptionId, token })).outcome).toBe('changed');
  const [sent] = (await scene.stripe.invoices.list({ subscription: made.id })).data;
  expect(sent).toMatchObject({ status: 'open', amount_due: invoice.amountDue });
});

it('a plan set in the Dashboard holds once its money is there', async () => {
  const { subscriptionId, customerId, providerId } = await scene.buy({ plan: 'starter', interval: 'month' });
  scene.world.systems.stripe.replaceCard(providerId, '4000000000000341');
  const subscription = await scene.stripe.subscriptions.retrieve(providerId);
  await scene.world.clock.advance(3 * 86_400_000);
  await scene.stripe.subscriptions.update(providerId, {
    items: [{ id: subscription.items.data[0]!.id, price: (await priceOf('enterprise_month')).id }],
    proration_behavior: 'always_invoice',
    payment_behavior: 'allow_incomplete',
  });
  await scene.syncCustomer(customerId);
  expect(await scene.row(subscriptionId)).toMatchObject({
    status: 'past_due',
    plan_key: 'enterprise',
    granted_plan_key: 'starter',
  });
  expect(await planChanges(subscriptionId)).toEqual([]);
  const [open] = (await scene.stripe.invoices.list({ subscription: providerId })).data;
  scene.world.systems.stripe.payInvoice(open!.id);
  await scene.syncCustomer(customerId);
  expect(await scene.row(subscriptionId)).toMatchObject({ granted_plan_key: 'enterprise' });
  expect(await planChanges(subscriptionId)).toEqual([{ from: 'starter', to: 'enterprise' }]);
});
