/** The invoice to come, as the billing page shows it: every line, and which of them come of a change. */
import { beforeAll, expect, test } from 'vitest';
import { createAccountGateway } from '../../../connector/stripe/billing-account.ts';
import { type Account, openAccount, payingCustomer } from './account.ts';

let account: Account;
beforeAll(async () => {
  account = await openAccount();
});

async function monthly(unit_amount: number): Promise<string> {
  const { stripe, run, tidy } = account;
  const { id } = await stripe.prices.create({
    currency: 'usd',
    unit_amount,
    recurring: { interval: 'month' },
    product_data: { name: `${run} ${unit_amount}` },
  });
  tidy(() => stripe.prices.update(id, { active: false }));
  return id;
}

test('of a dozen items shows them all, though Stripe gives ten at a time', async () => {
  const { stripe } = account;
  const customer = await payingCustomer(account);
  const amounts = Array.from({ length: 12 }, (_, place) => 1000 + place);
  const items = [];
  for (const amount of amounts) items.push({ price: await monthly(amount) });
  const made = await stripe.subscriptions.create({ customer: customer.id, items });
  const subscriptionId = made.id;
  const upcoming = await createAccountGateway(stripe).upcomingInvoice({ subscriptionId, scheduleId: null });
  expect(upcoming!.lines.map(({ amount }) => amount).sort()).toEqual(amounts);
  expect(upcoming).toMatchObject({
    currency: 'usd',
    total: amounts.reduce((sum, amount) => sum + amount),
    discount: 0,
    tax: 0,
  });
  // Dated by the renewal, not by today; whether to the second Stripe does not promise.
  const renewal = made.items.data[0]!.current_period_end * 1000;
  expect(Math.abs(upcoming!.at.getTime() - renewal)).toBeLessThanOrEqual(3_600_000);
});

test('tells what a change in mid-period adds from what the next period costs', async () => {
  const { stripe } = account;
  const customer = await payingCustomer(account);
  const [small, large] = [await monthly(1000), await monthly(5000)];
  const { id: subscriptionId, items } = await stripe.subscriptions.create({
    customer: customer.id,
    items: [{ price: small }],
  });
  await stripe.subscriptions.update(subscriptionId, {
    items: [{ id: items.data[0]!.id, price: large }],
    proration_behavior: 'create_prorations',
  });
  const upcoming = await createAccountGateway(stripe).upcomingInvoice({ subscriptionId, scheduleId: null });
  const by = (proration: boolean) => upcoming!.lines.filter((line) => line.proration === proration);
  expect(by(false).map(({ amount }) => amount)).toEqual([5000]);
  expect(by(true).length).toBeGreaterThan(0);
  expect(by(true).reduce((sum, { amount }) => sum + amount, 0)).toBe(upcoming!.total - 5000);
});
