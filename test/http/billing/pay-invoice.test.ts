/** An open invoice is paid by its own customer, at once, and by nobody else. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type BillingScene, startBilling } from './scene.ts';

let scene: BillingScene;
beforeAll(async () => {
  scene = await startBilling();
});
afterAll(() => scene?.stop());

it('says what is paid, what is not there, and whose it is not', async () => {
  const ours = await scene.customer();
  const theirs = await scene.customer();
  const { data } = (
    await scene.call<{ data: { provider_id: string }[] }>('GET', '/invoices', { token: theirs.token })
  ).body;
  const invoice = data[0]!.provider_id;
  const pay = (id: string, token: string) => scene.call('POST', `/invoices/${id}/pay`, { token });
  expect(await pay(invoice, theirs.token)).toMatchObject({ status: 200, body: { status: 'paid' } });
  expect(await pay(invoice, ours.token)).toMatchObject({ status: 404, body: { code: 'invoice_not_found' } });
  expect(await pay('in_nobodys', ours.token)).toMatchObject({
    status: 404,
    body: { code: 'invoice_not_found' },
  });
});

it('a declined card is 402 each time it is tried, a good one pays', async () => {
  const ours = await scene.customer();
  const { stripe, db } = scene;
  const price = scene.world.systems.stripe.prices().find((each) => each.recurring !== null)!;
  const sent = scene.world.systems.stripe.createDashboardSubscription({
    customer: ours.customerId,
    prices: [price.id],
    collection: 'send_invoice',
  });
  const invoice = sent.latest_invoice!;
  const bad = await stripe.paymentMethods.attach('pm_card_chargeCustomerFail', { customer: ours.customerId });
  await stripe.customers.update(ours.customerId, {
    invoice_settings: { default_payment_method: bad.id },
  });
  await db.query(
    `insert into invoices (provider_id, customer_id, status, currency, amount_due, amount_paid, total, created)
     values ($1, $2, 'open', 'usd', 100, 0, 100, now())`,
    [invoice, ours.customerId],
  );
  const pay = () => scene.call('POST', `/invoices/${invoice}/pay`, { token: ours.token });
  expect(await pay()).toMatchObject({ status: 402, body: { code: 'payment_declined' } });
  expect(await pay()).toMatchObject({ status: 402, body: { code: 'payment_declined' } });
  const good = await stripe.paymentMethods.attach('pm_card_visa', { customer: ours.customerId });
  await stripe.customers.update(ours.customerId, {
    invoice_settings: { default_payment_method: good.id },
  });
  expect(await pay()).toMatchObject({ status: 200, body: { status: 'paid' } });
});
