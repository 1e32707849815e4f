import { createHmac } from 'node:crypto';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import Stripe from 'stripe';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import {
  createWebhookHandler,
  type WebhookDeps,
  webhookFirst,
  webhookRouter,
} from '../../connector/http/webhook.ts';
import { signatureFault, signingKeys } from '../../connector/http/webhook-signature.ts';
import { event, NEW, OLD, paid, states } from '../inbox/support.ts';
import { silent } from '../jobs/support.ts';
import { describeOnEachDatabase, openTestDatabase, type TestDatabase } from '../support/database.ts';

const SECRET = 'whsec_current';
const OLDER = 'whsec_older';
const stripe = new Stripe('sk_test_x');

const seconds = () => Math.floor(Date.now() / 1000);

function sign(payload: string | Buffer, options: { secret?: string; timestamp?: number } = {}): string {
  const { secret = SECRET, timestamp = seconds() } = options;
  if (typeof payload === 'string')
    return stripe.webhooks.generateTestHeaderString({ payload, secret, timestamp });
  const v1 = createHmac('sha256', secret).update(`${timestamp}.`).update(payload).digest('hex');
  return `t=${timestamp},v1=${v1}`;
}

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

async function start(db: TestDatabase, livemode = false, more: Partial<WebhookDeps> = {}) {
  const hinted: string[] = [];
  const deps = {
    db,
    log: silent,
    now: () => new Date(),
    secrets: [SECRET, OLDER],
    livemode,
    onStored: (customer: string) => void hinted.push(customer),
    ...more,
  };
  const rest = express().use((_req, res) => void res.status(404).end('rest'));
  const server: Server = createServer(webhookFirst(createWebhookHandler(deps), rest));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  async function deliver(
    payload: unknown,
    headers: Record<string, string> = {},
    method = 'POST',
  ): Promise<Answer> {
    const body = typeof payload === 'string' || Buffer.isBuffer(payload) ? payload : JSON.stringify(payload);
    const answer = await fetch(`${url}/webhooks/stripe`, {
      method,
      headers: { 'content-type': 'application/json', 'stripe-signature': sign(body), ...headers },
      ...(method === 'GET' ? {} : { body: body as unknown as string }),
    });
    return {
      status: answer.status,
      headers: answer.headers,
      body: (await answer.json()) as Record<string, unknown>,
    };
  }
  const close = () => new Promise((resolve) => server.close(resolve));
  return { url, deps, deliver, hinted, close };
}

type Running = Awaited<ReturnType<typeof start>>;

describeOnEachDatabase('webhook', (open) => {
  it('stores a signed event once, raw, and then hints its lane', async () => {
    const db = await open();
    const { deliver, hinted, close } = await start(db);
    const raw = paid('cus_1', 'in_1', { metadata: { name: 'Zoë 🏗️' } });
    const payload = JSON.stringify(raw, null, 2);
    const first = await deliver(payload);
    expect([first.status, first.body]).toEqual([200, { received: true }]);
    expect((await deliver(payload)).status).toBe(200);
    const { rows } = await db.query(
      'select id, type, customer, invoice, state, source, livemode, payload from events',
    );
    expect(rows).toEqual([
      {
        id: raw.id,
        type: 'invoice.paid',
        customer: 'cus_1',
        invoice: 'in_1',
        state: 'open',
        source: 'webhook',
        livemode: false,
        payload,
      },
    ]);
    expect(hinted[0]).toBe('cus_1');
    await close();
    await db.close();
  });

  it('stores a burst of deliveries with duplicates, each once, in both payload shapes', async () => {
    const db = await open();
    const { deliver, close } = await start(db);
    const events = Array.from({ length: 60 }, (_, i) => ({
      ...paid(`cus_${i % 7}`, `in_${i}`),
      api_version: i % 2 === 0 ? OLD : NEW,
    }));
    const answers = await Promise.all([...events, ...events].map((each) => deliver(each)));
    expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([200]));
    expect(await states(db)).toEqual({ open: 60 });
    await close();
    await db.close();
  });

  it('answers 503 with Retry-After when the database cannot store, and stores the repetition', async () => {
    const db = await open();
    const { deliver, close, hinted } = await start(db);
    await db.query('alter table events rename to gone');
    const raw = paid('cus_1', 'in_1');
    const refused = await Promise.all([
      deliver(raw),
      deliver(paid('cus_1', 'in_2')),
      deliver(paid('cus_1', 'in_3')),
    ]);
    expect(refused.map((answer) => answer.status)).toEqual([503, 503, 503]);
    expect(refused[0]!.headers.get('retry-after')).toBe('30');
    expect(refused[0]!.body).toMatchObject({ code: 'not_stored', status: 503 });
    expect(hinted).toEqual([]);
    await db.query('alter table gone rename to events');
    expect((await deliver(raw)).status).toBe(200);
    await close();
    await db.close();
  });

  it('lets a value the database refuses fail alone', async () => {
    const db = await open();
    const { deliver, close } = await start(db);
    await db.query(`create function refuse() returns trigger language plpgsql as
      $$ begin if new.customer = 'cus_bad' then raise exception 'no' using errcode = '22000'; end if; return new; end $$`);
    await db.query('create trigger refuse before insert on events for each row execute function refuse()');
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) => deliver(paid(i % 10 === 3 ? 'cus_bad' : 'cus_1', 'in_1'))),
    );
    expect(answers.filter((answer) => answer.status === 503)).toHaveLength(2);
    expect(await states(db)).toEqual({ open: 18 });
    await close();
    await db.close();
  });
});

