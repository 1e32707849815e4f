/** Promotion codes: typed at the checkout, redeemed for a running subscription, shown and dropped. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { confirmChange } from '../../../connector/billing/commands/confirm-change.ts';
import { createSubscription } from '../../../connector/billing/commands/create.ts';
import { previewChange } from '../../../connector/billing/commands/preview-change.ts';
import { dropDiscounts, redeemPromotionCode } from '../../../connector/billing/commands/promotion-code.ts';
import { createAccountGateway } from '../../../connector/stripe/billing-account.ts';
import { orderBody } from '../../support/front.ts';
import { type Scene, startScene } from './scene.ts';

let scene: Scene;
beforeAll(async () => {
  scene = await startScene();
  for (const [code, coupon] of [
    ['FIFTH', { percent_off: 20, duration: 'forever', name: 'A fifth off' }],
    ['ONCE40', { amount_off: 4_000, currency: 'usd', duration: 'once' }],
    ['WHOLE', { percent_off: 100, duration: 'once' }],
  ] as const) {
    const { id } = await scene.stripe.coupons.create(coupon);
    await scene.stripe.promotionCodes.create({ code, promotion: { type: 'coupon', coupon: id } });
  }
});
afterAll(() => scene.stop());

const newest = async (subscription: string) => (await scene.stripe.invoices.list({ subscription })).data[0]!;

it('typed at the checkout lowers what is paid', async () => {
  const { body } = await scene.post(orderBody({ plan: 'starter', interval: 'month' }));
  expect(scene.world.systems.stripe.sessions().find(({ id }) => id === body.session_id)).toMatchObject({
    allow_promotion_codes: true,
  });
  scene.world.systems.stripe.payCheckout(body.session_id, { promotionCode: 'fifth' });
  const customerId = await scene.sync(body.session_id);
  const { data } = await scene.stripe.invoices.list({ customer: customerId });
  // Set-up and first month, a fifth less.
  expect(data[0]).toMatchObject({ subtotal: 175_000, amount_paid: 140_000 });
});

it('for everything still starts the customer’s set-up', async () => {
  const { body } = await scene.post(orderBody({ plan: 'starter', interval: 'month' }));
  scene.world.systems.stripe.payCheckout(body.session_id, { promotionCode: 'WHOLE' });
  const customerId = await scene.sync(body.session_id);
  const { rows } = await scene.db.query(
    `select r.kind from runs r join subscriptions s on s.id = r.subscription_id where s.customer_id = $1`,
    [customerId],
  );
  expect(rows).toEqual([{ kind: 'provision' }]);
});

it('redeemed later lowers the next invoice, is part of a change’s preview to the cent, and can be dropped', async () => {
  const { subscriptionId, providerId } = await scene.buy({ plan: 'starter', interval: 'month' });
  await expect(redeemPromotionCode(scene.deps, { subscriptionId, code: 'NOBODYS' })).rejects.toMatchObject({
    code: 'promotion_code_invalid',
  });
  const live = await redeemPromotionCode(scene.deps, { subscriptionId, code: 'fifth' });
  expect(live.discounts).toEqual([
    { name: 'A fifth off', code: 'FIFTH', percentOff: 20, amountOff: null, endsAt: null, once: false },
  ]);
  expect((await redeemPromotionCode(scene.deps, { subscriptionId, code: 'FIFTH' })).discounts).toHaveLength(
    1,
  );
  const { total_discount_amounts, total } = await scene.stripe.invoices.createPreview({
    subscription: providerId,
  });
  expect([total, total_discount_amounts![0]!.amount]).toEqual([20_000, 5_000]);

  await scene.world.clock.advance(5 * 86_400_000);
  const preview = await previewChange(scene.deps, { subscriptionId, planKey: 'professional' });
  const { invoice } = preview;
  // What was paid in full is credited in full, what is charged now is a fifth less: no fifth of 50,000 for the whole month.
  expect(invoice.amountDue).toBe(
    invoice.lines.reduce((sum, { amount }) => sum + amount, 0) - invoice.discount,
  );
  expect(invoice.amountDue).toBeLessThan(15_000);
  await confirmChange(scene.deps, { subscriptionId, token: preview.token });
  expect((await newest(providerId)).amount_paid).toBe(invoice.amountDue);

  expect((await dropDiscounts(scene.deps, { subscriptionId })).discounts).toEqual([]);
  expect((await dropDiscounts(scene.deps, { subscriptionId })).discounts).toEqual([]);
  expect((await scene.stripe.invoices.createPreview({ subscription: providerId })).total).toBe(50_000);
});

it('stays with a subscription whose change is arranged, and with the plan that comes', async () => {
  const { subscriptionId, providerId, customerId } = await scene.buy({
    plan: 'professional',
    interval: 'month',
  });
  await redeemPromotionCode(scene.deps, { subscriptionId, code: 'FIFTH' });
  const { token } = await previewChange(scene.deps, { subscriptionId, planKey: 'starter' });
  const { subscription } = await confirmChange(scene.deps, { subscriptionId, token });
  expect(subscription).toMatchObject({ scheduled: { planKey: 'starter' }, discounts: [{ code: 'FIFTH' }] });
  const account = createAccountGateway(scene.stripe);
  const upcoming = await account.upcomingInvoice({
    subscriptionId: providerId,
    scheduleId: subscription.scheduleId,
  });
  expect(upcoming).toMatchObject({ total: 20_000, discount: 5_000 });
  await scene.world.clock.advance(32 * 86_400_000);
  await scene.syncCustomer(customerId);
  expect(await newest(providerId)).toMatchObject({ subtotal: 25_000, amount_paid: 20_000 });
  expect((await scene.deps.gateway.read(providerId)).discounts).toMatchObject([{ code: 'FIFTH' }]);
});

it('comes with a further subscription, and is refused when it is over', async () => {
  const { customerId } = await scene.buy();
  const wish = {
    customerId,
    wanted: { planKey: 'starter', interval: 'month' },
    promotionCode: 'ONCE40',
  } as const;
  const made = await createSubscription(scene.deps, { ...wish, requestId: 'with-a-code' });
  expect((await newest(made.providerId)).amount_paid).toBe(175_000 - 4_000);
  const { data } = await scene.stripe.promotionCodes.list({ code: 'ONCE40' });
  await scene.stripe.promotionCodes.update(data[0]!.id, { active: false });
  await expect(createSubscription(scene.deps, { ...wish, requestId: 'too-late' })).rejects.toMatchObject({
    code: 'promotion_code_invalid',
  });
});
