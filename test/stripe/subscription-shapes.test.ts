/** Subscriptions as people make them in the Dashboard, and what the sync and the commands understand of them. */
import Stripe from 'stripe';
import { describe, expect, it } from 'vitest';
import { EXPAND, liveSubscription } from '../../connector/stripe/live-subscription.ts';
import { createPricePlans } from '../../connector/stripe/price-plans.ts';
import { createProviderReads } from '../../connector/stripe/reads.ts';
import { scheduledChange } from '../../connector/stripe/scheduled-change.ts';
import { createSubscriptionListing } from '../../connector/stripe/subscription-listing.ts';
import { createSubscriptionGateway } from '../../connector/stripe/subscriptions.ts';
import { openShop } from './shop.ts';

const { world, stripe, product, price, meteredPrice, subscribed } = await openShop();
const plans = createPricePlans(stripe);

const fact = async (customer: unknown) =>
  (await createProviderReads(stripe).subscriptions(customer as string))[0]!;
const expanded = (id: string) => stripe.subscriptions.retrieve(id, { expand: EXPAND });

describe('whose plan it is', () => {
  it('is said by a product where the price, made by hand, does not; each product is asked for once', async () => {
    const ofPlan = await product({ plan_key: 'starter' });
    const agreed = await price({ product: ofPlan });
    const first = await subscribed(await price(), agreed);
    const second = await stripe.subscriptions.create({
      customer: first.customer as string,
      items: [{ price: agreed.id }],
    });
    const listing = createSubscriptionListing(stripe);
    await listing.page({ startingAfter: null });
    const before = world.counts.of('stripe', 'GET /v1/products/:id');
    const { subscriptions } = await listing.page({ startingAfter: null });
    const ours = subscriptions.filter(({ customerId }) => customerId === first.customer);
    expect(ours.map(({ providerId, planKey }) => [providerId, planKey])).toEqual([
      [second.id, 'starter'],
      [first.id, 'starter'],
    ]);
    // What has no plan yet may be given one: only that is asked again.
    expect(world.counts.of('stripe', 'GET /v1/products/:id')).toBe(before + 1);
    const rest = await listing.page({ startingAfter: second.id });
    expect(rest.subscriptions.map(({ providerId }) => providerId)).toEqual([first.id]);
    expect(rest.hasMore).toBe(false);
  });

  it('is nobody’s when neither does', async () => {
    const { id, customer } = await subscribed(await price());
    expect(await fact(customer)).toMatchObject({ planKey: null });
    expect((await createSubscriptionGateway(stripe).read(id)).items).toMatchObject([
      { planKey: null, role: null, addOnKey: null, interval: 'month', unitAmount: 1000, quantity: 1 },
    ]);
  });
});

describe('what it costs', () => {
  it('is the price of the plan among its items, and the sum of all', async () => {
    const of = await product();
    const [extra, plan] = [
      await price({ product: of, unit_amount: 300 }),
      await price({ product: of, unit_amount: 2500, metadata: { plan_key: 'starter' } }),
    ];
    const { customer } = await subscribed(extra, plan);
    expect(await fact(customer)).toMatchObject({
      priceId: plan.id,
      planKey: 'starter',
      recurringAmount: 2800,
    });
  });

  it('counts a price of a fraction of a cent', async () => {
    const { id, customer } = await subscribed(
      await price({ unit_amount_decimal: Stripe.Decimal.from('12.5') }),
    );
    const item = (await expanded(id)).items.data[0]!;
    await stripe.subscriptions.update(id, {
      items: [{ id: item.id, quantity: 101 }],
      proration_behavior: 'none',
    });
    expect(await fact(customer)).toMatchObject({ recurringAmount: 1263, monthlyAmount: 1263, quantity: 101 });
  });

  it('is not known of what is billed by meter alone, nor is its period; a command takes the meter’s', async () => {
    const { id, customer } = await subscribed(await meteredPrice('calls'));
    expect(await fact(customer)).toMatchObject({
      priceId: null,
      billingInterval: null,
      quantity: 1,
      recurringAmount: 0,
      monthlyAmount: 0,
      currentPeriodStart: null,
      currentPeriodEnd: null,
      items: [{ role: null, quantity: 1, unitAmount: null }],
    });
    const live = await createSubscriptionGateway(stripe).read(id);
    const { current_period_start: start, current_period_end: end } = (await expanded(id)).items.data[0]!;
    expect(live).toMatchObject({
      currentPeriodStart: new Date(start * 1000),
      currentPeriodEnd: new Date(end * 1000),
      items: [{ unitAmount: null, quantity: 1 }],
    });
  });
});

