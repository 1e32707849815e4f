/** Bad input at the whole service's doors: each delivery or order gets its stated answer, and the process lives. */
import { createHmac, randomUUID } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buy, ended, fromAnywhere, openStage, type Stage } from '../faults/stage.ts';
import { draft } from '../support/connector.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage?.stop());

const seconds = () => Math.floor(Date.now() / 1000);
const MIB = 1024 * 1024;

interface Delivery {
  readonly body?: string | Buffer;
  readonly secret?: string;
  readonly at?: number;
  readonly headers?: Record<string, string | undefined>;
  readonly method?: string;
}

function event(change: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    id: `evt_${randomUUID().replaceAll('-', '')}`,
    object: 'event',
    api_version: '2026-10-28.endive',
    created: seconds(),
    livemode: false,
    type: 'customer.updated',
    data: { object: { id: 'cus_nobody', object: 'customer' } },
    ...change,
  };
}

async function post(path: string, body: string | Buffer | undefined, init: Delivery) {
  const headers = Object.entries(init.headers ?? {}).filter(
    (pair): pair is [string, string] => pair[1] !== undefined,
  );
  const answer = await fetch(`${stage.connector.publicUrl}${path}`, {
    method: init.method ?? 'POST',
    headers: Object.fromEntries(headers),
    ...(body !== undefined && { body: body as string }),
  });
  const text = await answer.text();
  return {
    status: answer.status,
    type: answer.headers.get('content-type') ?? '',
    body: text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : { text },
  };
}

function deliver(delivery: Delivery) {
  const body = delivery.body ?? JSON.stringify(event());
  const at = delivery.at ?? seconds();
  const secret = delivery.secret ?? stage.connector.env.STRIPE_WEBHOOK_SECRET!;
  const v1 = createHmac('sha256', secret).update(`${at}.`).update(body).digest('hex');
  return post('/webhooks/stripe', delivery.method === 'GET' ? undefined : body, {
    ...delivery,
    headers: {
      'content-type': 'application/json',
      'stripe-signature': `t=${at},v1=${v1}`,
      ...delivery.headers,
    },
  });
}

async function lives(): Promise<void> {
  expect((await fetch(`${stage.connector.publicUrl}/healthz`)).status).toBe(200);
}

