import { expect, test } from 'vitest';
import { makePrices, makeSession, startStripe } from './support.ts';

const CARD = {
  card: '4242 4242 4242 4242',
  expiry: '12 / 34',
  cvc: '123',
  name: 'Ada',
  email: 'ada@example.com',
};

const submit = (url: string, fields: Record<string, string>) =>
  fetch(url, { method: 'POST', body: new URLSearchParams(fields), redirect: 'manual' });

async function startHosted() {
  const started = await startStripe();
  const { monthly } = await makePrices(started.stripe);
  const session = await started.stripe.checkout.sessions.create({
    mode: 'subscription',
    success_url: 'https://shop.example/done?session={CHECKOUT_SESSION_ID}',
    cancel_url: 'https://shop.example/back',
    line_items: [{ price: monthly.id, quantity: 1 }],
  });
  return { ...started, session, page: session.url! };
}

test('the hosted page takes a card without scripts and leads to success_url', async () => {
  const { stripe, session, page } = await startHosted();
  const html = await (await fetch(page)).text();
  expect(html).toContain('250.00 USD');
  expect(html).toContain('https://shop.example/back');
  const answer = await submit(page, CARD);
  expect(answer.status).toBe(303);
  expect(answer.headers.get('location')).toBe(`https://shop.example/done?session=${session.id}`);
  const paid = await stripe.checkout.sessions.retrieve(session.id);
  expect(paid).toMatchObject({
    status: 'complete',
    url: null,
    customer_details: { email: 'ada@example.com' },
  });
  expect((await fetch(page, { redirect: 'manual' })).status).toBe(303);
});

test('declined, mistyped and unknown cards stay on the page with a reason', async () => {
  const { sandbox, page } = await startHosted();
  for (const [fields, reason] of [
    [{ card: '4000 0000 0000 9995' }, 'insufficient funds'],
    [{ card: '4000 0000 0000 0341' }, 'declined'],
    [{ card: '4000 0000 0000 0002' }, 'declined'],
    [{ card: '1234' }, 'incorrect'],
    [{ expiry: 'soon' }, 'expiry'],
    [{ cvc: '' }, 'security code'],
    [{ email: '' }, 'e-mail'],
  ] as const) {
    const answer = await submit(page, { ...CARD, ...fields });
    expect(answer.status).toBe(402);
    expect(await answer.text()).toContain(reason);
  }
  expect(sandbox.subscriptions()).toEqual([]);
});

test('3D Secure asks first; refusing it declines, completing it pays', async () => {
  const { sandbox, page } = await startHosted();
  const secure = { ...CARD, card: '4000 0025 0000 3155' };
  const asked = await (await submit(page, secure)).text();
  expect(asked).toContain('3D Secure');
  expect(sandbox.subscriptions()).toEqual([]);
  expect((await submit(page, { ...secure, authenticate: 'no' })).status).toBe(402);
  expect((await submit(page, { ...secure, authenticate: 'yes' })).status).toBe(303);
  expect(sandbox.subscriptions()).toHaveLength(1);
});

test('the embedded page needs its client secret and tells the page around it', async () => {
  const { stripe, sandbox, url } = await startStripe();
  const session = await makeSession(stripe);
  const page = `${url}/embedded/${session.client_secret}`;
  expect((await fetch(`${url}/embedded/${session.id}_secret_wrong`)).status).toBe(404);
  expect((await submit(`${url}/embedded/${session.id}_secret_wrong`, CARD)).status).toBe(404);
  expect(await (await fetch(page)).text()).toContain('/assets/checkout-frame.js');
  const paid = await (await submit(page, CARD)).text();
  expect(paid).toContain(`data-complete="${session.id}"`);
  expect(paid).toContain(`https://shop.example/orders/x?session=${session.id}`);
  expect(sandbox.subscriptions()).toHaveLength(1);
});

test('an expired session says so', async () => {
  const { stripe, session, page } = await startHosted();
  await stripe.checkout.sessions.expire(session.id);
  expect((await fetch(page)).status).toBe(410);
  await expect(stripe.checkout.sessions.expire(session.id)).rejects.toMatchObject({ statusCode: 400 });
  expect((await fetch(page.replace(/cs_test_\w+/, 'cs_test_none'))).status).toBe(404);
});

