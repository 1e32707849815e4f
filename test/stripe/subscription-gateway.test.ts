/** What the commands do to subscriptions at Stripe, where those are not as our own checkout makes them. */
import Stripe from 'stripe';
import { describe, expect, it } from 'vitest';
import type { LiveSubscription, PlanChange } from '../../connector/billing/commands/subscription-gateway.ts';
import { createSubscriptionGateway } from '../../connector/stripe/subscriptions.ts';
import { openShop } from './shop.ts';

const { world, stripe, product, price, meteredPrice, customer, subscribed } = await openShop();
const gateway = createSubscriptionGateway(stripe);

const change = (live: LiveSubscription, items: PlanChange['items']): PlanChange => ({
  items,
  interval: 'month',
  setup: null,
  prorationDate: Math.floor(live.currentPeriodStart.getTime() / 1000),
});
const phasesOf = async (live: LiveSubscription) =>
  (await stripe.subscriptionSchedules.retrieve(live.scheduleId!)).phases.map(({ items, discounts }) => ({
    items: Object.fromEntries(items.map((item) => [item.price as string, item.quantity])),
    discounts: discounts.map(({ coupon, promotion_code, discount }) => coupon ?? promotion_code ?? discount),
  }));

describe('a change at the end of the period', () => {
  it('keeps how many there are of what it does not name, and drops what it takes away', async () => {
    const [small, large, extra] = [await price(), await price({ unit_amount: 5000 }), await price()];
    const byFraction = await price({ unit_amount_decimal: Stripe.Decimal.from('0.5') });
    const { id } = await subscribed(small, extra, byFraction);
    const [main, gone, seats] = (await gateway.read(id)).items;
    await stripe.subscriptions.update(id, { items: [{ id: seats!.id, quantity: 1000 }] });
    const live = await gateway.read(id);
    const wanted = [{ id: main!.id, priceId: large.id, quantity: 2 }, { id: gone!.id }];
    const after = await gateway.changeAtPeriodEnd(live, change(live, wanted), 'end_1');
    expect((await phasesOf(after)).map(({ items }) => items)).toEqual([
      { [small.id]: 1, [extra.id]: 1, [byFraction.id]: 1000 },
      { [large.id]: 2, [byFraction.id]: 1000 },
    ]);
    expect(after.scheduled).toMatchObject({ priceId: large.id, quantity: 2, at: live.currentPeriodEnd });
  });

  it('takes the place of one arranged before, with the discounts that staff gave its phase', async () => {
    const [small, large, larger] = [
      await price(),
      await price({ unit_amount: 5000 }),
      await price({ unit_amount: 9000 }),
    ];
    const { id } = await subscribed(small);
    const coupon = (await stripe.coupons.create({ percent_off: 10, duration: 'forever' })).id;
    const code = await stripe.promotionCodes.create({
      code: 'TENMORE',
      promotion: { type: 'coupon', coupon },
    });
    const begun = await gateway.read(id);
    const item = begun.items[0]!.id;
    const first = await gateway.changeAtPeriodEnd(
      begun,
      change(begun, [{ id: item, priceId: large.id, quantity: 1 }]),
      'again_1',
    );
    const [start, end] = [begun.currentPeriodStart, begun.currentPeriodEnd].map((at) => at.getTime() / 1000);
    await stripe.subscriptionSchedules.update(first.scheduleId!, {
      phases: [
        {
          items: [{ price: small.id, quantity: 1 }],
          start_date: start!,
          end_date: end!,
          discounts: [{ coupon }, { promotion_code: code.id }],
        },
      ],
    });
    const second = await gateway.changeAtPeriodEnd(
      first,
      change(first, [{ id: item, priceId: larger.id, quantity: 1 }]),
      'again_2',
    );
    expect(second.scheduleId).toBe(first.scheduleId);
    expect(await phasesOf(second)).toEqual([
      { items: { [small.id]: 1 }, discounts: [coupon, code.id] },
      { items: { [larger.id]: 1 }, discounts: [coupon, code.id] },
    ]);
  });
});

