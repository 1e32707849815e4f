/** What comes in: the HTTP server with every router, and what each of them may do. */
import type { AccountGateway } from '../billing/account/gateway.ts';
import { createCheckout } from '../billing/checkout.ts';
import type { CheckoutGateway } from '../billing/checkout-gateway.ts';
import { cancel } from '../billing/commands/cancel.ts';
import { subscriptionNumber } from '../billing/commands/change.ts';
import { createSubscription } from '../billing/commands/create.ts';
import { pause, resume } from '../billing/commands/pause.ts';
import { reactivate } from '../billing/commands/reactivate.ts';
import { revokeChange } from '../billing/commands/revoke-scheduled.ts';
import { setTrialEnd } from '../billing/commands/trial.ts';
import { listCustomers, listInvoices, showCustomer } from '../billing/customers.ts';
import { listSubscriptions } from '../billing/list-subscriptions.ts';
import type { OnOrder } from '../billing/order-stage.ts';
import { tokenForOrganisation } from '../billing/organisation-token.ts';
import type { CustomerPlan } from '../billing/plan-customer.ts';
import { revenue } from '../billing/revenue.ts';
import { subscriptionIsOver } from '../billing/subscription-over.ts';
import type { Config } from '../config-schema.ts';
import { reissueCredentials } from '../credentials/reissue.ts';
import { reseal } from '../credentials/reseal.ts';
import type { Database } from '../db/database.ts';
import { acceptanceRouter } from '../http/acceptance.ts';
import { type AdminPort, adminRouter } from '../http/admin.ts';
import { assetsRouter } from '../http/assets.ts';
import { openApiRouter } from '../http/billing/openapi-router.ts';
import { billingPageRouter } from '../http/billing/page/router.ts';
import type { BillingDeps } from '../http/billing/route.ts';
import { billingRouter } from '../http/billing/router.ts';
import { checkoutRouter } from '../http/checkout.ts';
import { credentialsRouter } from '../http/credentials.ts';
import { erpNudgeRouter } from '../http/erp-nudge.ts';
import { orderRouter } from '../http/order-page.ts';
import { createHttpServer, type HttpServer } from '../http/server.ts';
import { createWebhookHandler, webhookFirst } from '../http/webhook.ts';
import { wizardRouter } from '../http/wizard/router.ts';
import type { BackfillResult, BackfillWish } from '../inbox/backfill.ts';
import { tally } from '../inbox/event-hours.ts';
import { listEvents, replayEvents, showEvent } from '../inbox/read-events.ts';
import type { Breakers } from '../jobs/breaker.ts';
import type { Jobs } from '../jobs/jobs.ts';
import type { Log } from '../log.ts';
import { retryRun } from '../provisioning/gate.ts';
import { lifecycleAdmin } from '../provisioning/lifecycle/admin.ts';
import { listRuns, showRun } from '../provisioning/runs.ts';
import { timelineOfOrder } from '../provisioning/timeline.ts';
import { createOrderPayment } from '../stripe/order-payment.ts';
import { explainCustomer } from './explain.ts';
import { createFigures } from './figures.ts';
import type { Passes } from './passes.ts';
import type { Systems } from './systems.ts';

interface FrontDeps {
  readonly config: Config;
  readonly db: Database;
  readonly log: Log;
  readonly now: () => Date;
  readonly systems: Systems;
  readonly gateway: CheckoutGateway;
  readonly onOrder: OnOrder;
  /** What changes subscriptions at the provider. */
  readonly commands: BillingDeps['commands'];
  readonly account: AccountGateway;
  readonly syncNow: (customerId: string) => Promise<void>;
  /** Our database's uuid. */
  readonly installation: string;
  readonly breakers: Breakers;
  readonly jobs: Pick<Jobs, 'hint'>;
  readonly tellStaff: () => void;
  readonly tickLifecycle: () => Promise<number>;
  readonly erasures: AdminPort['erasures'];
  readonly suspensions: Omit<AdminPort['suspensions'], 'find'>;
  readonly passes: Passes;
  readonly runBackfill: (wish: BackfillWish) => Promise<BackfillResult>;
  readonly planCustomer: (customerId: string) => Promise<CustomerPlan>;
  readonly withErp: <T>(call: () => Promise<T>) => Promise<T>;
  /** Reads what staff have asked for in the ERP. */
  readonly lookForRequests: () => Promise<void>;
}

