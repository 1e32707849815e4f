/** What operators may ask of the admin API: each request reaches its port as it was meant, or is refused before. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type AdminPort, adminRouter } from '../../connector/http/admin.ts';
import { createHttpServer, type RunningServer } from '../../connector/http/server.ts';
import { createLog } from '../../connector/log.ts';

const KEY = 'the-only-operator-key-here';
let server: RunningServer;
/** What reached the port: the command, and what it was given. */
let calls: [command: string, given: unknown][] = [];
/** What the port answers instead of an empty list. */
let answer: unknown;

beforeAll(async () => {
  const port = (command: string) => async (given: unknown) => {
    calls.push([command, given]);
    return answer ?? [];
  };
  const find = async (named: string) => Number(named.replace('sub_', ''));
  const admin = {
    passes: {
      begin: port('begin'),
      show: async () => undefined,
      drifts: port('drifts'),
      backfill: port('backfill'),
      tally: async () => ({}),
    },
    records: {
      listCustomers: port('customers'),
      showCustomer: async () => undefined,
      explainCustomer: async () => undefined,
      listInvoices: port('invoices'),
      listEvents: port('events'),
      showEvent: async () => undefined,
      replayEvents: port('replay'),
    },
    revenue: port('revenue'),
    erasures: { erase: port('erase'), read: port('erasures') },
    lifecycle: {
      find,
      hold: async (of: unknown, reason: unknown) => void calls.push(['hold', { of, reason }]),
      list: port('lifecycle'),
    },
    subscriptions: { find, list: port('list'), create: port('create'), cancel: port('cancel') },
  };
  server = await createHttpServer({
    log: createLog({ level: 'silent' }),
    publicUrl: 'http://127.0.0.1',
    trustProxy: undefined,
    health: { checks: async () => ({}), metrics: async () => [] },
    routers: [adminRouter({ admin: admin as unknown as AdminPort, apiKeys: [KEY] })],
  }).listen(0, '127.0.0.1');
});
afterEach(() => {
  calls = [];
  answer = undefined;
});
afterAll(() => server?.close(100));

