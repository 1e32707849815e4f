/** The customer's side of the connector for a test: wizard, checkout API and order page over a real port, with the sandbox's Stripe. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCheckout } from '../../connector/billing/checkout.ts';
import { loadDunningPolicy } from '../../connector/billing/dunning/policy.ts';
import { loadCatalogue } from '../../connector/billing/plans.ts';
import { subscriptionIsOver } from '../../connector/billing/subscription-over.ts';
import { createSyncCustomer } from '../../connector/billing/sync-customer.ts';
import { assetsRouter } from '../../connector/http/assets.ts';
import { checkoutRouter } from '../../connector/http/checkout.ts';
import { orderRouter } from '../../connector/http/order-page.ts';
import { createHttpServer } from '../../connector/http/server.ts';
import { wizardRouter } from '../../connector/http/wizard/router.ts';
import { registeredTypes } from '../../connector/inbox/event-table.ts';
import { createLog } from '../../connector/log.ts';
import { loadLifecyclePolicy } from '../../connector/provisioning/lifecycle/policy.ts';
import { timelineOfOrder } from '../../connector/provisioning/timeline.ts';
import { createVault } from '../../connector/secrets/vault.ts';
import { createCheckoutGateway } from '../../connector/stripe/checkout.ts';
import { API_VERSION, createStripe } from '../../connector/stripe/client.ts';
import { createOrderPayment } from '../../connector/stripe/order-payment.ts';
import { createProviderReads } from '../../connector/stripe/reads.ts';
import { createEffects } from '../../connector/wiring/effects.ts';
import { setupStripe } from '../../scripts/commands/setup-stripe.ts';
import type { World } from '../../scripts/sandbox/world.ts';
import { openTestDatabase, type TestDatabase } from './database.ts';
import { startTestWorld } from './sandbox.ts';

export const CONNECTOR_SECRET = Buffer.alloc(32, 7).toString('base64');
export const INSTALLATION = '00000000-0000-4000-8000-000000000001';

interface FrontOptions {
  /** Default: PGlite in memory. Closed by `stop()`. */
  readonly db?: TestDatabase;
  readonly catalogueFile?: string;
  readonly trialDays?: number;
  readonly perMinute?: number;
  readonly trustProxy?: string;
  /** Every log line, when a test reads them. */
  readonly logLines?: string[];
}

export type Front = Awaited<ReturnType<typeof startFront>>;

