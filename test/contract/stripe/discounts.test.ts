/** What the connector expects of coupons and promotion codes. https://docs.stripe.com/billing/subscriptions/coupons */
import type Stripe from 'stripe';
import { beforeAll, expect, test } from 'vitest';
import { type Account, openAccount, payingCustomer, refusal } from './account.ts';

let account: Account;
let price: string;
beforeAll(async () => {
  account = await openAccount();
  const product = await account.stripe.products.create({ name: account.run });
  account.tidy(() => account.stripe.products.update(product.id, { active: false }));
  const made = await account.stripe.prices.create({
    product: product.id,
    unit_amount: 25_000,
    currency: 'usd',
    recurring: { interval: 'month' },
  });
  price = made.id;
});

async function code(params: Stripe.CouponCreateParams, more: Partial<Stripe.PromotionCodeCreateParams> = {}) {
  const coupon = await account.stripe.coupons.create(params);
  account.tidy(() => account.stripe.coupons.del(coupon.id));
  return account.stripe.promotionCodes.create({ promotion: { type: 'coupon', coupon: coupon.id }, ...more });
}

async function subscribe(params: Partial<Stripe.SubscriptionCreateParams> = {}) {
  const customer = await payingCustomer(account);
  return account.stripe.subscriptions.create({
    customer: customer.id,
    items: [{ price }],
    payment_behavior: 'error_if_incomplete',
    expand: ['latest_invoice', 'discounts.source.coupon', 'discounts.promotion_code'],
    ...params,
  });
}

test('a code is found whatever its case, lowers every invoice while it lasts, and is dropped by an empty value', async () => {
  const { stripe } = account;
  const { id, code: typed } = await code({ percent_off: 20, duration: 'forever', name: 'A fifth' });
  const found = await stripe.promotionCodes.list({ code: typed.toLowerCase(), active: true });
  expect(found.data.map((each) => each.id)).toEqual([id]);
  const subscription = await subscribe({ discounts: [{ promotion_code: id }] });
  expect(subscription.latest_invoice).toMatchObject({ subtotal: 25_000, total: 20_000, amount_paid: 20_000 });
  expect(subscription.discounts).toMatchObject([
    {
      object: 'discount',
      source: { type: 'coupon', coupon: { name: 'A fifth', percent_off: 20, duration: 'forever' } },
      promotion_code: { code: typed },
    },
  ]);
  const next = await stripe.invoices.createPreview({ subscription: subscription.id });
  expect(next).toMatchObject({ subtotal: 25_000, total: 20_000, amount_due: 20_000 });
  expect(next.total_discount_amounts).toMatchObject([{ amount: 5_000 }]);
  const without = await stripe.subscriptions.update(subscription.id, { discounts: '' });
  expect(without.discounts).toEqual([]);
});

test('a change of plan is prorated after the discount', async () => {
  const { stripe } = account;
  const { id } = await code({ percent_off: 50, duration: 'forever' });
  const subscription = await subscribe({ discounts: [{ promotion_code: id }] });
  const item = subscription.items.data[0]!;
  const preview = await stripe.invoices.createPreview({
    subscription: subscription.id,
    subscription_details: {
      items: [{ id: item.id, price, quantity: 2 }],
      proration_behavior: 'always_invoice',
      proration_date: item.current_period_start,
    },
  });
  // The whole period: half of one is credited, half of two is charged.
  expect(preview.total).toBe(12_500);
});

test('a coupon for one invoice is gone with it', async () => {
  const { id } = await code({ amount_off: 4_000, currency: 'usd', duration: 'once' });
  const { id: subscription, latest_invoice } = await subscribe({ discounts: [{ promotion_code: id }] });
  expect(latest_invoice).toMatchObject({ total: 21_000 });
  const next = await account.stripe.invoices.createPreview({ subscription });
  expect(next.total).toBe(25_000);
});

test('a code that is over, used up or somebody else’s is refused, named by its parameter', async () => {
  const { stripe } = account;
  const { id: subscription } = await subscribe();
  const other = await payingCustomer(account);
  const percent = { percent_off: 10, duration: 'forever' } as const;
  const off = await code(percent);
  await stripe.promotionCodes.update(off.id, { active: false });
  const theirs = await code(percent, { customer: other.id });
  const firstOnly = await code(percent, { restrictions: { first_time_transaction: true } });
  for (const each of [off, theirs, firstOnly]) {
    const refused = await refusal(
      stripe.subscriptions.update(subscription, { discounts: [{ promotion_code: each.id }] }),
    );
    expect(refused).toMatchObject({ statusCode: 400 });
    expect(String(refused.param)).toMatch(/^discounts/);
  }
});

// "Deleting a coupon does not affect any customers who have already applied the coupon" (coupons.delete)
test('a coupon that is deleted goes on for who has it, and is for nobody new', async () => {
  const { stripe } = account;
  const { id, promotion } = await code({ percent_off: 20, duration: 'forever' });
  const subscription = await subscribe({ discounts: [{ promotion_code: id }] });
  await stripe.coupons.del(promotion.coupon as string);
  const next = await stripe.invoices.createPreview({ subscription: subscription.id });
  expect(next.total).toBe(20_000);
  const { data } = await stripe.subscriptions.list({
    customer: subscription.customer as string,
    expand: ['data.discounts.source.coupon'],
  });
  expect(data[0]!.discounts).toMatchObject([{ source: { coupon: { percent_off: 20 } } }]);
  expect((await refusal(subscribe({ discounts: [{ promotion_code: id }] }))).statusCode).toBe(400);
});

test('a schedule knows the discount, keeps it where its phases name it, and previews its own next invoice', async () => {
  const { stripe } = account;
  const { id } = await code({ percent_off: 20, duration: 'forever' });
  const subscription = await subscribe({ discounts: [{ promotion_code: id }] });
  const made = await stripe.subscriptionSchedules.create({ from_subscription: subscription.id });
  const [phase] = made.phases;
  const [given] = phase!.discounts;
  expect(given!.discount ?? given!.promotion_code ?? given!.coupon).not.toBeNull();
  const discounts = given!.discount
    ? [{ discount: String(given!.discount) }]
    : [{ coupon: String(given!.coupon) }];
  await stripe.subscriptionSchedules.update(made.id, {
    end_behavior: 'release',
    phases: [
      { discounts, items: [{ price }], start_date: phase!.start_date, end_date: phase!.end_date },
      { discounts, items: [{ price, quantity: 3 }], duration: { interval: 'month', interval_count: 1 } },
    ],
  });
  expect((await stripe.subscriptions.retrieve(subscription.id)).discounts).toHaveLength(1);
  const next = await stripe.invoices.createPreview({ schedule: made.id });
  expect(next).toMatchObject({ subtotal: 75_000, total: 60_000 });
});