describe('what is taken off it', () => {
  it('is shown by the code that was typed, or by none when staff gave it', async () => {
    const { id } = await subscribed(await price());
    const quarter = await stripe.coupons.create({ percent_off: 25, duration: 'once', name: 'A quarter' });
    const ten = await stripe.coupons.create({ amount_off: 1000, currency: 'usd', duration: 'forever' });
    const { id: code } = await stripe.promotionCodes.create({
      code: 'LESS',
      promotion: { type: 'coupon', coupon: quarter.id },
    });
    await stripe.subscriptions.update(id, { discounts: [{ promotion_code: code }, { coupon: ten.id }] });
    const live = await createSubscriptionGateway(stripe).read(id);
    expect(live.discounts).toEqual([
      { name: 'A quarter', code: 'LESS', percentOff: 25, amountOff: null, endsAt: null, once: true },
      { name: null, code: null, percentOff: null, amountOff: 1000, endsAt: null, once: false },
    ]);
  });

  it('is left out where only an id is known', async () => {
    const { id } = await subscribed(await price());
    const { id: coupon } = await stripe.coupons.create({ percent_off: 25, duration: 'forever' });
    await stripe.subscriptions.update(id, { discounts: [{ coupon }] });
    const bare = await stripe.subscriptions.retrieve(id);
    expect((await liveSubscription(bare, plans)).discounts).toEqual([]);
    const half = await stripe.subscriptions.retrieve(id, { expand: ['discounts'] });
    expect((await liveSubscription(half, plans)).discounts).toEqual([]);
  });
});

it.each<[string, Partial<Stripe.Subscription>, boolean]>([
  ['a card', { default_payment_method: { type: 'card' } as Stripe.PaymentMethod }, true],
  ['Link', { default_payment_method: { type: 'link' } as Stripe.PaymentMethod }, true],
  ['a debit', { default_payment_method: { type: 'sepa_debit' } as Stripe.PaymentMethod }, false],
  ['what its customer has', { default_payment_method: null }, true],
  ['an invoice', { default_payment_method: null, collection_method: 'send_invoice' }, false],
])('a change of one paid by %s can wait for its payment or not', async (_what, paid, waits) => {
  const { id } = await subscribed(await price());
  const live = await liveSubscription({ ...(await expanded(id)), ...paid }, plans);
  expect(live.mayWaitForPayment).toBe(waits);
});

describe('what follows by its schedule', () => {
  const phase = (start_date: number, items: readonly { price: string | Stripe.Price; quantity?: number }[]) =>
    ({ start_date, items }) as unknown as Stripe.SubscriptionSchedule.Phase;
  const schedule = (change: Partial<Stripe.SubscriptionSchedule>) =>
    ({
      id: 'sub_sched_1',
      status: 'active',
      current_phase: { start_date: 100, end_date: 200 },
      phases: [],
      ...change,
    }) as unknown as Stripe.SubscriptionSchedule;

  it('is the plan’s price in the next phase, and of those to come the first', async () => {
    const plan = await price({
      metadata: { plan_key: 'enterprise', role: 'recurring' },
    });
    const other = await price();
    const phases = [
      phase(300, [{ price: other.id }]),
      phase(200, [{ price: other.id }, { price: plan, quantity: 4 }]),
      phase(100, [{ price: other.id }]),
    ];
    expect(await scheduledChange(schedule({ phases }), plans)).toEqual({
      scheduleId: 'sub_sched_1',
      priceId: plan.id,
      planKey: 'enterprise',
      interval: 'month',
      quantity: 4,
      at: new Date(200_000),
    });
    // One that has not begun has no present phase: its first is the next.
    const waiting = schedule({ phases, status: 'not_started', current_phase: null });
    expect(await scheduledChange(waiting, plans)).toMatchObject({ priceId: other.id, at: new Date(100_000) });
  });

  it('is a price of nobody’s plan too, one of it unless it says more', async () => {
    const [meter, other] = [await meteredPrice('scheduled'), await price()];
    const phases = [phase(200, [{ price: meter.id }, { price: other.id }])];
    expect(await scheduledChange(schedule({ phases }), plans)).toMatchObject({
      priceId: other.id,
      planKey: null,
      quantity: 1,
    });
  });

  it.each<[string, () => Promise<Stripe.Subscription['schedule']>]>([
    ['without one', async () => null],
    ['known by its id alone', async () => 'sub_sched_1'],
    ['let go of', async () => schedule({ status: 'released', phases: [phase(200, [])] })],
    ['in its last phase', async () => schedule({ phases: [phase(100, [])] })],
    [
      'that goes on by meter alone',
      async () => schedule({ phases: [phase(200, [{ price: (await meteredPrice('alone')).id }])] }),
    ],
  ])('is nothing for one %s', async (_what, make) => {
    expect(await scheduledChange(await make(), plans)).toBeNull();
  });
});