let db: TestDatabase;
let running: Running;
beforeAll(async () => {
  db = await openTestDatabase();
  running = await start(db);
});
beforeEach(() => db.query('delete from events'));
afterAll(async () => {
  await running.close();
  await db.close();
});

const count = async () => (await db.query<{ n: number }>('select count(*) as n from events')).rows[0]!.n;

it.each([
  [
    'thin (v2) events',
    { id: 'evt_t', object: 'v2.core.event', type: 'v2.x', created: '2026-10-28T00:00:00Z' },
  ],
  ['unknown types', event('charge.succeeded', { id: 'ch_1' })],
  ['events without a customer', event('checkout.session.completed', { id: 'cs_1', customer: null })],
])('acknowledges %s and keeps them, ignored', async (_name, raw) => {
  const before = running.hinted.length;
  expect((await running.deliver(raw)).status).toBe(200);
  expect(await states(db)).toEqual({ ignored: 1 });
  expect(running.hinted.length).toBe(before);
});

it('outlives whatever goes wrong with a delivery, before its answer and after', async () => {
  let clock = () => new Date();
  const throwing = await start(db, false, {
    now: () => clock(),
    onStored: () => {
      throw new Error('nobody expected this');
    },
  });
  expect((await throwing.deliver(paid('cus_1', 'in_1'))).status).toBe(200);
  clock = () => {
    throw new Error('nor this');
  };
  expect((await throwing.deliver(paid('cus_1', 'in_2'))).status).toBe(503);
  clock = () => new Date();
  expect((await throwing.deliver(paid('cus_1', 'in_3'))).status).toBe(200);
  await throwing.close();
});

it('takes __proto__ and constructor keys as data', async () => {
  const payload = JSON.stringify(paid('cus_1', 'in_1')).replace(
    '"object":{',
    '"__proto__":{"customer":"cus_evil","polluted":true},"object":{"__proto__":{"customer":"cus_evil","polluted":true},"constructor":{"prototype":{"polluted":true}},',
  );
  expect((await running.deliver(payload)).status).toBe(200);
  expect((await db.query('select customer from events')).rows).toEqual([{ customer: 'cus_1' }]);
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
});

const good = JSON.stringify(paid('cus_1', 'in_1'));
const hex = (header: string) => header.split('v1=')[1]!;

it.each<[string, string, () => string | undefined]>([
  ['no signature', 'signature_missing', () => ''],
  ['a forged signature', 'signature_invalid', () => `t=${seconds()},v1=${'a'.repeat(64)}`],
  ['a signature of another secret', 'signature_invalid', () => sign(good, { secret: 'whsec_other' })],
  ['a signature of another body', 'signature_invalid', () => sign(`${good} `)],
  [
    'a signature moved to another time',
    'signature_invalid',
    () => `t=${seconds() - 1},v1=${hex(sign(good))}`,
  ],
  ['a stale signature', 'signature_stale', () => sign(good, { timestamp: seconds() - 302 })],
  ['a signature of the future', 'signature_future', () => sign(good, { timestamp: seconds() + 302 })],
  ['no time', 'signature_malformed', () => `v1=${hex(sign(good))}`],
  ['no v1', 'signature_malformed', () => `t=${seconds()},v0=${hex(sign(good))}`],
  ['a short v1', 'signature_malformed', () => `t=${seconds()},v1=abcd`],
  ['a time that is no number', 'signature_malformed', () => `t=now,v1=${hex(sign(good))}`],
  ['two headers joined', 'signature_malformed', () => `${sign(good)},${sign(good)}`],
  ['hundreds of signatures', 'signature_malformed', () => sign(good) + `,v1=${'b'.repeat(64)}`.repeat(100)],
  ['noise', 'signature_malformed', () => 'hello, = ,,,=='],
])('refuses %s with 400', async (_name, code, header) => {
  const answer = await running.deliver(good, { 'stripe-signature': header()! });
  expect(answer.status).toBe(400);
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
  expect(answer.body).toMatchObject({
    status: 400,
    code,
    title: expect.any(String),
    advice: expect.any(String),
  });
  expect(await count()).toBe(0);
});

