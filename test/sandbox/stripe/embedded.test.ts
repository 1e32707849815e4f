import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { launchBrowser } from '../../support/browser.ts';
import { makeSession, startStripe } from './support.ts';

/** A shop's page under a strict policy: no inline scripts, and from elsewhere only what Stripe.js needs. */
async function startShop(stripeUrl: string) {
  const state = { secret: '' };
  const policy = `default-src 'none'; script-src 'self' ${stripeUrl}; frame-src ${stripeUrl}; connect-src 'self'; style-src 'unsafe-inline'`;
  const server = createServer((req, res) => {
    res.setHeader('content-security-policy', policy);
    if (req.url === '/secret') return void res.end(state.secret);
    if (req.url === '/shop.js') {
      res.setHeader('content-type', 'text/javascript');
      return void res.end(`Stripe('pk_test_sandbox')
        .createEmbeddedCheckoutPage({ fetchClientSecret: () => fetch('/secret').then((answer) => answer.text()) })
        .then((checkout) => checkout.mount('#checkout'));`);
    }
    res.setHeader('content-type', 'text/html');
    const scripts = `<script src="${stripeUrl}/endive/stripe.js"></script><script src="/shop.js" defer></script>`;
    res.end(req.url === '/' ? `<body><div id="checkout"></div>${scripts}</body>` : '<h1>Thank you</h1>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, state, stop: () => server.close().closeAllConnections() };
}

test('the embedded checkout works in a browser under a strict policy and leads to return_url', async () => {
  const { stripe, sandbox, url } = await startStripe();
  const shop = await startShop(url);
  const session = await makeSession(stripe, { return_url: `${shop.url}/done?session={CHECKOUT_SESSION_ID}` });
  shop.state.secret = session.client_secret!;
  const browser = await launchBrowser();
  try {
    const page = await browser.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    await page.goto(shop.url);
    const frame = page.frameLocator('iframe[name="embedded-checkout"]');
    const fill = async (card: string) => {
      await frame.getByLabel('Card number').fill(card);
      await frame.getByLabel('Expiry').fill('12 / 34');
      await frame.getByLabel('CVC').fill('123');
      await frame.getByLabel('Name on card').fill('Ada');
      await frame.getByRole('button', { name: 'Pay and subscribe' }).click();
    };
    await fill('4000 0000 0000 9995');
    expect(await frame.getByRole('alert').textContent()).toContain('insufficient funds');
    await fill('4000 0025 0000 3155');
    await frame.getByRole('button', { name: 'Complete authentication' }).click();
    await page.waitForURL(`${shop.url}/done?session=${session.id}`);
    expect(complaints.filter((text) => text.includes('Content Security Policy'))).toEqual([]);
    expect(sandbox.sessions()[0]).toMatchObject({ status: 'complete', payment_status: 'paid' });
  } finally {
    await browser.close();
    shop.stop();
  }
}, 60_000);
