/** Feature gates and metered usage, as the CODITECT catalogue sells them: asked by the product, billed by the sandbox's Stripe. */
import { readFileSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { confirmChange } from '../../../connector/billing/commands/confirm-change.ts';
import { pause, resume } from '../../../connector/billing/commands/pause.ts';
import { previewChange } from '../../../connector/billing/commands/preview-change.ts';
import { lift, suspend } from '../../../connector/billing/dunning/suspensions.ts';
import { type BillingScene, startBilling } from './scene.ts';

type Customer = Awaited<ReturnType<BillingScene['customer']>>;

let scene: BillingScene;
beforeAll(async () => {
  const catalogue = JSON.parse(readFileSync('mappings/examples/coditect.json', 'utf8')) as object;
  const addOns = [
    {
      key: 'audit_log',
      name: 'Audit log',
      description: 'Every request kept.',
      prices: { month: 500 },
      featureKeys: ['audit_log'],
    },
  ];
  const catalogueFile = join(await mkdtemp(join(tmpdir(), 'coditect-')), 'plans.json');
  await writeFile(catalogueFile, JSON.stringify({ ...catalogue, addOns }));
  scene = await startBilling({ catalogueFile });
}, 60_000);
afterAll(() => scene?.stop());

// The plan has a seat for one.
const customer = () =>
  scene.customer({
    plan: 'coditect_starter',
    stakeholders: [{ name: 'Ada Byron', email: 'ada@one.example', role: 'information_manager' }],
  });
const get = async (by: Customer, path: string) =>
  scene.call('GET', `/api/v1${path}`, { token: scene.token(by.organisationId) });
const use = (by: Customer, body: Record<string, unknown>) =>
  scene.call('POST', '/api/v1/usage', { token: scene.token(by.organisationId), body });
const ai = (quantity: number, identifier: string) => ({ meter_key: 'ai_requests', quantity, identifier });

describe('features', () => {
  it('are those of the plan whose money is there and of its add-ons', async () => {
    const by = await customer();
    expect(await get(by, '/features')).toMatchObject({
      status: 200,
      body: {
        subscription: String(by.subscriptionId),
        plan_key: 'coditect_starter',
        refused: null,
        features: ['ai_requests'],
        limits: { projects: 1, users: 1, storage_gb: null },
      },
    });
    expect((await get(by, '/features/ai_requests')).body).toEqual({
      feature: 'ai_requests',
      granted: true,
      refused: null,
    });
    expect((await get(by, '/features/priority_queue')).body).toMatchObject({
      granted: false,
      refused: 'not_in_plan',
    });
    expect(await get(by, '/features/teleport')).toMatchObject({
      status: 404,
      body: { code: 'feature_not_found' },
    });
    const bought = await scene.call('POST', '/addons/purchase', {
      token: by.token,
      body: { addon_key: 'audit_log' },
    });
    expect(bought.status).toBe(201);
    const { token } = await previewChange(scene.deps, { ...by, planKey: 'coditect_pro' });
    await confirmChange(scene.deps, { subscriptionId: by.subscriptionId, token });
    expect((await get(by, '/features')).body).toMatchObject({
      features: ['ai_requests', 'team_projects', 'priority_queue', 'audit_log'],
      limits: { projects: null, users: null },
    });
  });

  it('are none while money is missing, while it rests, and after the end', async () => {
    const by = await customer();
    const { subscriptionId } = by;
    const deps = { onTransition: async () => undefined, now: scene.deps.now() };
    const about = 'in_unpaid';
    const refused = async () => (await get(by, `/features/ai_requests?subscription=${subscriptionId}`)).body;
    await scene.db.tx((tx) => suspend(tx, deps, { subscriptionId, about, level: 'features' }));
    expect(await refused()).toMatchObject({ granted: false, refused: 'suspended' });
    expect((await get(by, '/features')).body).toMatchObject({ features: [], limits: { projects: 1 } });
    await scene.db.tx((tx) => lift(tx, deps, { subscriptionId, about }));
    expect(await refused()).toMatchObject({ granted: true });
    await pause(scene.deps, { subscriptionId });
    expect(await refused()).toMatchObject({ granted: false, refused: 'paused' });
    await resume(scene.deps, { subscriptionId });
    expect(await refused()).toMatchObject({ granted: true });
    await scene.call('DELETE', '/subscription', { token: by.token });
    expect(await refused()).toMatchObject({ granted: false, refused: 'ended' });
  });
});

describe('usage', () => {
  it('reported once an identifier, is seen, and billed with the next period', async () => {
    const by = await customer();
    for (const [quantity, identifier] of [
      [40, 'job-1'],
      [40, 'job-1'],
      [2, 'job-2'],
    ] as const)
      expect(await use(by, ai(quantity, identifier))).toMatchObject({
        status: 202,
        body: { accepted: true },
      });
    // The same words of another customer are theirs.
    const other = await customer();
    await use(other, ai(7, 'job-1'));
    expect((await get(by, '/usage')).body).toMatchObject({
      limits: [
        { what: 'projects', limit: 1, used: expect.any(Number) },
        { what: 'users', limit: 1, used: 1 },
      ],
      meters: [
        { meter_key: 'ai_requests', unit: 'request', currency: 'usd', unit_amount: '1', quantity: 42 },
        { meter_key: 'storage', unit: 'MB', unit_amount: '5', quantity: 0 },
      ],
    });
    const upcoming = async (whose: Customer) =>
      (await scene.call('GET', '/upcoming-invoice', { token: scene.token(whose.organisationId) })).body;
    expect(await upcoming(by)).toMatchObject({ invoice: { total: 1900 + 42 } });
    await scene.world.clock.advance(32 * 86_400_000);
    const [renewal] = (await scene.stripe.invoices.list({ subscription: by.providerId })).data;
    expect(renewal).toMatchObject({ status: 'paid', amount_paid: 1900 + 42 });
    expect(await upcoming(by)).toMatchObject({ invoice: { total: 1900 } });
  });

  it('is billed at once when the subscription ends now', async () => {
    const by = await customer();
    await use(by, ai(60, 'last'));
    await scene.call('DELETE', '/subscription', { token: scene.token(by.organisationId) });
    const [last] = (await scene.stripe.invoices.list({ subscription: by.providerId })).data;
    expect(last).toMatchObject({ status: 'paid', amount_paid: 60 });
    expect((await scene.row(by.subscriptionId)).status).toBe('canceled');
  });

  it('is refused for another meter, an impossible time, and nobody’s subscription', async () => {
    const by = await customer();
    expect(await use(by, { ...ai(1, 'a'), meter_key: 'coffee' })).toMatchObject({
      status: 404,
      body: { code: 'meter_not_found' },
    });
    for (const days of [-36, 1]) {
      const at = new Date(scene.deps.now().getTime() + days * 86_400_000).toISOString();
      expect(await use(by, { ...ai(1, `late${days}`), at })).toMatchObject({
        status: 422,
        body: { code: 'usage_time_refused' },
      });
    }
    expect(await use(by, { ...ai(0, 'none') })).toMatchObject({ status: 422 });
    expect(await use(by, { meter_key: 'ai_requests', quantity: 1 })).toMatchObject({ status: 422 });
    expect(await use(by, { ...ai(1, 'b'), at: '2027-99-99T00:00:00Z' })).toMatchObject({ status: 422 });
  });
});