test('names are shown as text, never as markup', async () => {
  const { stripe } = await startStripe();
  const price = await stripe.prices.create({
    currency: 'usd',
    unit_amount: 100,
    recurring: { interval: 'month' },
    product_data: { name: '<img src=x onerror=alert(1)>' },
  });
  const session = await stripe.checkout.sessions.create({
    mode: 'subscription',
    success_url: 'https://shop.example/ok',
    line_items: [{ price: price.id, quantity: 1 }],
  });
  const html = await (await fetch(session.url!)).text();
  expect(html).not.toContain('<img');
  expect(html).toContain('&lt;img');
});

test('both script addresses serve the stand-in of Stripe.js', async () => {
  const { url } = await startStripe();
  for (const path of ['/endive/stripe.js', '/v3/']) {
    const script = await fetch(url + path);
    expect(script.headers.get('content-type')).toContain('text/javascript');
    expect(await script.text()).toContain('createEmbeddedCheckoutPage');
  }
  expect((await fetch(`${url}/nothing`)).status).toBe(404);
});

test('an open invoice is paid at its page', async () => {
  const { stripe, sandbox } = await startStripe();
  const { monthly } = await makePrices(stripe);
  const { latest_invoice } = sandbox.createDashboardSubscription({
    prices: [monthly.id],
    collection: 'send_invoice',
  });
  const { hosted_invoice_url: page } = await stripe.invoices.retrieve(latest_invoice!);
  expect(await (await fetch(page!)).text()).toContain('250.00 USD');
  expect((await submit(page!, { card: '4000 0000 0000 0341' })).status).toBe(402);
  expect((await submit(page!, { card: CARD.card })).status).toBe(303);
  expect((await stripe.invoices.retrieve(latest_invoice!)).status).toBe('paid');
});

test('the portal cancels at the period’s end, takes it back, and changes the card', async () => {
  const { stripe, sandbox } = await startStripe();
  const session = await makeSession(stripe);
  sandbox.payCheckout(session.id);
  const subscription = () => sandbox.subscriptions()[0]!;
  const { customer } = subscription();
  await expect(stripe.billingPortal.sessions.create({ customer: customer! })).rejects.toMatchObject({
    statusCode: 400,
  });
  const configuration = await stripe.billingPortal.configurations.create({
    features: {
      invoice_history: { enabled: true },
      subscription_cancel: { enabled: true, mode: 'at_period_end' },
    },
    metadata: { installation: 'x' },
  });
  expect(configuration).toMatchObject({
    is_default: true,
    features: { payment_method_update: { enabled: false } },
  });
  const changed = await stripe.billingPortal.configurations.update(configuration.id, {
    features: { payment_method_update: { enabled: true } },
    business_profile: { headline: 'CDE' },
  });
  expect(changed).toMatchObject({
    business_profile: { headline: 'CDE' },
    features: { payment_method_update: { enabled: true }, subscription_cancel: { enabled: true } },
  });
  expect((await stripe.billingPortal.configurations.list({ is_default: true })).data).toHaveLength(1);
  const portal = await stripe.billingPortal.sessions.create({
    customer: customer!,
    return_url: 'https://shop.example/',
  });
  const form = { subscription: subscription().id };
  await submit(portal.url, { ...form, action: 'cancel' });
  expect(subscription()).toMatchObject({ cancel_at_period_end: true });
  await submit(portal.url, { ...form, action: 'renew' });
  expect(subscription()).toMatchObject({ cancel_at_period_end: false, cancel_at: null });
  const before = subscription().default_payment_method;
  expect((await submit(portal.url, { card: '5555 5555 5555 4444' })).status).toBe(200);
  expect(subscription().default_payment_method).not.toBe(before);
  expect((await submit(portal.url, { card: '12' })).status).toBe(402);
});

test.each([
  ['jpy', 25_000, '25,000 JPY'],
  ['kwd', 25_000, '25.000 KWD'],
  ['isk', 25_000, '250.00 ISK'],
])('an amount in %s has the digits Stripe counts it in', async (currency, amount, written) => {
  const { stripe, sandbox } = await startStripe();
  const product = await stripe.products.create({ name: 'Plan' });
  const price = await stripe.prices.create({
    product: product.id,
    currency,
    unit_amount: amount,
    recurring: { interval: 'month' },
  });
  const session = await stripe.checkout.sessions.create({
    mode: 'subscription',
    success_url: 'https://shop.example/done',
    line_items: [{ price: price.id, quantity: 1 }],
  });
  expect(await (await fetch(session.url!)).text()).toContain(`Pay ${written}`);
  expect((await submit(session.url!, CARD)).status).toBe(303);
  const invoice = sandbox.invoices()[0]!;
  expect(await (await fetch(invoice.hosted_invoice_url!)).text()).toContain(`<td>${written}</td>`);
});
