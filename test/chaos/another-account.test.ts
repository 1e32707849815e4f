/** The same database with another Stripe account, ERP database or B2 account: refused, and nothing is written there. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLog } from '../../connector/log.ts';
import { prepareInstallation } from '../../scripts/demo/prepare.ts';
import type { World } from '../../scripts/sandbox/world.ts';
import { startTestWorld } from '../support/sandbox.ts';
import { openScene, type Scene } from './scene.ts';

describe('another account', () => {
  let scene: Scene;
  let other: World;
  let otherEnv: Readonly<Record<string, string>>;

  beforeAll(async () => {
    scene = await openScene('pglite');
    const first = await scene.start({}, { front: true });
    await first.ready;
    await first.stop();
    other = await startTestWorld();
    other.systems.stripe.settings.accountId = 'acct_another';
    otherEnv = await prepareInstallation({
      folder: mkdtempSync(join(tmpdir(), 'other-')),
      env: other.env,
      publicUrl: 'http://127.0.0.1:1',
      log: createLog({ level: 'silent' }),
      print: () => {},
    });
  });
  afterAll(async () => scene?.close());

  const outside = async () => {
    const states: Record<string, unknown> = {};
    for (const system of ['stripe', 'odoo', 'b2']) {
      const answer = await fetch(`${other.urls.control}/api/state/${system}`);
      // Logging in leaves a token with Backblaze and a time of last use in the ERP, which nobody can avoid.
      const { tokens: _tokens, ...state } = (await answer.json()) as Record<string, unknown>;
      states[system] = state;
    }
    return states;
  };

  const inside = () =>
    scene.withDatabase(async (db) => {
      const held: Record<string, unknown> = {};
      for (const table of ['installation', 'events', 'customers', 'orders', 'runs', 'erp_records'])
        held[table] = (await db.query(`select * from ${table}`)).rows;
      return held;
    });

  it.each([
    { what: 'Stripe account', variables: ['STRIPE_API_URL'] },
    { what: 'Odoo database', variables: ['ODOO_URL', 'ODOO_DB', 'ODOO_USERNAME', 'ODOO_API_KEY'] },
    { what: 'Backblaze account', variables: ['B2_API_URL'] },
  ])('$what is refused', async ({ what, variables }) => {
    const before = { outside: await outside(), inside: await inside() };
    const env = Object.fromEntries(variables.map((name) => [name, otherEnv[name]!]));
    const refused = await scene.start({}, { front: true, env });
    await expect(refused.ready).rejects.toMatchObject({
      code: 'another_account',
      message: expect.stringContaining(what),
    });
    refused.kill();
    await refused.gone;
    expect({ outside: await outside(), inside: await inside() }).toEqual(before);
  });

  it('a Stripe account that could not be asked at start is refused when it is to be used', async () => {
    const before = await outside();
    other.faults.add({ system: 'stripe', operation: 'GET /v1/account', times: 3, kind: 'server_error' });
    const doubtful = await scene.start(
      {},
      { front: true, env: { STRIPE_API_URL: otherEnv.STRIPE_API_URL! } },
    );
    await doubtful.ready;
    await expect(scene.buy()).rejects.toThrow('checkout answered 502');
    doubtful.kill();
    await doubtful.gone;
    expect((await outside()).stripe).toEqual(before.stripe);
  });

  it('the accounts it belongs to are still welcome', async () => {
    const again = await scene.start({}, { front: true });
    await again.ready;
    await again.stop();
  });
});
