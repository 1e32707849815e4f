/** What the set-up, the billing page and add-ons ask of Stripe: catalogue, meters, portal, tax ids, items, endpoints. */
import Stripe from 'stripe';
import { beforeAll, expect, test } from 'vitest';
import { type Account, API_VERSION, makePrices, openAccount, payingCustomer, refusal } from './account.ts';

let account: Account;
let prices: Awaited<ReturnType<typeof makePrices>>;
beforeAll(async () => {
  account = await openAccount();
  prices = await makePrices({ ...account, run: `${account.run}_setup` });
});

async function subscribe() {
  const customer = await payingCustomer(account);
  const subscription = await account.stripe.subscriptions.create({
    customer: customer.id,
    items: [{ price: prices.monthly.id }],
  });
  return { customer, subscription };
}

test('products and prices are found, changed, archived; an amount stays as it was made', async () => {
  const { stripe } = account;
  const { product, monthly } = prices;
  const all = await stripe.products.list({ limit: 100 }).autoPagingToArray({ limit: 10_000 });
  expect(all.map(({ id }) => id)).toContain(product.id);
  await stripe.products.update(product.id, { description: 'changed', metadata: { product_key: 'x' } });
  expect(await stripe.products.retrieve(product.id)).toMatchObject({
    description: 'changed',
    metadata: { product_key: 'x', plan_key: product.metadata.plan_key },
  });
  const refused = stripe.prices.update(monthly.id, { unit_amount: 1 } as never);
  expect(await refusal(refused)).toMatchObject({ code: 'parameter_unknown', param: 'unit_amount' });
  const fraction = await stripe.prices.create({
    product: product.id,
    currency: 'usd',
    unit_amount_decimal: Stripe.Decimal.from('0.5'),
    recurring: { interval: 'month' },
  });
  expect([fraction.unit_amount, String(fraction.unit_amount_decimal)]).toEqual([null, '0.5']);
  expect(await stripe.prices.update(fraction.id, { active: false })).toMatchObject({ active: false });
  const found = await stripe.prices.list({ product: product.id, active: true, limit: 100 });
  expect(found.data.map(({ id }) => id)).not.toContain(fraction.id);
});

test('a meter is made once for its event, and a price counts by it', async () => {
  const { stripe, run, tidy } = account;
  const meter = await stripe.billing.meters.create({
    display_name: run,
    event_name: run,
    default_aggregation: { formula: 'sum' },
    customer_mapping: { type: 'by_id', event_payload_key: 'stripe_customer_id' },
    value_settings: { event_payload_key: 'value' },
  });
  tidy(() => stripe.billing.meters.deactivate(meter.id));
  const all = await stripe.billing.meters
    .list({ status: 'active', limit: 100 })
    .autoPagingToArray({ limit: 10_000 });
  expect(all.find(({ event_name: name }) => name === run)?.id).toBe(meter.id);
  const metered = await stripe.prices.create({
    product: prices.product.id,
    currency: 'usd',
    unit_amount: 5,
    recurring: { interval: 'month', usage_type: 'metered', meter: meter.id },
  });
  const customer = await payingCustomer(account);
  const { items } = await stripe.subscriptions.create({
    customer: customer.id,
    items: [{ price: prices.monthly.id }, { price: metered.id }],
  });
  const counted = items.data.find(({ price }) => price.id === metered.id)!;
  expect(counted.quantity).toBeUndefined();
  expect(counted.price.recurring).toMatchObject({ usage_type: 'metered', meter: meter.id });
});

test('the portal: configured, found again by its metadata, opened for a customer and for one purpose', async () => {
  const { stripe, run, tidy } = account;
  const made = await stripe.billingPortal.configurations.create({
    features: {
      customer_update: { enabled: true, allowed_updates: ['address', 'email', 'name', 'tax_id'] },
      invoice_history: { enabled: true },
      payment_method_update: { enabled: true },
      subscription_cancel: { enabled: true, mode: 'at_period_end' },
      subscription_update: { enabled: false },
    },
    default_return_url: 'https://shop.example.com/services/comply',
    metadata: { run },
  });
  // There is no deleting one.
  tidy(() => stripe.billingPortal.configurations.update(made.id, { active: false }));
  const all = await stripe.billingPortal.configurations
    .list({ active: true, limit: 100 })
    .autoPagingToArray({ limit: 1000 });
  expect(all.find(({ metadata }) => metadata?.run === run)).toMatchObject({
    id: made.id,
    features: { subscription_update: { enabled: false }, subscription_cancel: { mode: 'at_period_end' } },
  });
  const customer = await payingCustomer(account);
  for (const flow of [{}, { flow_data: { type: 'payment_method_update' as const } }]) {
    const session = await stripe.billingPortal.sessions.create({
      customer: customer.id,
      configuration: made.id,
      return_url: 'https://shop.example.com/billing',
      locale: 'en',
      ...flow,
    });
    expect(session).toMatchObject({ customer: customer.id, url: expect.stringMatching(/^https?:/) });
  }
});

