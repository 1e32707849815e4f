/** Staff's buttons: from the press in the ERP to the answer on the row, each request carried out once. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ConnectorError } from '../../../connector/errors.ts';
import type { Odoo } from '../../../connector/odoo/odoo.ts';
import { eventually } from '../../support/connector.ts';
import { type ButtonScene, openButtonScene, REQUEST, SUBSCRIPTION } from './button-scene.ts';
import { unique } from './erp.ts';

let scene: ButtonScene;
beforeAll(async () => {
  scene = await openButtonScene();
}, 180_000);
afterAll(() => scene?.close());
beforeEach(async () => {
  await scene.begin();
  return scene.end;
});

describe('a press', () => {
  test('is told to the connector at once, and answered before the dialog opens', async () => {
    const connector = await scene.startConnector({
      handle: { open_portal: async () => ({ answer: 'Here it is.', url: 'https://portal.example/p/1' }) },
    });
    const dialog = await scene.press(scene.seller, 'request_open_portal');
    const [row] = await scene.rows();
    expect(dialog).toMatchObject({
      type: 'ir.actions.act_window',
      res_model: REQUEST,
      res_id: row!.id,
      target: 'new',
    });
    await scene.answered();
    expect((await scene.rows())[0]).toMatchObject({
      x_state: 'done',
      x_answer: 'Here it is.',
      x_url: 'https://portal.example/p/1',
      x_asker_id: [scene.seller.id, scene.seller.login],
    });
    expect(connector.calls).toHaveLength(1);
    expect(connector.calls[0]).toMatchObject({
      action: 'open_portal',
      model: SUBSCRIPTION,
      resId: scene.subscription,
    });
    expect(connector.calls[0]!.asker).toContain(scene.seller.login);
    expect(Math.abs(connector.calls[0]!.askedAt.getTime() - Date.now())).toBeLessThan(120_000);
    const [note] = await scene.waitingNotes();
    expect(note).toContain(scene.seller.login);
    expect(note).toContain('Here it is.');
    expect(note).not.toContain('portal.example');
  });

  test('without a nudge waits for the next look', async () => {
    await scene.startConnector({ everyMs: 300, nudged: false });
    await scene.press(scene.seller, 'request_resync');
    const [row] = await scene.answered();
    expect(row).toMatchObject({ x_state: 'done', x_answer: 'done: resync' });
    expect(row!.x_answered_at).not.toBe(false);
  });

  test('while the connector is down is done once when it is back, however often it was pressed', async () => {
    await scene.press(scene.seller, 'request_resync');
    await scene.press(scene.manager, 'request_resync');
    expect(await scene.rows()).toMatchObject([{ x_state: 'waiting' }]);
    const connector = await scene.startConnector({ nudged: false });
    await scene.answered();
    expect(connector.calls.map(({ action }) => action)).toEqual(['resync']);
  });

  test('of one thing twice before it was seen has one effect and the same answer', async () => {
    const [first] = (await scene.erp.admin.call<number[]>(REQUEST, 'create', {
      vals_list: [unique('twice-a'), unique('twice-b')].map((x_request) => ({
        x_name: 'Cancel',
        x_request,
        x_action: 'cancel',
        x_subscription_id: scene.subscription,
        x_asker_id: scene.manager.id,
        x_state: 'waiting',
      })),
    })) as [number, number];
    expect(first).toBeGreaterThan(0);
    const connector = await scene.startConnector({ nudged: false });
    const both = await scene.answered(2);
    expect(both.map(({ x_answer }) => x_answer)).toEqual(['done: cancel', 'Already done: done: cancel']);
    expect(connector.calls).toHaveLength(1);
  });

  test('once more after the answer is a new request', async () => {
    const connector = await scene.startConnector();
    await scene.press(scene.seller, 'request_resync');
    await scene.answered();
    await scene.press(scene.seller, 'request_resync');
    await scene.answered(2);
    expect(connector.calls).toHaveLength(2);
  });

  test('of what must not be done says so, and what another system could not do says that', async () => {
    await scene.startConnector({
      handle: {
        cancel: async () => {
          throw new ConnectorError({
            kind: 'conflict',
            code: 'ended',
            message: 'It has ended.',
            advice: 'Look.',
          });
        },
        reactivate: async () => {
          throw new ConnectorError({
            kind: 'permanent',
            code: 'x',
            message: 'No such key.',
            system: 'stripe',
          });
        },
      },
    });
    await scene.press(scene.manager, 'request_cancel');
    await scene.press(scene.manager, 'request_reactivate');
    expect(await scene.answered(2)).toMatchObject([
      { x_state: 'refused', x_answer: 'It has ended. Look.' },
      { x_state: 'failed', x_answer: 'No such key.' },
    ]);
  });

  test('that another system cannot serve yet stays waiting and is tried again', async () => {
    let tries = 0;
    await scene.startConnector({
      handle: {
        resync: async () => {
          tries += 1;
          if (tries > 1) return { answer: 'read anew' };
          throw new ConnectorError({ kind: 'retryable', code: 'x', message: 'Not now.', system: 'stripe' });
        },
      },
    });
    await scene.press(scene.seller, 'request_resync');
    expect(await scene.answered()).toMatchObject([{ x_state: 'done', x_answer: 'read anew' }]);
    expect(tries).toBe(2);
  });
});

describe('once', () => {
  /** The service's port; `lost` loses answers. */
  const losing = (lost: (model: string, method: string, vals: unknown) => boolean): Odoo => ({
    ...scene.erp.service,
    async call<T>(model: string, method: string, args: Record<string, unknown> = {}) {
      const answer = await scene.erp.service.call<T>(model, method, args);
      if (lost(model, method, args.vals))
        throw new ConnectorError({ kind: 'retryable', code: 'reset', message: 'reset', system: 'odoo' });
      return answer;
    },
  });

  test('an answer whose writing was not confirmed is written again, the effect is not repeated', async () => {
    let times = 0;
    const connector = await scene.startConnector({
      odoo: losing((model, method) => model === REQUEST && method === 'write' && times++ === 0),
    });
    await scene.press(scene.seller, 'request_resync');
    await eventually('settled', async () => {
      const { rows: open } = await scene.db.query('select 1 from erp_requests where answered_at is null');
      return open.length === 0 && times === 2;
    });
    expect(connector.calls).toHaveLength(1);
    expect(await scene.rows()).toMatchObject([{ x_state: 'done' }]);
    expect(await scene.waitingNotes()).toHaveLength(1);
  });

  test('a process that dies between effect and answer leaves the answer to the next one', async () => {
    let connector = await scene.startConnector({
      odoo: losing((model, method) => model === REQUEST && method === 'search'),
    });
    await scene.press(scene.seller, 'request_resync');
    await eventually('carried out', async () => {
      const { rows: done } = await scene.db.query("select 1 from erp_requests where state = 'done'");
      return done.length === 1;
    });
    const before = connector.calls.length;
    await connector.stop();
    await scene.db.query('update erp_requests set retry_at = now()');
    connector = await scene.startConnector();
    expect(await scene.answered()).toMatchObject([{ x_state: 'done', x_answer: 'done: resync' }]);
    expect(before).toBe(1);
    expect(connector.calls).toHaveLength(0);
  });

  test('a process that dies before it has done anything leaves all of it to the next one', async () => {
    let connector = await scene.startConnector({
      handle: { cancel: () => new Promise(() => {}) },
    });
    await scene.press(scene.manager, 'request_cancel');
    const first = connector;
    await eventually('begun', async () => first.calls.length === 1);
    await connector.stop();
    connector = await scene.startConnector();
    expect(await scene.answered()).toMatchObject([{ x_state: 'done', x_answer: 'done: cancel' }]);
    expect(connector.calls).toHaveLength(1);
    expect(connector.calls[0]!.id).toBe(first.calls[0]!.id);
  });

  test('two requests with one random id cannot be', async () => {
    const x_request = unique('id');
    const values = {
      x_name: 'x',
      x_request,
      x_action: 'resync',
      x_subscription_id: scene.subscription,
      x_state: 'done',
    };
    const create = () => scene.erp.admin.call<number[]>(REQUEST, 'create', { vals_list: [values] });
    await create();
    await expect(create()).rejects.toMatchObject({ kind: 'permanent' });
  });
});