it('calls a header that is there twice malformed, and an empty one missing', () => {
  const fault = (header: string | readonly string[] | undefined) =>
    signatureFault({ header, body: Buffer.from(good), keys: signingKeys([SECRET]), nowMs: Date.now() });
  expect(fault([sign(good), sign(good)])).toBe('signature_malformed');
  expect([fault(''), fault(undefined)]).toEqual(['signature_missing', 'signature_missing']);
  expect(fault(sign(good))).toBeNull();
});

it('takes a signature at either edge of the tolerance, of the older secret, and among several', async () => {
  const headers = [
    sign(good, { timestamp: seconds() - 297 }),
    sign(good, { timestamp: seconds() + 297 }),
    sign(good, { secret: OLDER }),
    `${sign(good)},v1=${'b'.repeat(64)},v0=zzz`,
  ];
  for (const header of headers) {
    expect((await running.deliver(good, { 'stripe-signature': header })).status).toBe(200);
  }
});

it('agrees with stripe-node on what is signed', () => {
  for (const payload of [good, 'x', '', 'ü🏗️', '{"a":"\\u0000"}']) {
    const header = sign(Buffer.from(payload));
    expect(header).toBe(sign(payload, { timestamp: Number(/t=(\d+)/.exec(header)![1]) }));
  }
  expect(stripe.webhooks.constructEvent(good, sign(Buffer.from(good)), SECRET).type).toBe('invoice.paid');
});

const MIB = 1024 * 1024;
const padded = (bytes: number) => {
  const raw = JSON.stringify(paid('cus_1', 'in_1', { pad: '' }));
  return raw.replace('"pad":""', `"pad":"${'x'.repeat(bytes - raw.length)}"`);
};

it.each<[string, number, string, () => [unknown, Record<string, string>?, string?]]>([
  ['1 MiB and one byte', 413, 'body_too_large', () => [padded(MIB + 1)]],
  [
    'form data',
    415,
    'unsupported_media_type',
    () => [good, { 'content-type': 'application/x-www-form-urlencoded' }],
  ],
  ['no content type', 415, 'unsupported_media_type', () => [good, { 'content-type': '' }]],
  ['json as a prefix', 415, 'unsupported_media_type', () => [good, { 'content-type': 'application/jsonx' }]],
  ['compressed bodies', 415, 'unsupported_media_type', () => [good, { 'content-encoding': 'gzip' }]],
  [
    'invalid UTF-8',
    400,
    'body_not_utf8',
    () => [Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xc3, 0x28])])],
  ],
  ['invalid JSON', 400, 'body_not_json', () => ['{"id":"evt_1"']],
  ['an empty body', 400, 'body_not_json', () => ['']],
  ['JSON that is no event', 400, 'not_an_event', () => [[1, 2, 3]]],
  ['an event of live mode', 400, 'livemode_mismatch', () => [{ ...paid('cus_1', 'in_1'), livemode: true }]],
  ['PUT', 405, 'method_not_allowed', () => [good, {}, 'PUT']],
  ['GET', 405, 'method_not_allowed', () => [good, {}, 'GET']],
])('answers %s with %i', async (_name, status, code, make) => {
  const answer = await running.deliver(...make());
  expect([answer.status, answer.body.code]).toEqual([status, code]);
  if (status === 405) expect(answer.headers.get('allow')).toBe('POST');
  expect(await count()).toBe(0);
  expect((await running.deliver(good)).status).toBe(200); // the process lives
});

it('takes exactly 1 MiB, and a content type with parameters in capitals', async () => {
  expect((await running.deliver(padded(MIB))).status).toBe(200);
  const type = { 'content-type': 'Application/JSON ; charset=utf-8' };
  expect((await running.deliver(paid('cus_1', 'in_2'), type)).status).toBe(200);
  expect(await count()).toBe(2);
});

it('survives a sender that goes away in the middle, and one that never stops', async () => {
  const send = (length: number, chunk: Buffer, repeat: number) =>
    new Promise<void>((resolve) => {
      const req = request(`${running.url}/webhooks/stripe`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'content-length': length },
      });
      req.on('error', () => resolve());
      req.on('response', () => resolve());
      let sent = 0;
      const more = () => {
        if (sent++ >= repeat) return req.destroy();
        req.write(chunk, more);
      };
      more();
    });
  await send(1_000, Buffer.from('{"id":'), 1);
  await send(64 * MIB, Buffer.alloc(MIB), 64);
  expect((await running.deliver(good)).status).toBe(200);
});

it('leaves other paths to the application, and takes its own with a query', async () => {
  expect(await (await fetch(`${running.url}/webhooks/stripeX`)).text()).toBe('rest');
  const answer = await fetch(`${running.url}/webhooks/stripe?x=1`, { method: 'POST' });
  expect(answer.status).toBe(415);
});

it('works as an Express router ahead of body parsers', async () => {
  const server = createServer(express().use(webhookRouter(running.deps)).use(express.json()));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const answer = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks/stripe`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'stripe-signature': sign(good) },
    body: good,
  });
  expect(await answer.json()).toEqual({ received: true });
  await new Promise((resolve) => server.close(resolve));
});
