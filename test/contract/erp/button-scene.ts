/** Staff's buttons on a subscription's record: presses, the connector's own HTTP, jobs and database that answer them, and the row. */
import { REQUEST_ACTIONS, type RequestActionName } from '../../../connector/crm/requests/actions.ts';
import type { ErpRequest, RequestHandlers } from '../../../connector/crm/requests/request.ts';
import { createErpRequests } from '../../../connector/crm/requests/requests.ts';
import { erpNudgeRouter } from '../../../connector/http/erp-nudge.ts';
import { createHttpServer, type RunningServer } from '../../../connector/http/server.ts';
import { createJobs } from '../../../connector/jobs/jobs.ts';
import { createLog } from '../../../connector/log.ts';
import type { Odoo } from '../../../connector/odoo/odoo.ts';
import { erpNudgeUrl } from '../../../connector/secrets/erp-nudge-token.ts';
import { setupErp } from '../../../scripts/commands/setup-erp.ts';
import { eventually } from '../../support/connector.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { openPreparedErp, SERVICE, unique } from './erp.ts';
import { hire, MANAGER, type Person, press as pressButton, SALESPERSON } from './people.ts';

export const SECRET = 'c2VjcmV0LW9mLXRoZS1idXR0b24tY29udHJhY3QtdGVzdC0wMQ==';
export const REQUEST = 'x_stripe_request';
export const SUBSCRIPTION = 'x_stripe_subscription';

export type ButtonScene = Awaited<ReturnType<typeof openButtonScene>>;

interface Connector {
  readonly port: number;
  readonly calls: ErpRequest[];
  stop(): Promise<void>;
}

interface Row {
  readonly id: number;
  readonly x_state: string;
  readonly x_answer: string | false;
  readonly x_url: string | false;
  readonly x_asker_id: [number, string];
  readonly x_asked_at: string;
  readonly x_answered_at: string | false;
}

/** Before each test `begin()`, after it `end()`; at the end `close()`. */
export async function openButtonScene() {
  const erp = await openPreparedErp();
  const seller = await hire(erp, 'seller', SALESPERSON);
  const manager = await hire(erp, 'manager', MANAGER);
  const colleague = await hire(erp, 'colleague', ['base.group_user']);
  let db: TestDatabase;
  let subscription: number;
  const connectors = new Set<Connector>();

  const installNudge = (port: number) =>
    setupErp({
      odooAdmin: erp.admin,
      odooAs: erp.as,
      keyFile: erp.keyFile,
      serviceLogin: SERVICE,
      nudgeUrl: erpNudgeUrl(`http://127.0.0.1:${port}`, SECRET),
      print: () => {},
    });

  const rows = () =>
    seller.odoo.call<Row[]>(REQUEST, 'search_read', {
      domain: [['x_subscription_id', '=', subscription]],
      fields: ['x_state', 'x_answer', 'x_url', 'x_asker_id', 'x_asked_at', 'x_answered_at'],
      order: 'id',
    });

  return {
    erp,
    seller,
    manager,
    /** Without Sales. */
    colleague,
    get db() {
      return db;
    },
    /** The record whose buttons are pressed. */
    get subscription() {
      return subscription;
    },

    /** An empty database that knows one record of the ERP. */
    async begin() {
      db = await openTestDatabase();
      [subscription] = (await erp.service.call<number[]>(SUBSCRIPTION, 'create', {
        vals_list: [{ x_name: unique('Harbour'), x_stripe_id: unique('sub'), x_state: 'active' }],
      })) as [number];
      erp.tidy(SUBSCRIPTION, [subscription]);
      await db.query('insert into erp_records (external_id, model, res_id) values ($1, $2, $3)', [
        `stripe_connector.subscription_${Math.floor(Math.random() * 1e9)}_record`,
        SUBSCRIPTION,
        subscription,
      ]);
    },

    async end() {
      for (const connector of connectors) await connector.stop();
      const ids = await erp.admin.call<number[]>(REQUEST, 'search', {
        domain: [['x_subscription_id', '=', subscription]],
      });
      if (ids.length > 0) await erp.admin.call(REQUEST, 'unlink', { ids });
      await db.close();
    },

    async close() {
      // What later files and later runs press must not nudge a port that is long closed.
      const nudge = await erp.admin.xmlidToRes('stripe_connector', 'action_request_nudge');
      if (nudge !== null) await erp.admin.call('ir.actions.server', 'unlink', { ids: [nudge.id] });
    },

    /** @param options.odoo the service's port, or one that fails @param options.everyMs between two looks by the clock */
    async startConnector(
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
      const connector: Connector = {
        port: server.port,
        calls,
        async stop() {
          connectors.delete(connector);
          await requests.stop();
          await jobs.stop({ deadlineMs: 2000 });
          await server.close(50);
        },
      };
      connectors.add(connector);
      return connector;
    },

    press: (who: Person, action: string) =>
      pressButton(erp, who.odoo, { action, model: SUBSCRIPTION, id: subscription }),
    /** Requests of the record, oldest first. */
    rows,
    answered: (count = 1) =>
      eventually(`${count} answered`, async () => {
        const found = await rows();
        return found.filter(({ x_state }) => x_state !== 'waiting').length === count ? found : undefined;
      }),
    waitingNotes: async () =>
      (await db.query<{ html: string }>('select html from erp_notes order by id')).rows.map(
        ({ html }) => html,
      ),
  };
}
