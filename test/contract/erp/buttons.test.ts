/** Staff's buttons: from the press in the ERP to the answer on the row, with the connector's own HTTP, jobs and database. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { REQUEST_ACTIONS, type RequestActionName } from '../../../connector/crm/requests/actions.ts';
import type { ErpRequest, RequestHandlers } from '../../../connector/crm/requests/request.ts';
import { createErpRequests } from '../../../connector/crm/requests/requests.ts';
import { ConnectorError } from '../../../connector/errors.ts';
import { erpNudgeRouter } from '../../../connector/http/erp-nudge.ts';
import { createHttpServer, type RunningServer } from '../../../connector/http/server.ts';
import { createJobs } from '../../../connector/jobs/jobs.ts';
import { createLog } from '../../../connector/log.ts';
import type { Odoo } from '../../../connector/odoo/odoo.ts';
import { erpNudgeUrl } from '../../../connector/secrets/erp-nudge-token.ts';
import { setupErp } from '../../../scripts/commands/setup-erp.ts';
import { eventually } from '../../support/connector.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { openPreparedErp, type PreparedErp, SERVICE, unique } from './erp.ts';
import { hire, MANAGER, type Person, press as pressButton, SALESPERSON } from './people.ts';

const SECRET = 'c2VjcmV0LW9mLXRoZS1idXR0b24tY29udHJhY3QtdGVzdC0wMQ==';
const REQUEST = 'x_stripe_request';
const SUBSCRIPTION = 'x_stripe_subscription';

interface Connector {
  readonly port: number;
  readonly calls: ErpRequest[];
  stop(): Promise<void>;
}

let erp: PreparedErp;
let seller: Person;
let manager: Person;
let colleague: Person;
let db: TestDatabase;
let subscription: number;
let ours: number;
let connector: Connector | undefined;

beforeAll(async () => {
  erp = await openPreparedErp();
  seller = await hire(erp, 'seller', SALESPERSON);
  manager = await hire(erp, 'manager', MANAGER);
  colleague = await hire(erp, 'colleague', ['base.group_user']);
}, 180_000);
afterAll(async () => {
  // What later files and later runs press must not nudge a port that is long closed.
  const nudge = await erp.admin.xmlidToRes('stripe_connector', 'action_request_nudge');
  if (nudge !== null) await erp.admin.call('ir.actions.server', 'unlink', { ids: [nudge.id] });
});

beforeEach(async () => {
  db = await openTestDatabase();
  ours = Math.floor(Math.random() * 1e9);
  [subscription] = (await erp.service.call<number[]>(SUBSCRIPTION, 'create', {
    vals_list: [{ x_name: unique('Harbour'), x_stripe_id: unique('sub'), x_state: 'active' }],
  })) as [number];
  erp.tidy(SUBSCRIPTION, [subscription]);
  await db.query('insert into erp_records (external_id, model, res_id) values ($1, $2, $3)', [
    `stripe_connector.subscription_${ours}_record`,
    SUBSCRIPTION,
    subscription,
  ]);
});
afterEach(async () => {
  await connector?.stop();
  connector = undefined;
  const ids = await erp.admin.call<number[]>(REQUEST, 'search', {
    domain: [['x_subscription_id', '=', subscription]],
  });
  if (ids.length > 0) await erp.admin.call(REQUEST, 'unlink', { ids });
  await db.close();
});

/** @param options.odoo the service's port, or one that fails @param options.everyMs between two looks by the clock */
async function startConnector(
  options: { odoo?: Odoo; everyMs?: number; nudged?: boolean; handle?: Partial<RequestHandlers> } = {},
): Promise<Connector> {
  const log = createLog({ level: 'silent' });
  const calls: ErpRequest[] = [];
  const names = Object.keys(REQUEST_ACTIONS) as RequestActionName[];
  const handlers = Object.fromEntries(
    names.map((name) => [
      name,
      async (request: ErpRequest) => {
        calls.push(request);
        return (await options.handle?.[name]?.(request)) ?? { answer: `done: ${name}` };
      },
    ]),
  ) as unknown as RequestHandlers;
  const requests = createErpRequests({
    db,
    odoo: options.odoo ?? erp.service,
    log,
    now: () => new Date(),
    handlers,
    guard: (call) => call(),
    wake: (key) => jobs.hint('request', key),
    wakeOutbox: () => {},
  });
  const jobs = await createJobs({ db, log, now: () => new Date(), queues: [requests.queue] });
  const server: RunningServer = await createHttpServer({
    log,
    publicUrl: 'http://127.0.0.1',
    trustProxy: undefined,
    health: { checks: async () => ({ database: true }), metrics: async () => [] },
    routers: [erpNudgeRouter({ log, connectorSecrets: [SECRET], look: () => requests.look() })],
  }).listen(0, '127.0.0.1');
  if (options.nudged !== false) await installNudge(server.port);
  await jobs.start();
  requests.start(options.everyMs ?? 3_600_000);
  return {
    port: server.port,
    calls,
    async stop() {
      await requests.stop();
      await jobs.stop({ deadlineMs: 2000 });
      await server.close(50);
    },
  };
}