describe('webhook', () => {
  const refused: readonly [string, () => Delivery, number, string][] = [
    ['forged', () => ({ secret: 'whsec_of_somebody_else' }), 400, 'signature_invalid'],
    ['stale', () => ({ at: seconds() - 301 }), 400, 'signature_stale'],
    ['of the future', () => ({ at: seconds() + 320 }), 400, 'signature_future'],
    ['unsigned', () => ({ headers: { 'stripe-signature': undefined } }), 400, 'signature_missing'],
    ['badly signed', () => ({ headers: { 'stripe-signature': 'v1=,t' } }), 400, 'signature_malformed'],
    ['as text', () => ({ headers: { 'content-type': 'text/plain' } }), 415, 'unsupported_media_type'],
    ['compressed', () => ({ headers: { 'content-encoding': 'gzip' } }), 415, 'unsupported_media_type'],
    ['by GET', () => ({ method: 'GET' }), 405, 'method_not_allowed'],
    ['by PUT', () => ({ method: 'PUT' }), 405, 'method_not_allowed'],
    ['of one byte too many', () => ({ body: Buffer.alloc(MIB + 1, 0x20) }), 413, 'body_too_large'],
    ['not UTF-8', () => ({ body: Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d]) }), 400, 'body_not_utf8'],
    ['not JSON', () => ({ body: '{"id": ' }), 400, 'body_not_json'],
    ['empty', () => ({ body: '' }), 400, 'body_not_json'],
    ['null', () => ({ body: 'null' }), 400, 'not_an_event'],
    ['a list', () => ({ body: '[]' }), 400, 'not_an_event'],
    [
      'nested ten thousand deep',
      () => ({ body: '['.repeat(10_000) + ']'.repeat(10_000) }),
      400,
      'not_an_event',
    ],
    ['of live mode', () => ({ body: JSON.stringify(event({ livemode: true })) }), 400, 'livemode_mismatch'],
    [
      'with a prototype for an id',
      () => ({ body: '{"__proto__":{"id":"evt_1","type":"invoice.paid"},"constructor":{"prototype":{}}}' }),
      400,
      'not_an_event',
    ],
  ];

  it.each(refused)('%s', async (_name, delivery, status, code) => {
    const answer = await deliver(delivery());
    expect(answer).toMatchObject({ status, body: { code } });
    expect(answer.type).toContain('application/problem+json');
    expect(answer.body.advice).toBeTruthy();
    await lives();
  });

  const kept: readonly [string, Record<string, unknown>, string][] = [
    ['an unknown type', { type: 'terminal.reader.action_failed' }, 'ignored'],
    [
      'a thin event',
      { object: 'v2.core.event', created: new Date().toISOString(), type: 'v1.billing.meter.no_meter_found' },
      'ignored',
    ],
    [
      'one without a customer',
      { data: { object: { id: 'sub_1', customer: { evil: true } } }, type: 'customer.subscription.updated' },
      'ignored',
    ],
  ];

  it.each(kept)('%s is kept and left alone', async (_name, change, state) => {
    const body = event(change);
    expect((await deliver({ body: JSON.stringify(body) })).status).toBe(200);
    const { rows } = await stage.db.query('select state from events where id = $1', [body.id]);
    expect(rows).toEqual([{ state }]);
    await lives();
  });

  it('keys named __proto__ and constructor are data, whatever stands in them', async () => {
    const id = `evt_${randomUUID().replaceAll('-', '')}`;
    const body = `{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}},${JSON.stringify(event({ id })).slice(1)}`;
    expect((await deliver({ body })).status).toBe(200);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    const { rows } = await stage.db.query<{ payload: string }>('select payload from events where id = $1', [
      id,
    ]);
    expect(rows[0]!.payload).toBe(body);
  });

  it('the same event a hundred times at once is one row', async () => {
    const body = JSON.stringify(event());
    const answers = await Promise.all(Array.from({ length: 100 }, () => deliver({ body })));
    expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([200]));
    const { rows } = await stage.db.query('select 1 from events where id = $1', [JSON.parse(body).id]);
    expect(rows).toHaveLength(1);
  });

  it('a sender that goes away in the middle costs nothing', async () => {
    await new Promise<void>((resolve) => {
      const req = httpRequest(`${stage.connector.publicUrl}/webhooks/stripe`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'content-length': '5000' },
      });
      req.on('error', () => resolve());
      req.write('{"id":');
      setTimeout(() => req.destroy(), 50);
    });
    await lives();
  });
});

