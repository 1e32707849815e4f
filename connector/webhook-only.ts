/** `npm start -- --only webhook`: receives and stores Stripe's events; other instances work on them. */
import type { App, AppDeps } from './app.ts';
import { createHttpServer, type RunningServer } from './http/server.ts';
import { createWebhookHandler, webhookFirst } from './http/webhook.ts';
import { databaseAnswers } from './wiring/figures.ts';

export function startWebhookOnly({ config, db, log, now }: AppDeps): App {
  const webhook = createWebhookHandler({
    db,
    log,
    now,
    secrets: config.stripe.webhookSecrets,
    livemode: config.stripe.livemode,
    // Nobody here works on it: the other instances' scan finds it within half a second.
    onStored: () => {},
  });
  const server = createHttpServer({
    log,
    publicUrl: config.publicUrl,
    trustProxy: config.trustProxy,
    health: {
      checks: async () => ({ database: await databaseAnswers(db) }),
      metrics: async () => [],
    },
    ahead: (rest) => webhookFirst(webhook, rest),
    routers: [],
  });
  let running: RunningServer | undefined;
  return {
    async start() {
      running = await server.listen(config.port);
      log.info({ url: running.url, only: 'webhook' }, 'ready');
      return running;
    },
    stop: async () => running?.close(),
  };
}