const installNudge = (port: number) =>
  setupErp({
    odooAdmin: erp.admin,
    odooAs: erp.as,
    keyFile: erp.keyFile,
    serviceLogin: SERVICE,
    nudgeUrl: erpNudgeUrl(`http://127.0.0.1:${port}`, SECRET),
    print: () => {},
  });

const press = (who: Person, action: string, id = subscription) =>
  pressButton(erp, who.odoo, { action, model: SUBSCRIPTION, id });

interface Row {
  readonly id: number;
  readonly x_state: string;
  readonly x_answer: string | false;
  readonly x_url: string | false;
  readonly x_asker_id: [number, string];
  readonly x_asked_at: string;
  readonly x_answered_at: string | false;
}

const rows = (who: Person = seller) =>
  who.odoo.call<Row[]>(REQUEST, 'search_read', {
    domain: [['x_subscription_id', '=', subscription]],
    fields: ['x_state', 'x_answer', 'x_url', 'x_asker_id', 'x_asked_at', 'x_answered_at'],
    order: 'id',
  });

const answered = (count = 1) =>
  eventually(`${count} answered`, async () => {
    const found = await rows();
    return found.filter(({ x_state }) => x_state !== 'waiting').length === count ? found : undefined;
  });

const waitingNotes = async () =>
  (await db.query<{ html: string }>('select html from erp_notes order by id')).rows.map(({ html }) => html);