describe('checkout', () => {
  const raw = (body: string | Buffer, headers: Record<string, string> = {}, method = 'POST') =>
    post('/api/v1/billing/checkout', method === 'GET' ? undefined : body, {
      method,
      headers: { 'content-type': 'application/json', ...fromAnywhere(), ...headers },
    });
  const organisation = (change: object) => {
    const body = draft();
    return JSON.stringify({ ...body, organisation: { ...(body.organisation as object), ...change } });
  };
  const project = (change: object) => {
    const body = draft();
    return JSON.stringify({ ...body, project: { ...(body.project as object), ...change } });
  };
  const people = (count: number) =>
    JSON.stringify(
      draft({
        stakeholders: Array.from({ length: count }, (_, n) => ({
          name: `Person ${n}`,
          email: `person${n}@crowd.example`,
          role: 'information_manager',
        })),
      }),
    );

  const refused: readonly [string, () => string | Buffer, number, string, string?][] = [
    ['not JSON', () => '{"plan":', 400, 'body_not_json'],
    ['not UTF-8', () => Buffer.from([0x22, 0xff, 0x22]), 400, 'body_not_utf8'],
    ['empty', () => '', 400, 'body_not_json'],
    ['a list', () => '[]', 422, 'invalid_request'],
    ['1 MiB + 1', () => Buffer.alloc(MIB + 1, 0x20), 413, 'body_too_large'],
    ['a prototype', () => `{"__proto__":{"plan":"starter"}}`, 422, 'invalid_request'],
    [
      'a prototype in a part',
      () => JSON.stringify(draft()).replace('"project":{', '"project":{"__proto__":{"x":1},'),
      422,
      'invalid_request',
      '/project/__proto__',
    ],
    [
      'a constructor',
      () => JSON.stringify({ ...draft(), constructor: { prototype: { admin: true } } }),
      422,
      'invalid_request',
      '/constructor',
    ],
    ['an unknown plan', () => JSON.stringify(draft({ plan: 'platinum' })), 422, 'invalid_request', '/plan'],
    [
      'CR and LF in a name',
      () => organisation({ name: 'A\r\nBcc: x@y.example' }),
      422,
      'invalid_request',
      '/organisation/name',
    ],
    [
      'CR and LF in an address',
      () => organisation({ contact_email: 'a@b.example\r\nBcc: x@y.example' }),
      422,
      'invalid_request',
      '/organisation/contact_email',
    ],
    [
      'two addresses',
      () => organisation({ contact_email: 'a@b.example, c@d.example' }),
      422,
      'invalid_request',
      '/organisation/contact_email',
    ],
    ['a NUL', () => project({ description: 'a\u0000b' }), 422, 'invalid_request', '/project/description'],
    ['half a surrogate', () => project({ name: 'a\ud800b' }), 422, 'invalid_request', '/project/name'],
    [
      'a name of 10,000 letters',
      () => organisation({ name: 'x'.repeat(10_000) }),
      422,
      'invalid_request',
      '/organisation/name',
    ],
    ['a number for a name', () => organisation({ name: 7 }), 422, 'invalid_request', '/organisation/name'],
    ['501 stakeholders', () => people(501), 422, 'invalid_request', '/stakeholders'],
    ['nobody', () => JSON.stringify(draft({ stakeholders: [] })), 422, 'invalid_request', '/stakeholders'],
  ];

  it.each(refused)('%s', async (_name, body, status, code, pointer) => {
    const answer = await raw(body());
    expect(answer, JSON.stringify(answer)).toMatchObject({ status, body: { code } });
    expect(answer.type).toContain('application/problem+json');
    if (pointer !== undefined) {
      const errors = answer.body.errors as { pointer: string; detail: string }[];
      expect(errors.map((each) => each.pointer)).toContain(pointer);
      expect(errors.every((each) => each.detail.length > 5)).toBe(true);
    }
    await lives();
  });

  it.each([
    ['GET', 404],
    ['PUT', 404],
    ['DELETE', 404],
  ] as const)('%s is not how one buys', async (method, status) => {
    const answer = await raw(JSON.stringify(draft()), {}, method);
    expect([status, 405]).toContain(answer.status);
    await lives();
  });

  it('as a form or as text', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data'])
      expect(await raw(JSON.stringify(draft()), { 'content-type': type })).toMatchObject({ status: 415 });
  });

  it('an Authorization that is nobody’s', async () => {
    const answer = await raw(JSON.stringify(draft()), { authorization: `Bearer ${'x'.repeat(43)}` });
    expect(answer).toMatchObject({ status: 401, body: { code: 'token_refused' } });
  });

  it('leaves nothing behind at Stripe or with us, and honest customers are served', async () => {
    const { rows } = await stage.db.query<{ n: number }>('select count(*) as n from orders');
    expect(rows[0]!.n).toBe(0);
    expect(stage.world.systems.stripe.customers()).toEqual([]);
    await ended(stage, await buy(stage));
  });
});
