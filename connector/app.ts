/** Wires everything: the one place that knows all parts. */

import { createClosedSessions } from './billing/closed-sessions.ts';
import { heldBy, liftAll } from './billing/dunning/held.ts';
import { createNotices } from './billing/money/notices.ts';
import { removeNeverPaid } from './billing/never-paid.ts';
import { planCustomer } from './billing/plan-customer.ts';
import { findAddOn, findPlan } from './billing/plans.ts';
import { createSyncCustomer } from './billing/sync-customer.ts';
import { sendTrialNotices } from './billing/trial-notices.ts';
import type { Config } from './config-schema.ts';
import { startOutbox } from './crm/outbox.ts';
import { createErpRequests } from './crm/requests/requests.ts';
import type { Database } from './db/database.ts';
import { createDomainCheck } from './domains/domain-check.ts';
import type { RunningServer } from './http/server.ts';
import { type BackfillWish, backfill } from './inbox/backfill.ts';
import { requestSync, retryParked } from './inbox/pending.ts';
import { createBreakers } from './jobs/breaker.ts';
import { createJobs } from './jobs/jobs.ts';
import { oneAtATime } from './jobs/one-at-a-time.ts';
import type { Log } from './log.ts';
import { announceAccess } from './provisioning/access/announce.ts';
import { settleAccess } from './provisioning/access/settle.ts';
import { announceDrifts } from './provisioning/announce-drifts.ts';
import { announceAttention } from './provisioning/attention.ts';
import { erase, resumeErasures } from './provisioning/erasure/erase.ts';
import { readErasures } from './provisioning/erasure/report.ts';
import { openInstallation } from './provisioning/installation.ts';
import { tickLifecycle } from './provisioning/lifecycle/tick.ts';
import { createRunStep } from './provisioning/run-step.ts';
import type { StepName } from './provisioning/step-plan.ts';
import { sweepKeys } from './provisioning/sweep-keys.ts';
import { announceUnordered } from './provisioning/unordered.ts';
import { createSchedule } from './schedule/schedule.ts';
import { createAddOnGateway } from './stripe/add-ons.ts';
import { createAccountGateway } from './stripe/billing-account.ts';
import { createCheckoutGateway } from './stripe/checkout.ts';
import { deleteCustomer } from './stripe/delete-customer.ts';
import { createEventListing } from './stripe/event-listing.ts';
import { createInvoicePayments } from './stripe/invoice-payments.ts';
import { createMoneyReads } from './stripe/money-reads.ts';
import { createProviderReads } from './stripe/reads.ts';
import { createSubscriptionGateway } from './stripe/subscriptions.ts';
import { createUsageGateway } from './stripe/usage.ts';
import { createEffects, createOnOrder } from './wiring/effects.ts';
import { requestHandlers } from './wiring/erp-requests.ts';
import { createFront } from './wiring/front.ts';
import { createGuard, verifyAccounts } from './wiring/guard.ts';
import { housekeeping } from './wiring/housekeeping.ts';
import { createIdentities, verifiedFirst } from './wiring/identities.ts';
import { createPasses } from './wiring/passes.ts';
import { createQueues } from './wiring/queues.ts';
import { openSystems, type Timeouts } from './wiring/systems.ts';
import { within } from './within.ts';

export interface App {
  /**
   * Checks whose accounts these are and that the mapping fits the ERP, takes up work, listens.
   * @throws ConnectorError permanent `another_account`, `mapping_wrong`
   */
  start(): Promise<RunningServer>;
  /** Stops accepting, lets steps under way end, hands the rest back. */
  stop(): Promise<void>;
}

export interface AppDeps {
  readonly config: Config;
  readonly db: Database;
  readonly log: Log;
  readonly now: () => Date;
  /** For tests that cannot wait for a real one. */
  readonly heartbeatSeconds?: number;
  /** Lanes and runs worked on at once. */
  readonly slots?: { readonly lane: number; readonly run: number };
  readonly timeouts?: Timeouts;
  /** Milliseconds the welcome mail waits for the PDFs. */
  readonly softWaitMs?: number;
  /** Called before each attempt of a step: what it throws fails the attempt (a demo's failure on order). */
  readonly beforeStep?: (step: StepName) => void;
}

const STOP_WITHIN_MS = 20_000;
const OUTBOX_EVERY_MS = 3_000;
// A nudge that was lost costs whoever pressed the button no more than this.
const REQUESTS_EVERY_MS = 15_000;

