/** A salesperson's offer in the wizard: every page shows the price agreed, and that is what is charged. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeOffer, type NewOffer } from '../../connector/billing/offers.ts';
import { type Front, startFront } from '../support/front.ts';
import { read } from './billing/shown.ts';

const ROOT = '/services/comply';
const DAY = 86_400_000;

let front: Front;
beforeAll(async () => {
  front = await startFront();
});
afterAll(() => front.stop());

async function offered(change: Partial<NewOffer> = {}): Promise<string> {
  const { token } = await makeOffer(front.deps, {
    requestId: randomUUID(),
    leadId: 9,
    planKey: 'enterprise',
    interval: 'month',
    amounts: { setup: 123_400, recurring: 98_700 },
    currency: 'eur',
    prefill: {
      name: 'Old Quay NV',
      country: 'BE',
      vat_id: '',
      contact_name: 'Carla',
      contact_email: `carla${Math.random().toString(36).slice(2)}@quay.example`,
    },
    locale: 'en',
    ...change,
  });
  return token;
}

const open = (token: string) => fetch(`${front.url}${ROOT}?offer=${token}`, { redirect: 'manual' });

/** Everything but the plan and the organisation, which the offer knows. @returns the visitor's requests */
async function filled(token: string) {
  const cookie = (await open(token)).headers.get('set-cookie')!.split(';')[0]!;
  const get = (path: string) =>
    fetch(`${front.url}${ROOT}${path}`, { redirect: 'manual', headers: { cookie } });
  const post = (path: string, form: Record<string, string>) =>
    fetch(`${front.url}${ROOT}${path}`, {
      method: 'POST',
      redirect: 'manual',
      headers: { cookie },
      body: new URLSearchParams(form),
    });
  await post('/project', { name: 'Quay', code: 'Q-1' });
  await post('/stakeholders', { name: 'Ines', email: 'ines@quay.example', role: 'information_manager' });
  return { get, post, pageOf: async (path: string) => read(await (await get(path)).text()) };
}

it.each<[string, Partial<NewOffer>, setup: string, recurring: string, due: string, charged: number]>([
  ['with amounts of its own', {}, 'EUR 1,234', 'EUR 987 per month', 'EUR 2,221', 222_100],
  [
    'without a set-up',
    { amounts: { setup: 0, recurring: 98_700 } },
    'no set-up fee',
    'EUR 987 per month',
    'EUR 987',
    98_700,
  ],
  [
    'at the plan’s own prices',
    { amounts: null, currency: 'usd', interval: 'year' },
    'USD 6,000',
    'USD 10,000 per year',
    'USD 16,000',
    1_600_000,
  ],
])(
  '%s: plan, review and payment say what Stripe charges',
  async (_what, change, setup, recurring, due, charged) => {
    const visitor = await filled(await offered(change));
    const plan = await visitor.pageOf('');
    expect(plan).toContain(recurring);
    expect(plan).toContain(setup);
    expect(plan).not.toContain('Starter');
    // Neither the other interval's price nor a choice.
    expect(plan).not.toMatch(change.interval === 'year' ? /per month/ : /per year/);
    for (const path of ['/review', '/pay']) {
      const page = await visitor.pageOf(path);
      expect(page, path).toContain(recurring);
      expect(page, path).toContain(`Due today ${due} Prices exclude VAT.`);
    }
    const sessions = front.world.systems.stripe.sessions();
    expect(sessions.at(-1)).toMatchObject({ amount_total: charged });
  },
);

it('cannot be exchanged for another plan', async () => {
  const visitor = await filled(await offered());
  await visitor.post('', { plan: 'starter', interval: 'year' });
  expect(await visitor.pageOf('/review')).toContain('Enterprise, Monthly EUR 987 per month');
});

it('that has ended says so once, and the next visit begins anew', async () => {
  const visitor = await filled(await offered());
  await front.world.clock.advance(20 * DAY);
  expect((await visitor.post('/project', { name: 'Quay', code: 'Q-2' })).status).toBe(303);
  await front.world.clock.advance(11 * DAY);
  for (const path of ['', '/review', '/pay']) {
    const ended = await visitor.get(path);
    expect(ended.status, path).toBe(404);
    expect(read(await ended.text())).toContain('This link is not valid, or it has expired.');
    expect(ended.headers.get('set-cookie')).toMatch(
      /^draft=; Path=\/services\/comply; Expires=Thu, 01 Jan 1970/,
    );
  }
});

it('that nobody made opens nothing', async () => {
  const answer = await open('A'.repeat(43));
  expect([answer.status, answer.headers.get('set-cookie')]).toEqual([404, null]);
  expect(read(await answer.text())).toContain('This link is not valid, or it has expired.');
});