async function ask(path: string, body?: unknown, headers: Record<string, string> = {}) {
  const reply = await fetch(`${server.url}/api/v1/admin${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json', ...headers },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  return { status: reply.status, body: (await reply.json()) as Record<string, unknown> };
}

const REASON = { feedback: null, comment: null };
const CUSTOMER = { customer: 'cus_1', plan: 'starter' };
const CREATE = {
  customerId: 'cus_1',
  wanted: { planKey: 'starter', interval: 'month' },
  requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
};

describe('a list', () => {
  it.each<[path: string, command: string, given: unknown]>([
    ['/revenue', 'revenue', 12],
    ['/revenue?months=3', 'revenue', 3],
    ['/customers', 'customers', { limit: 50, parked: false }],
    [
      '/customers?search=Bridges&after=cus_9&parked=true&limit=7',
      'customers',
      { limit: 7, parked: true, search: 'Bridges', after: 'cus_9' },
    ],
    ['/invoices', 'invoices', { limit: 50 }],
    [
      '/invoices?customer=cus_1&status=open&before=in_3&limit=999',
      'invoices',
      { limit: 200, customerId: 'cus_1', status: 'open', before: 'in_3' },
    ],
    ['/events', 'events', { limit: 50, failed: false }],
    [
      '/events?state=parked&type=invoice.paid&customer=cus_1&since=2026-11-01&before=12&failed=true',
      'events',
      {
        limit: 50,
        failed: true,
        state: 'parked',
        type: 'invoice.paid',
        customerId: 'cus_1',
        since: new Date('2026-11-01'),
        before: 12,
      },
    ],
    ['/subscriptions', 'list', { limit: 50 }],
    [
      '/subscriptions?customer=cus_1&status=past_due&before=70&limit=1000',
      'list',
      { limit: 200, customerId: 'cus_1', status: 'past_due', before: 70 },
    ],
    ['/drifts', 'drifts', { open: false, limit: 500 }],
    ['/drifts?open=true', 'drifts', { open: true, limit: 500 }],
    ['/erasures', 'erasures', { id: null, limit: 200 }],
  ])('%s', async (path, command, given) => {
    expect((await ask(path)).status).toBe(200);
    expect(calls).toEqual([[command, given]]);
  });

  it.each([
    '/revenue?months=0',
    '/revenue?months=121',
    '/revenue?months=many',
    '/customers?after=org_1',
    '/customers/sub_1',
    '/invoices?before=1',
    '/invoices?limit=0',
    '/events?state=lost',
    '/events?since=yesterday',
    '/events?since=2026-13-45',
    '/events?before=0',
    '/events/1',
    '/subscriptions?customer=7',
    '/subscriptions?before=first',
    '/subscriptions?limit=0',
  ])('%s is refused', async (path) => {
    expect(await ask(path)).toMatchObject({ status: 422, body: { code: 'invalid_request' } });
    expect(calls).toEqual([]);
  });

  it.each([
    ['/customers/cus_1', 'cli sync'],
    ['/customers/7/explain', 'cli customers list'],
    ['/events/evt_1', 'cli backfill'],
    ['/passes/4', 'cli sync --full'],
    ['/passes/first', 'cli sync --full'],
    ['/erasures/4', ''],
    ['/erasures/first', ''],
    ['/erasures/-1', ''],
  ])('%s is not there, and what to do is said', async (path, advice) => {
    const { status, body } = await ask(path);
    expect([status, body.code]).toEqual([404, 'not_found']);
    expect(String(body.advice ?? '')).toContain(advice);
  });
});

describe('a command', () => {
  it.each<[what: string, path: string, body: unknown, command: string, given: unknown]>([
    ['a pass', '/passes', { kind: 'import', dry_run: true }, 'begin', { kind: 'import', dryRun: true }],
    ['a backfill', '/backfill', '', 'backfill', { dryRun: false }],
    [
      'a backfill since a day',
      '/backfill',
      { since: '2026-11-01', dry_run: true },
      'backfill',
      { dryRun: true, since: new Date('2026-11-01') },
    ],
    ['an event again', '/events/replay', { id: 'evt_1' }, 'replay', { id: 'evt_1' }],
    ['failed events again', '/events/replay', { failed: true }, 'replay', { failed: true }],
    [
      'events again',
      '/events/replay',
      { since: '2026-11-01T10:00:00Z' },
      'replay',
      { since: new Date('2026-11-01T10:00:00Z') },
    ],
    [
      'a hold',
      '/lifecycle/sub_7/hold',
      { reason: ' Court order ' },
      'hold',
      { of: { subscriptionId: 7 }, reason: 'Court order' },
    ],
    ['a release of all', '/lifecycle/org_5/release', '', 'hold', { of: { organisationId: 5 }, reason: null }],
    [
      'the erasure of a person',
      '/erasures',
      { email: ' ada@x.example ', dry_run: true },
      'erase',
      { subject: { kind: 'person', email: 'ada@x.example' }, dryRun: true },
    ],
    [
      'the erasure of an organisation',
      '/erasures',
      { organisation: 5 },
      'erase',
      { subject: { kind: 'organisation', organisationId: 5 }, dryRun: false },
    ],
    [
      'a cancellation',
      '/subscriptions/sub_7/cancel',
      '',
      'cancel',
      { subscriptionId: 7, when: 'period_end', reason: REASON },
    ],
    [
      'a cancellation with its reason',
      '/subscriptions/7/cancel',
      { when: 'now', feedback: 'unused', comment: 'Two\nlines' },
      'cancel',
      { subscriptionId: 7, when: 'now', reason: { feedback: 'unused', comment: 'Two\nlines' } },
    ],
    ['a subscription', '/subscriptions', CUSTOMER, 'create', CREATE],
    [
      'a subscription of a price of Stripe',
      '/subscriptions',
      { customer: 'cus_1', price: 'price_9', quantity: 3, trial_days: 0, setup: false, project: 4 },
      'create',
      { ...CREATE, wanted: { priceId: 'price_9' }, quantity: 3, trialDays: 0, setup: false, projectId: 4 },
    ],
  ])('%s', async (_what, path, body, command, given) => {
    answer = {};
    expect((await ask(path, body)).status).toBeLessThan(300);
    expect(calls).toEqual([[command, given]]);
  });

  it('repeated with its Idempotency-Key is the same wish', async () => {
    await ask('/subscriptions', CUSTOMER, { 'idempotency-key': 'ticket-4711' });
    expect(calls).toEqual([['create', { ...CREATE, requestId: 'ticket-4711' }]]);
    const spaced = await ask('/subscriptions', CUSTOMER, { 'idempotency-key': 'two words' });
    expect(spaced).toMatchObject({
      status: 422,
      body: { detail: expect.stringContaining('Idempotency-Key') },
    });
  });

  it('an erasure that goes on by itself is accepted, a finished one and a dry run are answered', async () => {
    answer = { finished: false, entries: [] };
    expect((await ask('/erasures', { organisation: 5 })).status).toBe(202);
    expect((await ask('/erasures', { organisation: 5, dry_run: true })).status).toBe(200);
    answer = { finished: true, entries: [] };
    expect((await ask('/erasures', { organisation: 5 })).status).toBe(200);
  });

  it.each<[path: string, body: unknown]>([
    ['/passes', { kind: 'half' }],
    ['/passes', { kind: 'full', dry_run: 'yes' }],
    ['/passes', ['full']],
    ['/backfill', { dry_run: 1 }],
    ['/events/replay', {}],
    ['/events/replay', null],
    ['/events/replay', { failed: false }],
    ['/events/replay', { id: 'in_1' }],
    ['/events/replay', { id: 7 }],
    ['/events/replay', { since: 20261101 }],
    ['/lifecycle/7/hold', ''],
    ['/lifecycle/7/hold', null],
    ['/lifecycle/7/hold', { reason: ' ' }],
    ['/lifecycle/7/hold', { reason: 'x'.repeat(501) }],
    ['/erasures', ''],
    ['/erasures', null],
    ['/erasures', {}],
    ['/erasures', { email: 'nobody' }],
    ['/erasures', { organisation: 0 }],
    ['/erasures', { organisation: '5' }],
    ['/erasures', { email: 'ada@x.example', organisation: 5 }],
    ['/subscriptions/7/cancel', { when: 'soon' }],
    ['/subscriptions/7/cancel', { feedback: 'bored' }],
    ['/subscriptions/7/cancel', { comment: 7 }],
    ['/subscriptions', { customer: 'cus_1' }],
    ['/subscriptions', { ...CUSTOMER, price: 'price_9' }],
    ['/subscriptions', { ...CUSTOMER, interval: 'week' }],
    ['/subscriptions', { ...CUSTOMER, customer: 'org_1' }],
    ['/subscriptions', { ...CUSTOMER, quantity: 0 }],
    ['/subscriptions', { ...CUSTOMER, trial_days: -1 }],
    ['/subscriptions', { ...CUSTOMER, project: 'four' }],
  ])('POST %s with %j is refused', async (path, body) => {
    expect(await ask(path, body)).toMatchObject({ status: 422, body: { code: 'invalid_request' } });
    expect(calls).toEqual([]);
  });

  it('without the body it needs, or of another type, is told so', async () => {
    expect(await ask('/events/replay', '')).toMatchObject({ status: 400, body: { code: 'body_not_json' } });
    expect(await ask('/events/replay', 'id=evt_1', { 'content-type': 'text/plain' })).toMatchObject({
      status: 415,
      body: { code: 'unsupported_media_type' },
    });
  });
});