describe('a press', () => {
  test('is told to the connector at once, and answered before the dialog opens', async () => {
    connector = await startConnector({
      handle: { open_portal: async () => ({ answer: 'Here it is.', url: 'https://portal.example/p/1' }) },
    });
    const dialog = await press(seller, 'request_open_portal');
    const [row] = await rows();
    expect(dialog).toMatchObject({
      type: 'ir.actions.act_window',
      res_model: REQUEST,
      res_id: row!.id,
      target: 'new',
    });
    await answered();
    expect((await rows())[0]).toMatchObject({
      x_state: 'done',
      x_answer: 'Here it is.',
      x_url: 'https://portal.example/p/1',
      x_asker_id: [seller.id, seller.login],
    });
    expect(connector.calls).toHaveLength(1);
    expect(connector.calls[0]).toMatchObject({
      action: 'open_portal',
      model: SUBSCRIPTION,
      resId: subscription,
    });
    expect(connector.calls[0]!.asker).toContain(seller.login);
    expect(Math.abs(connector.calls[0]!.askedAt.getTime() - Date.now())).toBeLessThan(120_000);
    const [note] = await waitingNotes();
    expect(note).toContain(seller.login);
    expect(note).toContain('Here it is.');
    expect(note).not.toContain('portal.example');
  });

  test('without a nudge waits for the next look', async () => {
    connector = await startConnector({ everyMs: 300, nudged: false });
    await press(seller, 'request_resync');
    const [row] = await answered();
    expect(row).toMatchObject({ x_state: 'done', x_answer: 'done: resync' });
    expect(row!.x_answered_at).not.toBe(false);
  });

  test('while the connector is down is done once when it is back, however often it was pressed', async () => {
    await press(seller, 'request_resync');
    await press(manager, 'request_resync');
    expect(await rows()).toMatchObject([{ x_state: 'waiting' }]);
    connector = await startConnector({ nudged: false });
    await answered();
    expect(connector.calls.map(({ action }) => action)).toEqual(['resync']);
  });

  test('of one thing twice before it was seen has one effect and the same answer', async () => {
    const [first] = (await erp.admin.call<number[]>(REQUEST, 'create', {
      vals_list: [unique('twice-a'), unique('twice-b')].map((x_request) => ({
        x_name: 'Cancel',
        x_request,
        x_action: 'cancel',
        x_subscription_id: subscription,
        x_asker_id: manager.id,
        x_state: 'waiting',
      })),
    })) as [number, number];
    expect(first).toBeGreaterThan(0);
    connector = await startConnector({ nudged: false });
    const both = await answered(2);
    expect(both.map(({ x_answer }) => x_answer)).toEqual(['done: cancel', 'Already done: done: cancel']);
    expect(connector.calls).toHaveLength(1);
  });

  test('once more after the answer is a new request', async () => {
    connector = await startConnector();
    await press(seller, 'request_resync');
    await answered();
    await press(seller, 'request_resync');
    await answered(2);
    expect(connector.calls).toHaveLength(2);
  });

  test('of what must not be done says so, and what another system could not do says that', async () => {
    connector = await startConnector({
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
    await press(manager, 'request_cancel');
    await press(manager, 'request_reactivate');
    expect(await answered(2)).toMatchObject([
      { x_state: 'refused', x_answer: 'It has ended. Look.' },
      { x_state: 'failed', x_answer: 'No such key.' },
    ]);
  });

  test('that another system cannot serve yet stays waiting and is tried again', async () => {
    let tries = 0;
    connector = await startConnector({
      handle: {
        resync: async () => {
          tries += 1;
          if (tries > 1) return { answer: 'read anew' };
          throw new ConnectorError({ kind: 'retryable', code: 'x', message: 'Not now.', system: 'stripe' });
        },
      },
    });
    await press(seller, 'request_resync');
    expect(await answered()).toMatchObject([{ x_state: 'done', x_answer: 'read anew' }]);
    expect(tries).toBe(2);
  });
});

describe('once', () => {
  /** The service's port; `lost` loses answers. */
  const losing = (lost: (model: string, method: string, vals: unknown) => boolean): Odoo => ({
    ...erp.service,
    async call<T>(model: string, method: string, args: Record<string, unknown> = {}) {
      const answer = await erp.service.call<T>(model, method, args);
      if (lost(model, method, args.vals))
        throw new ConnectorError({ kind: 'retryable', code: 'reset', message: 'reset', system: 'odoo' });
      return answer;
    },
  });

  test('an answer whose writing was not confirmed is written again, the effect is not repeated', async () => {
    let times = 0;
    connector = await startConnector({
      odoo: losing((model, method) => model === REQUEST && method === 'write' && times++ === 0),
    });
    await press(seller, 'request_resync');
    await eventually('settled', async () => {
      const { rows: open } = await db.query('select 1 from erp_requests where answered_at is null');
      return open.length === 0 && times === 2;
    });
    expect(connector.calls).toHaveLength(1);
    expect(await rows()).toMatchObject([{ x_state: 'done' }]);
    expect(await waitingNotes()).toHaveLength(1);
  });

  test('a process that dies between effect and answer leaves the answer to the next one', async () => {
    connector = await startConnector({
      odoo: losing((model, method) => model === REQUEST && method === 'search'),
    });
    await press(seller, 'request_resync');
    await eventually('carried out', async () => {
      const { rows: done } = await db.query("select 1 from erp_requests where state = 'done'");
      return done.length === 1;
    });
    const before = connector.calls.length;
    await connector.stop();
    await db.query('update erp_requests set retry_at = now()');
    connector = await startConnector();
    expect(await answered()).toMatchObject([{ x_state: 'done', x_answer: 'done: resync' }]);
    expect(before).toBe(1);
    expect(connector.calls).toHaveLength(0);
  });

  test('a process that dies before it has done anything leaves all of it to the next one', async () => {
    connector = await startConnector({
      handle: { cancel: () => new Promise(() => {}) },
    });
    await press(manager, 'request_cancel');
    const first = connector;
    await eventually('begun', async () => first.calls.length === 1);
    await connector.stop();
    connector = await startConnector();
    expect(await answered()).toMatchObject([{ x_state: 'done', x_answer: 'done: cancel' }]);
    expect(connector.calls).toHaveLength(1);
    expect(connector.calls[0]!.id).toBe(first.calls[0]!.id);
  });

  test('two requests with one random id cannot be', async () => {
    const x_request = unique('id');
    const values = {
      x_name: 'x',
      x_request,
      x_action: 'resync',
      x_subscription_id: subscription,
      x_state: 'done',
    };
    const create = () => erp.admin.call<number[]>(REQUEST, 'create', { vals_list: [values] });
    await create();
    await expect(create()).rejects.toMatchObject({ kind: 'permanent' });
  });
});

describe('rights', () => {
  const managers = Object.entries(REQUEST_ACTIONS).flatMap(([name, { who, on }]) =>
    who === 'managers' && on === SUBSCRIPTION ? [name] : [],
  );
  for (const name of managers) {
    test(`"${name}" is refused to a salesperson and done for a manager`, async () => {
      await expect(press(seller, `request_${name}`)).rejects.toMatchObject({ code: 'odoo_access' });
      expect(await rows()).toEqual([]);
      await press(manager, `request_${name}`);
      expect(await rows()).toHaveLength(1);
    });
  }

  test('a colleague without Sales presses nothing and reads nothing', async () => {
    for (const action of ['request_resync', 'request_cancel', 'open_in_stripe'])
      await expect(press(colleague, action)).rejects.toMatchObject({ code: 'odoo_access' });
    await expect(colleague.odoo.call(REQUEST, 'search', { domain: [] })).rejects.toMatchObject({
      code: 'odoo_access',
    });
    expect(await rows()).toEqual([]);
  });

  test('nobody of Sales makes, changes or deletes a request by hand, nor does the service make or delete one', async () => {
    await press(seller, 'request_resync');
    const [row] = await rows();
    const values = {
      x_name: 'x',
      x_request: unique('x'),
      x_action: 'cancel',
      x_subscription_id: subscription,
    };
    for (const who of [seller.odoo, manager.odoo, erp.service]) {
      await expect(
        who.call(REQUEST, 'create', { vals_list: [{ ...values, x_state: 'waiting' }] }),
      ).rejects.toMatchObject({ code: 'odoo_access' });
      await expect(who.call(REQUEST, 'unlink', { ids: [row!.id] })).rejects.toMatchObject({
        code: 'odoo_access',
      });
    }
    for (const who of [seller.odoo, manager.odoo])
      await expect(
        who.call(REQUEST, 'write', { ids: [row!.id], vals: { x_state: 'done' } }),
      ).rejects.toMatchObject({ code: 'odoo_access' });
  });

  test('Open in Stripe leads to the subscription and asks the connector nothing', async () => {
    const [{ x_stripe_id }] = (await seller.odoo.call<{ x_stripe_id: string }[]>(SUBSCRIPTION, 'read', {
      ids: [subscription],
      fields: ['x_stripe_id'],
    })) as [{ x_stripe_id: string }];
    const action = await press(seller, 'open_in_stripe');
    expect(action).toMatchObject({ type: 'ir.actions.act_url', target: 'new' });
    expect(action.url).toMatch(
      new RegExp(`^https://dashboard\\.stripe\\.com/(test/)?subscriptions/${x_stripe_id}$`),
    );
    expect(await rows()).toEqual([]);
  });

  test('the dialog’s Refresh shows the same request', async () => {
    const dialog = await press(seller, 'request_resync');
    const again = await pressButton(erp, seller.odoo, {
      action: 'show_request',
      model: REQUEST,
      id: Number(dialog.res_id),
    });
    expect(again).toMatchObject({ res_model: REQUEST, res_id: dialog.res_id, target: 'new' });
  });
});

describe('the nudge', () => {
  const nudge = async (token: string) =>
    fetch(`http://127.0.0.1:${connector!.port}/webhooks/erp/${token}`, { method: 'POST', body: 'x' });

  test('answers 204 whatever it is given, and only the right token leads to a look', async () => {
    await press(seller, 'request_resync');
    connector = await startConnector({ nudged: false, odoo: notYet() });
    await eventually('the look at start', async () => looks > 0);
    look = true;
    const wrong = await nudge('a'.repeat(43));
    expect([wrong.status, await wrong.text()]).toEqual([204, '']);
    expect([looks, connector.calls]).toEqual([1, []]);
    const right = new URL(erpNudgeUrl('http://x', SECRET)).pathname.split('/').at(-1)!;
    expect((await nudge(right)).status).toBe(204);
    await answered();
    expect(connector.calls).toHaveLength(1);
  });

  let look = false;
  let looks = 0;
  /** Shows no requests until `look`: the look at start must not find it. */
  function notYet(): Odoo {
    look = false;
    looks = 0;
    return {
      ...erp.service,
      async call<T>(model: string, method: string, args: Record<string, unknown> = {}) {
        if (model === REQUEST && method === 'search_read') looks += 1;
        return !look && model === REQUEST ? ([] as T) : erp.service.call<T>(model, method, args);
      },
    };
  }
});
