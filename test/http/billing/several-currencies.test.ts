/** One catalogue sold in dollars, yen (no decimals) and Kuwaiti dinars (three): checkout, changes, add-ons, pages. */
import { readFileSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createSubscription } from '../../../connector/billing/commands/create.ts';
import { loadCatalogue } from '../../../connector/billing/plans.ts';
import { orderBody } from '../../support/front.ts';
import { type BillingScene, startBilling } from './scene.ts';

type Raw = { plans: Record<string, unknown>[]; addOns: Record<string, unknown>[] };

async function written(change: (raw: Raw) => void): Promise<string> {
  const raw = JSON.parse(readFileSync('mappings/plans.json', 'utf8')) as Raw;
  raw.plans = raw.plans.slice(0, 2);
  raw.addOns = raw.addOns.slice(3, 4);
  const [starter, professional] = raw.plans;
  starter!.currencies = {
    jpy: { setupAmount: 200_000, prices: { month: 37_001, year: 370_000 } },
    kwd: { setupAmount: 460_000, prices: { month: 76_540, year: 765_000 } },
  };
  professional!.currencies = {
    jpy: { setupAmount: 400_000, prices: { month: 75_003, year: 750_000 } },
    kwd: { setupAmount: 920_000, prices: { month: 153_210, year: 1_532_000 } },
  };
  raw.addOns[0]!.currencies = { jpy: { prices: { month: 2700 } }, kwd: { prices: { month: 5550 } } };
  change(raw);
  const file = join(await mkdtemp(join(tmpdir(), 'currencies-')), 'plans.json');
  await writeFile(file, JSON.stringify(raw));
  return file;
}

let scene: BillingScene;
beforeAll(async () => {
  scene = await startBilling({ catalogueFile: await written(() => {}) });
}, 60_000);
afterAll(() => scene?.stop());

const newest = async (subscription: string) => (await scene.stripe.invoices.list({ subscription })).data[0]!;

it.each([
  ['jpy', 237_001, 75_003, 2700],
  ['kwd', 536_540, 153_210, 5550],
])('is bought, changed and added to in %s', async (currency, first, professional, pack) => {
  const by = await scene.customer({ plan: 'starter', interval: 'month', currency });
  expect(await newest(by.providerId)).toMatchObject({ currency, amount_paid: first });
  expect(await scene.row(by.subscriptionId)).toMatchObject({ currency, plan_key: 'starter' });
  await scene.world.clock.advance(11 * 86_400_000 + 7_654_000);
  const token = scene.token(by.organisationId);
  const preview = await scene.call('POST', '/change-tier/preview', {
    token,
    body: { plan_key: 'professional' },
  });
  expect(preview.body).toMatchObject({ currency, recurring_amount: professional });
  const done = await scene.call('POST', '/change-tier', { token, body: { token: preview.body.token } });
  expect(done.body).toMatchObject({ outcome: 'changed', subscription: { currency, amount: professional } });
  expect(await newest(by.providerId)).toMatchObject({ currency, amount_paid: preview.body.amount_due });
  expect(Number.isInteger(preview.body.amount_due)).toBe(true);
  const bought = await scene.call('POST', '/addons/purchase', { token, body: { addon_key: 'email_10' } });
  expect(bought.body).toMatchObject({ currency, unit_amount: pack });
  const tiers = await scene.call<{ data: object[] }>('GET', '/tiers', { token });
  expect(tiers.body.data[1]).toMatchObject({
    currency,
    prices: [{ interval: 'month', amount: professional }, {}],
  });
  // One more of this customer is in its currency too: Stripe takes no other.
  const wanted = { planKey: 'starter', interval: 'month' } as const;
  const more = await createSubscription(scene.deps, {
    customerId: by.customerId,
    wanted,
    requestId: `more-${currency}`,
  });
  expect(more.currency).toBe(currency);
});

it('is in the catalogue’s own where none is named, and in none that it is not sold in', async () => {
  const by = await scene.customer({ plan: 'starter', interval: 'month' });
  expect(await newest(by.providerId)).toMatchObject({ currency: 'usd', amount_paid: 175_000 });
  const { status, body } = await scene.post(orderBody({ plan: 'starter', currency: 'chf' }));
  expect([status, body.errors]).toMatchObject([422, [{ pointer: '/currency', code: 'currency' }]]);
});

it('is chosen in the wizard by a link, and kept', async () => {
  const first = await fetch(`${scene.url}/services/comply?currency=kwd`, { redirect: 'manual' });
  const cookie = first.headers.get('set-cookie')!.split(';')[0]!;
  const page = async (at: string) =>
    (await fetch(`${scene.url}/services/comply${at}`, { headers: { cookie } })).text();
  expect((await page('')).replaceAll(/\s/g, ' ')).toContain('KWD 76.540');
  await page('?currency=xxx');
  expect((await page('')).replaceAll(/\s/g, ' ')).toContain('KWD 76.540');
  const yen = await page('?currency=jpy');
  expect(yen.replaceAll(/\s/g, ' ')).toContain('JPY 37,001');
});

it.each([
  ['a plan that is not sold in it', (raw: Raw) => delete raw.plans[1]!.currencies, /currencies\/jpy/],
  [
    'an interval that is missing',
    (raw: Raw) => Object.assign(raw.plans[0]!.currencies as object, { jpy: { prices: { month: 1 } } }),
    /same intervals/,
  ],
  [
    'a third decimal that Stripe does not take',
    (raw: Raw) =>
      Object.assign(raw.plans[0]!.currencies as object, { kwd: { prices: { month: 76_541, year: 10 } } }),
    /must end in 0/,
  ],
])('refuses a catalogue with %s', async (_what, change, problem) => {
  const file = await written(change);
  expect(() => loadCatalogue(file)).toThrow(problem);
});