describe('a cancellation is taken back', () => {
  it.each<[string, Stripe.SubscriptionUpdateParams]>([
    ['at the end of the period', { cancel_at_period_end: true }],
    ['at a day somebody chose', { cancel_at: Math.floor(world.clock.now().getTime() / 1000) + 90 * 86_400 }],
  ])('%s', async (_when, cancelled) => {
    const { id } = await subscribed(await price());
    await stripe.subscriptions.update(id, cancelled);
    const live = await gateway.read(id);
    expect(live.cancelAt).not.toBeNull();
    expect(await gateway.keepOn(live, `keep_${id}`)).toMatchObject({
      cancelAtPeriodEnd: false,
      cancelAt: null,
    });
  });
});

describe('where an open invoice is paid', () => {
  it('is its own page; of a paid one there is none', async () => {
    const { id } = await subscribed(await price());
    expect(await gateway.payUrl(id)).toBeNull();
    const sent = await stripe.subscriptions.create({
      customer: (await customer()).id,
      items: [{ price: (await price()).id }],
      collection_method: 'send_invoice',
      days_until_due: 30,
    });
    const invoice = await stripe.invoices.retrieve(sent.latest_invoice as string);
    if (invoice.status === 'draft') await stripe.invoices.finalizeInvoice(invoice.id);
    expect(await gateway.payUrl(sent.id)).toMatch(/^http/);
  });
});

describe('a further subscription', () => {
  it('counts by its meters too, and is found again by the wish that made it', async () => {
    const { id: customerId } = await customer();
    const [plan, calls] = [
      await price({ product: await product({ plan_key: 'starter' }) }),
      await meteredPrice('further_calls'),
    ];
    const made = await gateway.create(
      {
        customerId,
        recurring: plan.id,
        metered: [calls.id],
        setup: null,
        quantity: 3,
        trialDays: 0,
        automaticTax: false,
        paymentMethodId: null,
        promotionCodeId: null,
        orderId: null,
        requestId: 'wish_1',
        installation: 'here',
      },
      'create_1',
    );
    expect(made.items).toMatchObject([
      { priceId: plan.id, planKey: 'starter', quantity: 3, metered: false },
      { priceId: calls.id, metered: true, unitAmount: null },
    ]);
    expect(await gateway.findMadeBy(customerId, 'wish_1')).toMatchObject({ providerId: made.providerId });
    expect(await gateway.findMadeBy(customerId, 'wish_2')).toBeNull();
  });
});

describe('a code a customer types', () => {
  it('is the one kept for this customer, else one for everybody', async () => {
    const mine = await customer();
    const { id: coupon } = await stripe.coupons.create({ percent_off: 10, duration: 'forever' });
    const code = (input: { code: string; customer?: string }) =>
      stripe.promotionCodes.create({ promotion: { type: 'coupon', coupon }, ...input });
    const open = await code({ code: 'OPEN' });
    const kept = await code({ code: 'KEPT', customer: mine.id });
    expect(await gateway.promotionCode('open', mine.id)).toBe(open.id);
    expect(await gateway.promotionCode('KEPT', mine.id)).toBe(kept.id);
    expect(await gateway.promotionCode('KEPT', (await customer()).id)).toBeNull();
    expect(await gateway.promotionCode('NONE', mine.id)).toBeNull();
  });
});

describe('what it is paid with', () => {
  it('is the customer’s own choice, else what a subscription is paid with, else what there is', async () => {
    const own = await customer();
    expect(await gateway.paymentMethod(own.id)).toBe(own.invoice_settings.default_payment_method);

    const bare = await stripe.customers.create({});
    expect(await gateway.paymentMethod(bare.id)).toBeNull();
    const first = await stripe.paymentMethods.attach('pm_card_visa', { customer: bare.id });
    expect(await gateway.paymentMethod(bare.id)).toBe(first.id);
    await stripe.subscriptions.create({
      customer: bare.id,
      items: [{ price: (await price()).id }],
      default_payment_method: first.id,
    });
    await stripe.paymentMethods.attach('pm_card_mastercard', { customer: bare.id });
    expect(await gateway.paymentMethod(bare.id)).toBe(first.id);

    await stripe.customers.del(own.id);
    expect(await gateway.paymentMethod(own.id)).toBeNull();
  });
});
