import { randomUUID } from 'node:crypto';
import Stripe from 'stripe';
import { expect, it } from 'vitest';
import { parseConfig } from '../connector/config.ts';
import type { Database } from '../connector/db/database.ts';
import { createLog } from '../connector/log.ts';
import { startWebhookOnly } from '../connector/webhook-only.ts';
import { openTestDatabase } from './support/database.ts';

const ENV = {
  PORT: '0',
  PUBLIC_URL: 'http://127.0.0.1:1',
  STRIPE_SECRET_KEY: 'sk_test_1',
  STRIPE_WEBHOOK_SECRET: 'whsec_1',
};

const receiver = (db: Database) =>
  startWebhookOnly({
    config: parseConfig(ENV, { embedded: true, part: 'webhook' }),
    db,
    log: createLog({ level: 'silent' }),
    now: () => new Date(),
  });

it('stores what Stripe sends and works on none of it', async () => {
  const db = await openTestDatabase();
  const app = receiver(db);
  const { url } = await app.start();
  const payload = JSON.stringify({
    id: `evt_${randomUUID().slice(0, 8)}`,
    object: 'event',
    type: 'customer.updated',
    livemode: false,
    created: Math.floor(Date.now() / 1000),
    data: { object: { id: 'cus_1', object: 'customer' } },
  });
  const signature = new Stripe('sk_test_x').webhooks.generateTestHeaderString({ payload, secret: 'whsec_1' });
  const answer = await fetch(`${url}/webhooks/stripe`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'stripe-signature': signature },
    body: payload,
  });
  expect(answer.status).toBe(200);
  expect((await db.query('select state from events')).rows).toEqual([{ state: 'open' }]);
  expect((await fetch(`${url}/readyz`)).status).toBe(200);
  expect((await fetch(`${url}/metrics`)).status).toBe(200);
  expect((await fetch(`${url}/api/v1/admin/runs`)).status).toBe(404);
  await app.stop();
  await db.close();
});

it('is not ready while the database is away, and says why', async () => {
  const db = await openTestDatabase();
  const app = receiver(db);
  const { url } = await app.start();
  await db.close();
  const ready = await fetch(`${url}/readyz`);
  expect(ready.status).toBe(503);
  expect(await ready.json()).toMatchObject({ checks: { database: expect.stringContaining('DATABASE_URL') } });
  await app.stop();
});
