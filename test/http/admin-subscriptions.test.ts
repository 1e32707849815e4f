/** Operators change subscriptions by the CLI: over HTTP, at the sandbox's Stripe, and by Stripe's own ids. */
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { cancel } from '../../connector/billing/commands/cancel.ts';
import { subscriptionNumber } from '../../connector/billing/commands/change.ts';
import { confirmChange } from '../../connector/billing/commands/confirm-change.ts';
import { createSubscription } from '../../connector/billing/commands/create.ts';
import { pause, resume } from '../../connector/billing/commands/pause.ts';
import { previewChange } from '../../connector/billing/commands/preview-change.ts';
import { reactivate } from '../../connector/billing/commands/reactivate.ts';
import { revokeChange } from '../../connector/billing/commands/revoke-scheduled.ts';
import { setTrialEnd } from '../../connector/billing/commands/trial.ts';
import { listSubscriptions } from '../../connector/billing/list-subscriptions.ts';
import { type AdminPort, adminRouter } from '../../connector/http/admin.ts';
import { createHttpServer, type RunningServer } from '../../connector/http/server.ts';
import { createLog } from '../../connector/log.ts';
import {
  subscriptionsCancel,
  subscriptionsCreate,
  subscriptionsKeepPlan,
  subscriptionsList,
  subscriptionsPause,
  subscriptionsReactivate,
  subscriptionsResume,
  subscriptionsTrial,
} from '../../scripts/commands/subscriptions.ts';
import { type Scene, startScene } from '../billing/commands/scene.ts';

const KEY = 'the-only-operator-key-here';
let scene: Scene;
let server: RunningServer;
const printed = vi.spyOn(console, 'log').mockImplementation(() => {});

beforeAll(async () => {
  scene = await startScene();
  const admin = {
    subscriptions: {
      list: (filter) => listSubscriptions(scene.db, filter),
      find: (named) => subscriptionNumber(scene.db, named),
      create: (input) => createSubscription(scene.deps, input),
      cancel: (input) => cancel(scene.deps, input),
      reactivate: (subscriptionId) => reactivate(scene.deps, { subscriptionId }),
      pause: (subscriptionId) => pause(scene.deps, { subscriptionId }),
      resume: (subscriptionId) => resume(scene.deps, { subscriptionId }),
      setTrialEnd: (input) => setTrialEnd(scene.deps, input),
      revokeChange: (subscriptionId) => revokeChange(scene.deps, { subscriptionId }),
    },
  } satisfies Partial<AdminPort> as unknown as AdminPort;
  server = await createHttpServer({
    log: createLog({ level: 'silent' }),
    publicUrl: 'http://127.0.0.1',
    trustProxy: undefined,
    health: { checks: async () => ({}), metrics: async () => [] },
    routers: [adminRouter({ admin, apiKeys: [KEY] })],
  }).listen(0, '127.0.0.1');
});
afterEach(() => printed.mockClear());
afterAll(async () => {
  printed.mockRestore();
  await server.close(100);
  await scene.stop();
});

const env = () => ({ CONNECTOR_URL: server.url, CONNECTOR_API_KEYS: KEY });
const said = () => printed.mock.calls.map(([line]) => String(line)).join('\n');

it('cancels and reactivates by our number and by Stripe’s id', async () => {
  const { subscriptionId, providerId } = await scene.buy();
  await subscriptionsCancel([providerId, '--feedback', 'unused'], env());
  expect(said()).toContain(`${providerId} ends on `);
  await subscriptionsReactivate([String(subscriptionId)], env());
  expect(said()).toContain(`${providerId} goes on`);
  await subscriptionsCancel([providerId, '--now', '--json'], env());
  expect(JSON.parse(printed.mock.calls.at(-1)![0])).toMatchObject({ providerId, status: 'canceled' });
  await expect(subscriptionsReactivate([providerId], env())).rejects.toMatchObject({
    code: 'no_active_subscription',
  });
  await expect(subscriptionsCancel(['sub_none'], env())).rejects.toMatchObject({
    code: 'subscription_not_found',
  });
  await expect(subscriptionsCancel([providerId, '--feedback', 'bored'], env())).rejects.toMatchObject({
    code: 'invalid_request',
  });
});

it('pauses, resumes, and drops a change that was arranged', async () => {
  const { subscriptionId, providerId } = await scene.buy();
  await subscriptionsPause([providerId], env());
  expect(said()).toContain(`${providerId} is paused`);
  await subscriptionsResume([String(subscriptionId)], env());
  expect(said()).toContain(`${providerId} is active`);
  await expect(subscriptionsKeepPlan([providerId], env())).rejects.toMatchObject({
    code: 'nothing_scheduled',
  });
  const { token } = await previewChange(scene.deps, { subscriptionId, planKey: 'starter' });
  await confirmChange(scene.deps, { subscriptionId, token });
  await subscriptionsKeepPlan([providerId], env());
  expect(said()).toContain(`${providerId} keeps its plan`);
  expect((await scene.deps.gateway.read(providerId)).scheduled).toBeNull();
});

it('prolongs a trial to a day and ends it', async () => {
  const { customerId } = await scene.buy();
  await subscriptionsCreate(
    ['--customer', customerId, '--plan', 'starter', '--trial-days', '14', '--json'],
    env(),
  );
  const { providerId } = JSON.parse(printed.mock.calls.at(-1)![0]) as { providerId: string };
  const day = new Date(scene.world.clock.now().getTime() + 40 * 86_400_000).toISOString().slice(0, 10);
  await subscriptionsTrial([providerId, '--end', day], env());
  expect(said()).toContain(`${providerId} is on trial until ${day}.`);
  for (const end of ['soon', '2026-13-45', ''])
    await expect(subscriptionsTrial([providerId, '--end', end], env())).rejects.toMatchObject({
      code: 'invalid_request',
    });
  await subscriptionsTrial([providerId, '--end', 'now'], env());
  expect(said()).toContain(`${providerId} is active`);
  await expect(subscriptionsTrial([providerId, '--end', 'now'], env())).rejects.toMatchObject({
    code: 'not_on_trial',
  });
});

it('creates for a customer and lists, by table and as JSON', async () => {
  const { customerId } = await scene.buy();
  await subscriptionsCreate(['--customer', customerId, '--plan', 'starter', '--interval', 'year'], env());
  expect(said()).toContain(`is active for ${customerId}`);
  printed.mockClear();
  await subscriptionsList(['--customer', customerId], env());
  expect(said()).toMatch(/starter +USD\s2,500\.00\/year +active/);
  printed.mockClear();
  await subscriptionsList(['--customer', customerId, '--limit', '1', '--json'], env());
  expect(JSON.parse(said())).toMatchObject([{ planKey: 'starter', billingInterval: 'year' }]);
  await expect(
    subscriptionsCreate(['--customer', 'cus_none', '--plan', 'starter'], env()),
  ).rejects.toMatchObject({ code: 'customer_not_found' });
  await expect(
    subscriptionsCreate(['--customer', customerId, '--plan', 'gold'], env()),
  ).rejects.toMatchObject({ code: 'tier_not_found' });
  await expect(subscriptionsCreate(['--customer', customerId], env())).rejects.toMatchObject({
    code: 'invalid_request',
  });
});
