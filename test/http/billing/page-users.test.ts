/** The billing page's form for a plan priced per user, sent as a browser without scripts sends it. */
import { readFileSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type BillingScene, startBilling } from './scene.ts';

let scene: BillingScene;
beforeAll(async () => {
  const raw = JSON.parse(readFileSync('mappings/plans.json', 'utf8')) as { plans: Record<string, unknown>[] };
  const [starter] = raw.plans;
  raw.plans = [
    { ...starter, key: 'team', name: 'Team', setupAmount: 0, usage: 'per_user', prices: { month: 900 } },
  ];
  const file = join(await mkdtemp(join(tmpdir(), 'team-')), 'plans.json');
  await writeFile(file, JSON.stringify({ ...raw, addOns: [] }));
  scene = await startBilling({ catalogueFile: file });
}, 60_000);
afterAll(() => scene?.stop());

it('previews more users, charges exactly that, and refuses what is no number of them', async () => {
  const by = await scene.customer({ plan: 'team', interval: 'month', quantity: 3 });
  const send = async (path: string, fields: Record<string, string>) => {
    const answer = await fetch(`${scene.api}/billing${path}`, {
      method: 'POST',
      redirect: 'manual',
      headers: { cookie: `billing=${by.token}`, origin: scene.api },
      body: new URLSearchParams({ subscription: String(by.subscriptionId), ...fields }),
    });
    return { status: answer.status, to: answer.headers.get('location'), text: await answer.text() };
  };
  const page = await fetch(`${scene.api}/billing`, { headers: { cookie: `billing=${by.token}` } });
  expect(await page.text()).toMatch(/name="quantity" type="number"[^>]* value="3"/);
  const wanted = { plan_key: 'team', interval: 'month' };
  for (const quantity of ['0', '2.5', 'many'])
    expect(await send('/change', { ...wanted, quantity })).toMatchObject({
      status: 303,
      to: '/billing?note=invalid_request',
    });
  expect((await send('/change', { ...wanted, quantity: '3' })).to).toBe('/billing?note=nothing_to_change');
  const preview = await send('/change', { ...wanted, quantity: '5' });
  expect(preview.text).toContain('Team × 5');
  const due = Number(/data-amount="(\d+)"/.exec(preview.text)![1]);
  const token = /name="token" value="([^"]+)"/.exec(preview.text)![1]!;
  expect((await send('/change/confirm', { token })).to).toBe('/billing?note=changed');
  const [invoice] = (await scene.stripe.invoices.list({ subscription: by.providerId })).data;
  expect(invoice).toMatchObject({ amount_paid: due });
  expect(await scene.row(by.subscriptionId)).toMatchObject({ quantity: 5, recurring_amount: 4500 });
});

it('comes back with as many users as are wanted, and by an interval that is sold', async () => {
  const by = await scene.customer({ plan: 'team', interval: 'month', quantity: 3 });
  const { project_id } = await scene.row(by.subscriptionId);
  await scene.call('DELETE', '/subscription', { token: by.token });
  const send = async (path: string, interval: string, more: Record<string, string> = {}) => {
    const answer = await fetch(`${scene.api}/billing/${path}`, {
      method: 'POST',
      redirect: 'manual',
      headers: { cookie: `billing=${by.token}`, origin: scene.api },
      body: new URLSearchParams({
        ...more,
        project: String(project_id),
        after: String(by.subscriptionId),
        plan_key: 'team',
        quantity: '4',
        interval,
      }),
    });
    return { to: answer.headers.get('location'), text: await answer.text() };
  };
  expect((await send('return', 'year')).to).toBe('/billing?note=no_price_for_tier');
  const { text } = await send('return', 'month');
  expect(text).toContain('Team × 4');
  const due = /data-amount="(\d+)"/.exec(text)![1]!;
  expect((await send('return/confirm', 'month', { due })).to).toBe('/billing?note=returned');
  const [invoice] = (await scene.stripe.invoices.list({ customer: by.customerId })).data;
  expect(invoice!.amount_paid).toBe(Number(due));
});