test('tax ids are added, listed and taken away; a wrong one is refused by name', async () => {
  const { stripe } = account;
  const { id } = await payingCustomer(account);
  const added = await stripe.customers.createTaxId(id, { type: 'eu_vat', value: 'DE123456789' });
  const refused = stripe.customers.createTaxId(id, { type: 'eu_vat', value: 'nonsense' });
  expect((await refusal(refused)).code).toBe('tax_id_invalid');
  const listed = await stripe.customers.listTaxIds(id, { limit: 20 });
  expect(listed.data.map(({ type, value }) => [type, value])).toEqual([['eu_vat', 'DE123456789']]);
  await stripe.customers.deleteTaxId(id, added.id);
  expect((await stripe.customers.listTaxIds(id, { limit: 20 })).data).toEqual([]);
});

test('a customer’s cards are listed, newest first', async () => {
  const { stripe } = account;
  const { id } = await payingCustomer(account);
  const newer = await stripe.paymentMethods.attach('pm_card_mastercard', { customer: id });
  const { data } = await stripe.customers.listPaymentMethods(id, { limit: 10 });
  expect(data.map(({ card }) => card!.brand).sort()).toEqual(['mastercard', 'visa']);
  expect(data.map(({ id: method }) => method)).toContain(newer.id);
  expect(data[0]!.card).toMatchObject({ last4: expect.any(String), exp_year: expect.any(Number) });
});

test('an item sold once waits for the next invoice of its subscription', async () => {
  const { stripe } = account;
  const { customer, subscription } = await subscribe();
  const item = await stripe.invoiceItems.create({
    customer: customer.id,
    subscription: subscription.id,
    pricing: { price: prices.setup.id },
    quantity: 1,
    metadata: { addon_key: 'domain' },
  });
  expect(item).toMatchObject({
    amount: 150_000,
    parent: { subscription_details: { subscription: subscription.id } },
  });
  const listed = await stripe.invoiceItems
    .list({ customer: customer.id, limit: 100 })
    .autoPagingToArray({ limit: 100 });
  expect(listed.map(({ id, metadata }) => [id, metadata?.addon_key])).toContainEqual([item.id, 'domain']);
  const next = await stripe.invoices.createPreview({ subscription: subscription.id });
  expect(next.amount_due).toBe(25_000 + 150_000);
  const lines = await stripe.invoices
    .listLineItems(subscription.latest_invoice as string, { limit: 100 })
    .autoPagingToArray({ limit: 1000 });
  expect(lines.map(({ amount }) => amount)).toEqual([25_000]);
});

test('nothing comes after a subscription that ends with its period: no upcoming invoice', async () => {
  const { stripe } = account;
  const { subscription } = await subscribe();
  await stripe.subscriptions.update(subscription.id, { cancel_at_period_end: true });
  const refused = stripe.invoices.createPreview({ subscription: subscription.id });
  expect(await refusal(refused)).toMatchObject({ code: 'invoice_upcoming_none' });
});

test('endpoints are listed with their address, version and types, without their secret', async () => {
  const { stripe, run, tidy } = account;
  const url = `https://contract.example.com/${run}`;
  const made = await stripe.webhookEndpoints.create({
    url,
    enabled_events: ['invoice.paid'],
    api_version: API_VERSION,
  });
  tidy(() => stripe.webhookEndpoints.del(made.id));
  const all = await stripe.webhookEndpoints.list({ limit: 100 }).autoPagingToArray({ limit: 1000 });
  const found = all.find((each) => each.url === url);
  expect(found).toMatchObject({ id: made.id, status: 'enabled', api_version: API_VERSION });
  expect(found?.secret).toBeUndefined();
});
