/** Our webhook endpoint as the connector mounts it, with its lanes held back or running on a stand-in for Stripe. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createSyncCustomer } from '../../../connector/billing/sync-customer.ts';
import { openDatabase } from '../../../connector/db/open.ts';
import { createWebhookHandler, webhookFirst } from '../../../connector/http/webhook.ts';
import { createLane } from '../../../connector/inbox/lane.ts';
import { createJobs, type Jobs } from '../../../connector/jobs/jobs.ts';
import { createLog } from '../../../connector/log.ts';
import { createStripe } from '../../../connector/stripe/client.ts';
import { createProviderReads } from '../../../connector/stripe/reads.ts';
import { answering, say, settings } from './child.ts';

interface Settings {
  readonly url: string;
  readonly secret: string;
  readonly connections: number;
  /** Address of the stand-in for Stripe; undefined: lanes are held back. */
  readonly stripeUrl?: string;
}

const { url, secret, connections, stripeUrl } = settings<Settings>();
const now = () => new Date();
const log = createLog();
const db = await openDatabase({ url, maxConnections: connections });
const jobs = stripeUrl === undefined ? undefined : await startLanes(stripeUrl);

const webhook = createWebhookHandler({
  db,
  log,
  now,
  secrets: [secret],
  livemode: false,
  onStored: (customerId) => jobs?.hint('lane', customerId),
});
const server = createServer(webhookFirst(webhook, (_req, res) => res.writeHead(404).end()));
server.listen(0, '127.0.0.1', () => say({ port: (server.address() as AddressInfo).port }));

answering(async () => {
  const { rows } = await db.query<{ open: number }>(
    `select count(*) as open from events where state = 'open'`,
  );
  return rows[0];
});

async function startLanes(apiUrl: string): Promise<Jobs> {
  const reads = createProviderReads(createStripe({ secretKey: 'sk_test_bench', apiUrl }));
  const syncCustomer = createSyncCustomer({ db, reads, log, now, onTransition: async () => undefined });
  const holder: { jobs?: Jobs } = {};
  const lane = createLane({ db, log, now, syncCustomer, hold: (tx, claim) => holder.jobs!.hold(tx, claim) });
  holder.jobs = await createJobs({ db, log, now, queues: [lane] });
  await holder.jobs.start();
  return holder.jobs;
}