export async function createApp(deps: AppDeps): Promise<App> {
  const { config, db, log, now } = deps;
  const { publicUrl } = config;
  const systems = openSystems({ config, db, log, now, timeouts: deps.timeouts ?? {} });
  const { catalogue, vault, stripe, storage, odoo, mailer, engine, crm, credentials, acceptances } = systems;
  const dashboard = `https://dashboard.stripe.com${config.stripe.livemode ? '' : '/test'}`;
  const installation = await openInstallation({
    db,
    identities: createIdentities({ stripe, crm, storage, dashboard: `${dashboard}/` }),
  });
  const breakers = createBreakers({ now });
  const guard = createGuard({
    breakers,
    installation,
    requireFittingMapping: systems.requireFittingMapping,
  });
  const withErp = <T>(call: () => Promise<T>): Promise<T> => guard('odoo', call);
  const outbox = startOutbox({ db, odoo, log, now, guard: withErp }, { everyMs: OUTBOX_EVERY_MS });
  const effects = createEffects({
    crm,
    story: {
      dashboard,
      planName: (key) => findPlan(catalogue, key)?.name ?? key,
      addOnName: (key) => findAddOn(catalogue, key)?.name ?? key,
    },
    policy: systems.dunningPolicy,
    lifecycle: systems.lifecycle,
    wakeDunning: (about) => jobs.hint('dunning', about),
    now,
    log,
    wakeRun: (runId) => jobs.hint('run', runId),
    wakeOutbox: () => outbox.hint(),
    tellStaff: () => tellStaff(),
  });
  const reads = createProviderReads(stripe);
  const moneyReads = createMoneyReads(stripe);
  const moneyNotices = createNotices({ db, reads: moneyReads, onTransition: effects.onTransition });
  const syncCustomer = createSyncCustomer({
    db,
    reads,
    onTransition: effects.onTransition,
    now,
    log,
  });
  const gateway = verifiedFirst(createCheckoutGateway({ stripe, installation: installation.uuid }), () =>
    installation.verify('stripe'),
  );
  const pipeline = oneAtATime(() => crm.sweepOpportunities({ catalogue, guard: withErp }), log);
  const onOrder = createOnOrder({ now, wakePipeline: pipeline });
  const closedSessions = createClosedSessions({ db, gateway, onOrder });
  const syncNow = async (customerId: string): Promise<void> => {
    await requestSync(db, customerId, now());
    wakeLane(customerId);
  };
  const commands = {
    db,
    catalogue,
    gateway: verifiedFirst(createSubscriptionGateway(stripe), () => installation.verify('stripe')),
    installation: installation.uuid,
    connectorSecrets: config.connectorSecrets,
    now,
    syncNow,
    addOns: verifiedFirst(createAddOnGateway(stripe), () => installation.verify('stripe')),
    onTransition: effects.onTransition,
    domains: createDomainCheck({ rdapUrl: config.rdapUrl }),
    usage: verifiedFirst(createUsageGateway(stripe), () => installation.verify('stripe')),
    payments: verifiedFirst(createInvoicePayments(stripe), () => installation.verify('stripe')),
  };
  const account = verifiedFirst(createAccountGateway(stripe), () => installation.verify('stripe'));
  const stepDeps = {
    db,
    catalogue,
    crm,
    storage,
    engine,
    mailer,
    vault,
    credentials,
    acceptances,
    installation: installation.uuid,
    publicUrl,
    portalUrl: `${config.odoo.url}/my`,
    credentialsDelivery: config.credentialsDelivery,
    lifecycle: systems.lifecycle,
    now,
  };
  const runStep = createRunStep(stepDeps, guard);
  const requests = createErpRequests({
    db,
    odoo,
    log,
    now,
    guard: withErp,
    wake: (key) => jobs.hint('request', key),
    wakeOutbox: () => outbox.hint(),
    handlers: requestHandlers({
      db,
      now,
      publicUrl,
      commands,
      account,
      credentials,
      mailer,
      syncNow,
      wakeRun: (runId) => jobs.hint('run', runId),
      tellStaff: () => tellStaff(),
      checkoutLink: { db, vault, now, odoo, catalogue, mailer, publicUrl, guard: withErp },
    }),
  });
  const jobs = await createJobs({
    db,
    log,
    now,
    ...(deps.heartbeatSeconds !== undefined && { heartbeatSeconds: deps.heartbeatSeconds }),
    queues: createQueues({
      db,
      systems,
      requests: requests.queue,
      reads,
      moneyReads,
      syncCustomer,
      closedSessions,
      moneyNotices,
      effects,
      runStep,
      guard,
      syncNow,
      wakeLane: (customerId) => wakeLane(customerId),
      slots: deps.slots,
      softWaitMs: deps.softWaitMs,
      beforeStep: deps.beforeStep,
      log,
      now,
    }),
  });
  const wakeLane = (customerId: string): void => jobs.hint('lane', customerId);
  const runBackfill = (wish: BackfillWish = {}) =>
    guard('stripe', () =>
      backfill(
        {
          db,
          listing: createEventListing(stripe),
          log,
          now,
          livemode: config.stripe.livemode,
          onStored: (customerId) => jobs.hint('lane', customerId, false),
        },
        wish,
      ),
    );
  const tellStaff = oneAtATime(async () => {
    await settleAccess({ ...stepDeps, log, guard: withErp });
    await announceAccess({ db, crm, log, guard: withErp });
    await announceAttention({ db, crm, log, guard: withErp });
    await announceUnordered({ db, crm, log, guard: withErp });
    await announceDrifts({ db, crm, log, guard: withErp });
  }, log);
  const passes = createPasses({
    db,
    stripe,
    storage,
    erp: { db, odoo, mapping: systems.odooMapping, now, guard: withErp },
    guard,
    wakeLane: (customerId) => jobs.hint('lane', customerId, false),
    wakeOutbox: () => outbox.hint(),
    tellStaff: () => tellStaff(),
    log,
    now,
  });
  const erasure = {
    db,
    catalogue,
    crm,
    storage,
    deleteCustomer: (customerId: string) => deleteCustomer(stripe, customerId),
    guard,
    lifecycle: systems.lifecycle,
    now,
  };
  const lifecycleTick = () => tickLifecycle({ db, now, log, wakeRun: (runId) => jobs.hint('run', runId) });
  const schedule = createSchedule({
    db,
    log,
    now,
    entries: housekeeping({
      db,
      now,
      backfill: () => runBackfill(),
      fullPass: () => passes.begin({ kind: 'full', dryRun: false }),
      continuePasses: passes.work.andWait,
      sweepKeys: () => guard('b2', () => sweepKeys({ db, storage })),
      tellTrials: () =>
        sendTrialNotices({
          db,
          catalogue,
          publicUrl,
          sendMail: (mail) => guard('smtp', () => mailer.send(mail)),
          syncNow,
          now,
          log,
        }),
      removeNeverPaid: () => guard('stripe', () => removeNeverPaid({ db, gateway, now, log, onOrder })),
      announceAttention: tellStaff.andWait,
      showPipeline: pipeline.andWait,
      resumeErasures: () => resumeErasures(erasure),
      tickLifecycle: lifecycleTick,
    }),
  });
  const server = createFront({
    config,
    db,
    log,
    now,
    systems,
    gateway,
    account,
    onOrder,
    commands,
    syncNow,
    installation: installation.uuid,
    breakers,
    jobs,
    suspensions: {
      held: (id) => heldBy(db, id),
      lift: (id) => liftAll({ db, onTransition: effects.onTransition, now }, id),
    },
    erasures: {
      erase: (input) => erase(erasure, input),
      read: (filter) => readErasures(db, filter),
    },
    tickLifecycle: lifecycleTick,
    tellStaff,
    passes,
    runBackfill,
    planCustomer: (customerId) => guard('stripe', () => planCustomer({ db, reads, now }, customerId)),
    withErp,
    lookForRequests: () => requests.look(),
  });
  let running: RunningServer | undefined;

  return {
    async start() {
      await verifyAccounts(guard, log);
      await retryParked(db, now());
      await jobs.start();
      schedule.start();
      requests.start(REQUESTS_EVERY_MS);
      running = await server.listen(config.port);
      void runBackfill().catch((error) => log.warn({ err: error }, 'missed events could not be fetched yet'));
      passes.work();
      log.info({ url: running.url, database: db.kind }, 'ready');
      return running;
    },
    async stop() {
      // All at once: a long sweep must not eat the time in which runs are handed back. Docker kills after its own limit.
      await Promise.all([
        running?.close(),
        schedule.stop({ deadlineMs: STOP_WITHIN_MS }),
        jobs.stop({ deadlineMs: STOP_WITHIN_MS }),
        within(STOP_WITHIN_MS, outbox.stop()),
        within(STOP_WITHIN_MS, requests.stop()),
      ]);
      mailer.close();
    },
  };
}
