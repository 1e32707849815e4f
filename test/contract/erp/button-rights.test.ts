/** Who may press which button, what nobody may write by hand, and what a nudge from anywhere leads to. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { REQUEST_ACTIONS } from '../../../connector/crm/requests/actions.ts';
import type { Odoo } from '../../../connector/odoo/odoo.ts';
import { erpNudgeUrl } from '../../../connector/secrets/erp-nudge-token.ts';
import { eventually } from '../../support/connector.ts';
import { type ButtonScene, openButtonScene, REQUEST, SECRET, SUBSCRIPTION } from './button-scene.ts';
import { unique } from './erp.ts';
import { press as pressButton } from './people.ts';

let scene: ButtonScene;
beforeAll(async () => {
  scene = await openButtonScene();
}, 180_000);
afterAll(() => scene?.close());
beforeEach(async () => {
  await scene.begin();
  return scene.end;
});

describe('rights', () => {
  const managers = Object.entries(REQUEST_ACTIONS).flatMap(([name, { who, on }]) =>
    who === 'managers' && on === SUBSCRIPTION ? [name] : [],
  );
  for (const name of managers) {
    test(`"${name}" is refused to a salesperson and done for a manager`, async () => {
      await expect(scene.press(scene.seller, `request_${name}`)).rejects.toMatchObject({
        code: 'odoo_access',
      });
      expect(await scene.rows()).toEqual([]);
      await scene.press(scene.manager, `request_${name}`);
      expect(await scene.rows()).toHaveLength(1);
    });
  }

  test('a colleague without Sales presses nothing and reads nothing', async () => {
    for (const action of ['request_resync', 'request_cancel', 'open_in_stripe'])
      await expect(scene.press(scene.colleague, action)).rejects.toMatchObject({ code: 'odoo_access' });
    await expect(scene.colleague.odoo.call(REQUEST, 'search', { domain: [] })).rejects.toMatchObject({
      code: 'odoo_access',
    });
    expect(await scene.rows()).toEqual([]);
  });

  test('nobody of Sales makes, changes or deletes a request by hand, nor does the service make or delete one', async () => {
    await scene.press(scene.seller, 'request_resync');
    const [row] = await scene.rows();
    const values = {
      x_name: 'x',
      x_request: unique('x'),
      x_action: 'cancel',
      x_subscription_id: scene.subscription,
    };
    for (const who of [scene.seller.odoo, scene.manager.odoo, scene.erp.service]) {
      await expect(
        who.call(REQUEST, 'create', { vals_list: [{ ...values, x_state: 'waiting' }] }),
      ).rejects.toMatchObject({ code: 'odoo_access' });
      await expect(who.call(REQUEST, 'unlink', { ids: [row!.id] })).rejects.toMatchObject({
        code: 'odoo_access',
      });
    }
    for (const who of [scene.seller.odoo, scene.manager.odoo])
      await expect(
        who.call(REQUEST, 'write', { ids: [row!.id], vals: { x_state: 'done' } }),
      ).rejects.toMatchObject({ code: 'odoo_access' });
  });

  test('Open in Stripe leads to the subscription and asks the connector nothing', async () => {
    const [{ x_stripe_id }] = (await scene.seller.odoo.call<{ x_stripe_id: string }[]>(SUBSCRIPTION, 'read', {
      ids: [scene.subscription],
      fields: ['x_stripe_id'],
    })) as [{ x_stripe_id: string }];
    const action = await scene.press(scene.seller, 'open_in_stripe');
    expect(action).toMatchObject({ type: 'ir.actions.act_url', target: 'new' });
    expect(action.url).toMatch(
      new RegExp(`^https://dashboard\\.stripe\\.com/(test/)?subscriptions/${x_stripe_id}$`),
    );
    expect(await scene.rows()).toEqual([]);
  });

  test('the dialog’s Refresh shows the same request', async () => {
    const dialog = await scene.press(scene.seller, 'request_resync');
    const again = await pressButton(scene.erp, scene.seller.odoo, {
      action: 'show_request',
      model: REQUEST,
      id: Number(dialog.res_id),
    });
    expect(again).toMatchObject({ res_model: REQUEST, res_id: dialog.res_id, target: 'new' });
  });
});

describe('the nudge', () => {
  const nudge = async (port: number, token: string) =>
    fetch(`http://127.0.0.1:${port}/webhooks/erp/${token}`, { method: 'POST', body: 'x' });

  test('answers 204 whatever it is given, and only the right token leads to a look', async () => {
    await scene.press(scene.seller, 'request_resync');
    const connector = await scene.startConnector({ nudged: false, odoo: notYet() });
    await eventually('the look at start', async () => looks > 0);
    look = true;
    const wrong = await nudge(connector.port, 'a'.repeat(43));
    expect([wrong.status, await wrong.text()]).toEqual([204, '']);
    expect([looks, connector.calls]).toEqual([1, []]);
    const right = new URL(erpNudgeUrl('http://x', SECRET)).pathname.split('/').at(-1)!;
    expect((await nudge(connector.port, right)).status).toBe(204);
    await scene.answered();
    expect(connector.calls).toHaveLength(1);
  });

  let look = false;
  let looks = 0;
  /** Shows no requests until `look`: the look at start must not find it. */
  function notYet(): Odoo {
    look = false;
    looks = 0;
    return {
      ...scene.erp.service,
      async call<T>(model: string, method: string, args: Record<string, unknown> = {}) {
        if (model === REQUEST && method === 'search_read') looks += 1;
        return !look && model === REQUEST ? ([] as T) : scene.erp.service.call<T>(model, method, args);
      },
    };
  }
});