export function createFront(deps: FrontDeps): HttpServer {
  const { config, db, log, now, gateway, commands, syncNow, breakers, jobs, tellStaff, withErp } = deps;
  const { publicUrl } = config;
  const { catalogue, vault, stripe, crm, credentials, acceptances, mailer } = deps.systems;
  const wakeLane = (customerId: string): void => jobs.hint('lane', customerId);
  const checkout = createCheckout({
    db,
    log,
    now,
    vault,
    catalogue,
    publicUrl,
    gateway,
    onOrder: deps.onOrder,
    installation: deps.installation,
    connectorSecrets: config.connectorSecrets,
    trialDays: config.stripe.trialDays,
  });
  const figures = createFigures({ db, breakers, now });
  const webhook = createWebhookHandler({
    db,
    log,
    now,
    secrets: config.stripe.webhookSecrets,
    livemode: config.stripe.livemode,
    onStored: wakeLane,
  });
  const pages = { db, log, now, publicUrl, site: catalogue.name };
  const billing = {
    ...pages,
    commands,
    account: deps.account,
    eraseOrganisation: (organisationId: number) =>
      deps.erasures.erase({ subject: { kind: 'organisation', organisationId }, dryRun: false }),
    catalogue,
    vault,
    mailer,
    connectorSecrets: config.connectorSecrets,
    stripeApiUrl: config.stripe.apiUrl,
  };
  return createHttpServer({
    log,
    publicUrl,
    trustProxy: config.trustProxy,
    health: figures.health,
    apiKeys: config.connectorApiKeys,
    ahead: (rest) => webhookFirst(webhook, rest),
    routers: [
      assetsRouter(),
      erpNudgeRouter({ log, connectorSecrets: config.connectorSecrets, look: deps.lookForRequests }),
      wizardRouter({
        ...pages,
        vault,
        catalogue,
        checkout,
        publishableKey: config.stripe.publishableKey,
        stripeApiUrl: config.stripe.apiUrl,
        trialDays: config.stripe.trialDays,
      }),
      checkoutRouter({
        checkout,
        publicUrl,
        publishableKey: config.stripe.publishableKey,
        allowedOrigins: config.checkoutOrigins,
      }),
      billingRouter(billing),
      billingPageRouter(billing),
      openApiRouter(publicUrl),
      orderRouter({
        ...pages,
        timeline: (orderId) => timelineOfOrder(db, orderId),
        payment: createOrderPayment({ db, stripe, now, syncNow, isOver: (id) => subscriptionIsOver(db, id) }),
      }),
      acceptanceRouter({
        ...pages,
        acceptances,
        onAccepted: tellStaff,
        portalUrl: `${config.odoo.url}/my`,
      }),
      credentialsRouter({
        ...pages,
        vault,
        credentials,
        setPasswordUrl: (input) => withErp(() => crm.setPasswordUrl(input)),
        portalUrl: `${config.odoo.url}/my`,
      }),
      adminRouter({
        apiKeys: config.connectorApiKeys,
        admin: {
          listRuns: (filter) => listRuns(db, filter),
          showRun: (id) => showRun(db, id),
          async retryRun(id) {
            await db.tx((tx) => retryRun(tx, id));
            jobs.hint('run', id);
            tellStaff();
          },
          async syncCustomer({ customerId, dryRun }) {
            const plan = await deps.planCustomer(customerId);
            if (!dryRun) await syncNow(customerId);
            return plan;
          },
          passes: {
            begin: (input) => deps.passes.begin(input),
            show: (id) => deps.passes.show(id),
            drifts: (filter) => deps.passes.drifts(filter),
            backfill: (wish) => deps.runBackfill(wish),
            tally: () => tally(db, now()),
          },
          records: {
            listCustomers: (filter) => listCustomers(db, filter),
            showCustomer: (named) => showCustomer(db, named),
            explainCustomer: (named) => explainCustomer(db, named),
            listInvoices: (filter) => listInvoices(db, filter),
            listEvents: (filter) => listEvents(db, filter),
            showEvent: (id) => showEvent(db, id),
            async replayEvents(what) {
              const { events, customers } = await replayEvents(db, what, now());
              for (const customer of customers) wakeLane(customer);
              return { events, customers: customers.length };
            },
          },
          revenue: (months) => revenue(db, { months, now: now() }),
          subscriptions: {
            list: (filter) => listSubscriptions(db, filter),
            find: (named) => subscriptionNumber(db, named),
            create: (input) => createSubscription(commands, input),
            cancel: (input) => cancel(commands, input),
            reactivate: (subscriptionId) => reactivate(commands, { subscriptionId }),
            pause: (subscriptionId) => pause(commands, { subscriptionId }),
            resume: (subscriptionId) => resume(commands, { subscriptionId }),
            setTrialEnd: (input) => setTrialEnd(commands, input),
            revokeChange: (subscriptionId) => revokeChange(commands, { subscriptionId }),
          },
          suspensions: { ...deps.suspensions, find: (named) => subscriptionNumber(db, named) },
          erasures: deps.erasures,
          lifecycle: {
            ...lifecycleAdmin({
              db,
              now,
              policy: deps.systems.lifecycle,
              wakeRun: (id) => jobs.hint('run', id),
            }),
            tick: deps.tickLifecycle,
            find: (named) => subscriptionNumber(db, named),
          },
          reissueCredentials: (id) => reissueCredentials({ db, credentials, mailer, now }, id),
          revokeCredentials: async (id) => ({ revoked: await credentials.revoke({ subscriptionId: id }) }),
          issueOrganisationToken: (id) =>
            tokenForOrganisation({ db, connectorSecrets: config.connectorSecrets, now }, id),
          resealSecrets: () => reseal({ db, vault }),
          status: () => figures.status(),
        },
      }),
    ],
  });
}