/** Stop it with `stop()`; the world stops by itself. */
export async function startFront(options: FrontOptions = {}) {
  const world = await startTestWorld();
  const db = options.db ?? (await openTestDatabase());
  const catalogue = loadCatalogue(options.catalogueFile ?? 'mappings/plans.json');
  const stripe = createStripe({ secretKey: world.env.STRIPE_SECRET_KEY!, apiUrl: world.urls.stripe });
  await prepareStripe({ stripe, catalogue, world });
  const { logLines } = options;
  const log = logLines
    ? createLog({ level: 'debug', destination: { write: (line: string) => void logLines.push(line) } })
    : createLog({ level: 'silent' });
  const gateway = createCheckoutGateway({ stripe, installation: INSTALLATION });
  const vault = createVault([CONNECTOR_SECRET]);
  const now = () => world.clock.now();
  const wanted: string[] = [];
  // The port is known only after listening: pages hold PUBLIC_URL, so it is filled in then.
  const deps = {
    db,
    log,
    now,
    vault,
    gateway,
    catalogue,
    installation: INSTALLATION,
    trialDays: options.trialDays ?? 0,
  };
  const start = async (publicUrl: string, port: number) => {
    const checkout = createCheckout({ ...deps, publicUrl, connectorSecrets: [CONNECTOR_SECRET] });
    const keys = { publishableKey: world.env.STRIPE_PUBLISHABLE_KEY!, stripeApiUrl: world.urls.stripe };
    const limits = { perMinute: options.perMinute ?? 1000 };
    const server = createHttpServer({
      log,
      publicUrl,
      trustProxy: options.trustProxy,
      health: { checks: async () => ({ database: true }), metrics: async () => [] },
      routers: [
        assetsRouter(),
        checkoutRouter({ checkout, publicUrl, ...keys, ...limits }),
        wizardRouter({ ...deps, checkout, publicUrl, ...keys, ...limits }),
        orderRouter({
          db,
          log,
          now,
          site: catalogue.name,
          timeline: (orderId) => timelineOfOrder(db, orderId),
          payment: createOrderPayment({
            db,
            stripe,
            now,
            isOver: (id) => subscriptionIsOver(db, id),
            syncNow: async (customerId) => void wanted.push(customerId),
          }),
        }),
      ],
    });
    return { running: await server.listen(port, '127.0.0.1'), checkout };
  };
  // What the webhook's lane does once its events have come; runs are queued, and no one works on them here.
  const effects = createEffects({
    crm: { mirrorSubscription: async () => {}, leaveNotes: async () => {} },
    story: {
      dashboard: 'https://dashboard.stripe.com/test',
      planName: (key) => key,
      addOnName: (key) => key,
    },
    now,
    log,
    policy: loadDunningPolicy(new URL('../../mappings/dunning.json', import.meta.url)),
    lifecycle: loadLifecyclePolicy(new URL('../../mappings/lifecycle.json', import.meta.url)),
    wakeDunning: () => {},
    wakeRun: () => {},
    wakeOutbox: () => {},
    tellStaff: () => {},
  });
  const syncCustomer = createSyncCustomer({
    db,
    reads: createProviderReads(stripe),
    onTransition: effects.onTransition,
    now,
    log,
  });
  const first = await start('http://127.0.0.1', 0);
  const { port } = first.running;
  await first.running.close();
  const url = `http://127.0.0.1:${port}`;
  const { running, checkout } = await start(url, port);
  return {
    world,
    db,
    stripe,
    catalogue,
    gateway,
    checkout,
    onTransition: effects.onTransition,
    url,
    /** Customers the order page asked to be read anew. */
    wanted,
    deps: { ...deps, publicUrl: url, connectorSecrets: [CONNECTOR_SECRET] },
    /** Pays a session as the customer does, without our being told. */
    pay: (sessionId: string) => world.systems.stripe.payCheckout(sessionId),
    /** Brings us in step with a customer. */
    syncCustomer: (customerId: string) =>
      syncCustomer({ customerId, invoiceIds: [], inTransaction: async () => {} }),
    /** The late webhook: brings us in step with the customer of that session. */
    sync: async (sessionId: string) => {
      const session = await stripe.checkout.sessions.retrieve(sessionId);
      const customerId = String(session.customer);
      await syncCustomer({ customerId, invoiceIds: [], inTransaction: async () => {} });
      return customerId;
    },
    /** POST checkout. */
    post: (body: unknown, headers: Record<string, string> = {}) => postCheckout(url, body, headers),
    stop: async () => {
      await running.close(100);
      await db.close();
    },
  };
}

async function prepareStripe({
  stripe,
  catalogue,
  world,
}: {
  stripe: ReturnType<typeof createStripe>;
  catalogue: ReturnType<typeof loadCatalogue>;
  world: World;
}) {
  const folder = await mkdtemp(join(tmpdir(), 'front-'));
  await setupStripe({
    stripe,
    catalogue,
    webhookUrl: `${world.urls.control}/webhooks/stripe`,
    secretFile: join(folder, 'secret'),
    dryRun: false,
    print: () => {},
    eventTypes: registeredTypes(),
    apiVersion: API_VERSION,
  });
  await rm(folder, { recursive: true });
}

/** An answer, or a problem document: a test says which it expects. */
interface CheckoutReply {
  readonly order: string;
  readonly order_url: string;
  readonly session_id: string;
  readonly client_secret?: string;
  readonly checkout_url?: string;
  readonly code?: string;
  readonly errors?: readonly { readonly pointer: string; readonly code: string; readonly detail: string }[];
}

async function postCheckout(url: string, body: unknown, headers: Record<string, string>) {
  const response = await fetch(`${url}/api/v1/billing/checkout`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' || body instanceof Uint8Array ? (body as string) : JSON.stringify(body),
  });
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as CheckoutReply,
  };
}

/** A complete, acceptable request; every call names another organisation. */
export function orderBody(changes: Record<string, unknown> = {}): Record<string, unknown> {
  counter += 1;
  return {
    plan: 'professional',
    interval: 'month',
    organisation: {
      name: `Bridges ${counter} Ltd`,
      country: 'GB',
      vat_id: '',
      contact_name: 'Ada Byron',
      contact_email: `ada@bridges${counter}.example`,
    },
    project: { name: 'Harbour bridge', code: 'HB-01' },
    stakeholders: [
      { name: 'Ada Byron', email: `ada@bridges${counter}.example`, role: 'information_manager' },
      { name: 'Charles B', email: `charles@bridges${counter}.example`, role: 'appointing_party' },
    ],
    ...changes,
  };
}
let counter = 0;
