import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { VARIABLES } from '../../../connector/config-schema.ts';
import { startWorld, type World } from '../../../scripts/sandbox/world.ts';
import { startTestWorld } from '../../support/sandbox.ts';

const folder = mkdtempSync(join(tmpdir(), 'sandbox-world-'));
afterAll(() => rmSync(folder, { recursive: true }));

let world: World;
beforeAll(async () => {
  world = await startTestWorld();
});

const call = async (path: string, method = 'GET', body?: unknown) => {
  const init =
    body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
  const response = await fetch(`${world.urls.control}/api/${path}`, { method, ...init });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
};

test('the environment it gives fits what the connector asks of its own', () => {
  const ofOthers = VARIABLES.filter(({ name }) => /^(STRIPE|ODOO|B2|BEP|SMTP|MAIL)_/.test(name));
  for (const { name, required, schema } of ofOthers) {
    if (required) expect(world.env, name).toHaveProperty(name);
    const { pattern } = schema as { pattern?: string };
    if (pattern !== undefined && world.env[name] !== undefined)
      expect(world.env[name]).toMatch(new RegExp(pattern));
  }
});

test('its keys open each system', async () => {
  const { env } = world;
  const stripe = await fetch(`${env.STRIPE_API_URL}/v1/customers`, {
    headers: { authorization: `Bearer ${env.STRIPE_SECRET_KEY}` },
  });
  expect(await stripe.json()).toMatchObject({ object: 'list', data: [] });
  const args = [env.ODOO_DB, env.ODOO_USERNAME, env.ODOO_API_KEY, {}];
  const odoo = await fetch(`${env.ODOO_URL}/jsonrpc`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'call',
      params: { service: 'common', method: 'authenticate', args },
    }),
  });
  expect(await odoo.json()).toMatchObject({ result: expect.any(Number) });
});

test('each system answers at its own address', async () => {
  for (const name of ['stripe', 'odoo', 'b2', 'bep', 'inbox', 'control'] as const) {
    const response = await fetch(world.urls[name], { redirect: 'manual' });
    expect(response.status, name).toBeLessThan(500);
  }
});

test('the front page names every address', async () => {
  const html = await (await fetch(world.urls.control)).text();
  for (const url of [world.urls.stripe, world.urls.odoo, world.urls.b2, world.urls.bep, world.urls.inbox])
    expect(html).toContain(url);
});

test('another process orders faults, delays and counts', async () => {
  await call('counts', 'DELETE');
  await call('faults', 'POST', { system: 'b2', kind: 'server_error', times: 1 });
  expect((await call('faults')).body).toMatchObject([{ system: 'b2', times: 1 }]);
  expect((await fetch(`${world.urls.b2}/`)).status).toBe(500);
  await call('faults', 'POST', { system: 'b2', kind: 'html', times: null });
  await fetch(`${world.urls.b2}/`);
  expect((await fetch(`${world.urls.b2}/`)).status).toBe(502);
  await call('faults', 'DELETE');
  await call('delay', 'POST', { system: 'b2', ms: 60 });
  const before = performance.now();
  expect((await fetch(`${world.urls.b2}/`)).status).toBe(200);
  expect(performance.now() - before).toBeGreaterThanOrEqual(55);
  world.delay('b2', 0);
  expect((await call('counts')).body).toEqual({ 'b2 page': 4 });
  expect([world.counts.of('b2'), world.counts.of('b2', 'pa*'), world.counts.of('b2', 'other')]).toEqual([
    4, 4, 0,
  ]);
});

test('another process reads state and acts as a person', async () => {
  await call('systems/b2/fill', 'POST', [2]);
  expect((await call('state/b2')).body.buckets).toHaveLength(2);
  expect((await call('systems/b2/accountId', 'POST', [])).body).toEqual({
    result: world.systems.b2.accountId(),
  });
  expect((await call('systems/odoo/version', 'POST', [])).body).toEqual({ result: 19 });
  const made = await call('systems/odoo/staff.create', 'POST', ['res.partner', { name: 'By hand' }]);
  expect(world.systems.odoo.read('res.partner', Number(made.body.result))).toMatchObject({ name: 'By hand' });
  expect((await call('systems/b2/handler', 'POST', [])).status).toBe(404);
  expect((await call('systems/b2/toString', 'POST', [])).status).toBe(404);
  expect((await call('nothing')).status).toBe(404);
  expect((await call('clock', 'POST', { advanceMs: -1 })).status).toBe(400);
  expect((await call('faults', 'POST', {})).status).toBe(400);
});

test('a web page of another origin cannot post', async () => {
  const response = await fetch(`${world.urls.control}/api/clock`, {
    method: 'POST',
    body: '{"advanceMs":1}',
  });
  expect(response.status).toBe(415);
});

test('the clock is one for all systems', async () => {
  const { body } = await call('clock', 'POST', { advanceMs: 86_400_000 });
  expect(Math.abs(Date.parse(String(body.now)) - world.clock.now().getTime())).toBeLessThan(1000);
  expect(world.clock.now().getTime()).toBeGreaterThan(Date.now() + 86_000_000);
});

test('on the same folder a world goes on: state, time and addresses', async () => {
  const first = await startWorld({ folder });
  first.systems.b2.fill(3);
  await first.clock.advance(3_600_000);
  const { urls } = first;
  const account = first.systems.b2.accountId();
  await first.stop();
  await first.stop();
  const second = await startTestWorld({ folder });
  expect(second.urls).toEqual(urls);
  expect(second.systems.b2.buckets()).toHaveLength(3);
  expect(second.systems.b2.accountId()).toBe(account);
  expect(second.clock.now().getTime()).toBeGreaterThan(Date.now() + 3_590_000);
  await second.stop();
});

test('two worlds are two accounts, and a taken port is replaced', async () => {
  const port = Number(new URL(world.urls.b2).port);
  const other = await startTestWorld({ ports: { b2: port } });
  expect(other.urls.b2).not.toBe(world.urls.b2);
  expect(other.systems.b2.accountId()).not.toBe(world.systems.b2.accountId());
});
