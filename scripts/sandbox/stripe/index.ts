/** A stateful Stripe for the sandbox: the API, its pages, its webhooks and its time. */
import type { HttpContext, HttpSystem } from '../system.ts';
import { createApi } from './api.ts';
import { createCore, WEBHOOK_SECRET } from './core.ts';
import { createDeliveries } from './deliveries.ts';
import { catchUp } from './due.ts';
import { createHandle } from './handle.ts';
import type { StripeSandbox } from './handle-types.ts';
import { operationOf } from './operation.ts';
import { createPages } from './pages.ts';

export { API_VERSION, SECRET_KEY, WEBHOOK_SECRET } from './core.ts';
export type { StripeSandbox } from './handle-types.ts';

// Time passes in a sandbox left alone, too: an invoice finalises after its hour.
const LOOK_MS = 5_000;

/** What follows comes on its own, a moment later. */
const PASSES_BY_ITSELF = new Set([
  'test_helpers.test_clock.advancing',
  'payment_intent.processing',
  'refund.created',
]);

export function createStripeSandbox(context: HttpContext): HttpSystem & StripeSandbox {
  const core = createCore(context);
  const deliveries = createDeliveries(core);
  const api = createApi(core);
  const pages = createPages(core);
  const handle = createHandle({ core, deliveries, api });
  if (context.webhookUrl !== undefined) handle.setWebhook(context.webhookUrl, WEBHOOK_SECRET);
  let soon: NodeJS.Immediate | undefined;
  context.clock.onAdvance(async () => catchUp(core));
  core.onEvent(({ type }) => {
    if (PASSES_BY_ITSELF.has(type)) soon = setImmediate(() => catchUp(core));
  });
  const timer = setInterval(() => catchUp(core), LOOK_MS).unref();

  return {
    ...handle,
    name: 'stripe',
    handler: (req, res) => void (req.url?.startsWith('/v1/') ? api.handle(req, res) : pages(req, res)),
    operation: operationOf,
    async stop() {
      clearInterval(timer);
      clearImmediate(soon);
      deliveries.stop();
    },
  };
}
