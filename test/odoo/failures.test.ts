import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ConnectorError } from '../../connector/errors.ts';
import { createLog } from '../../connector/log.ts';
import { connectionError } from '../../connector/odoo/classify.ts';
import { createOdoo, type Odoo, type OdooTransport } from '../../connector/odoo/odoo.ts';
import { type Answer, breakOff, json, page, type Scripted, silence, startScripted } from './scripted.ts';

const KEY = 'canary-key-0123456789';
let server: Scripted;
beforeAll(async () => {
  server = await startScripted();
});
beforeEach(() => {
  server.requests.length = 0;
});

const odoo = (transport: OdooTransport = 'json2'): Odoo =>
  createOdoo({
    url: server.url,
    db: 'd',
    username: 'u',
    apiKey: KEY,
    transport,
    readTimeoutMs: 300,
    writeTimeoutMs: 300,
    log: createLog({ level: 'silent' }),
  });

const write = { ids: [1], vals: { name: 'x' } };

async function failureOf(work: Promise<unknown>): Promise<ConnectorError> {
  const thrown = await work.then(
    () => undefined,
    (error: unknown) => error as ConnectorError,
  );
  expect(thrown).toBeDefined();
  return thrown!;
}

describe('answers of what stands before Odoo', () => {
  const cases: readonly [name: string, answer: Answer, expected: object][] = [
    [
      'maintenance page',
      page(200),
      { kind: 'retryable', code: 'odoo_not_json', effectUnknown: true, unreachable: false },
    ],
    [
      'HTML 500',
      page(500),
      { kind: 'retryable', code: 'odoo_server_error', effectUnknown: true, unreachable: false },
    ],
    ['502', page(502), { kind: 'retryable', code: 'odoo_unreachable', unreachable: true }],
    ['503', page(503), { kind: 'retryable', code: 'odoo_unreachable', unreachable: true }],
    [
      '504',
      page(504),
      { kind: 'retryable', code: 'odoo_unreachable', unreachable: true, effectUnknown: true },
    ],
    ['503 with JSON', json({ down: true }, 503), { kind: 'retryable', code: 'odoo_unreachable' }],
    [
      'redirect to a login page',
      page(303, { Location: '/web/login' }),
      { kind: 'permanent', code: 'odoo_not_found' },
    ],
    ['413', page(413), { kind: 'permanent', code: 'odoo_too_large' }],
    ['401 page', page(401), { kind: 'permanent', code: 'odoo_authentication' }],
    ['418', page(418), { kind: 'permanent', code: 'odoo_error' }],
    [
      '429 with seconds',
      page(429, { 'Retry-After': '7' }),
      { kind: 'retryable', code: 'odoo_rate_limited', retryAfterMs: 7000 },
    ],
    [
      '429 with JSON',
      json({}, 429),
      { kind: 'retryable', code: 'odoo_rate_limited', retryAfterMs: undefined },
    ],
    [
      'no content type',
      (_request, response) => void response.writeHead(200).end('x'),
      { code: 'odoo_not_json' },
    ],
    [
      'broken JSON',
      (_request, response) => void response.writeHead(200, { 'Content-Type': 'application/json' }).end('{'),
      { code: 'odoo_not_json' },
    ],
  ];
  for (const [name, answer, expected] of cases) {
    test(name, async () => {
      server.answer(answer);
      const error = await failureOf(odoo().call('res.partner', 'write', write));
      expect(error).toMatchObject({ system: 'odoo', ...expected });
      expect(error.advice).toBeTypeOf('string');
      expect(server.requests).toHaveLength(1);
    });
  }

  test('429 with a date', async () => {
    server.answer(page(429, { 'Retry-After': new Date(Date.now() + 60_000).toUTCString() }));
    const { retryAfterMs } = await failureOf(odoo().call('res.partner', 'write', write));
    expect(retryAfterMs).toBeGreaterThan(50_000);
    expect(retryAfterMs).toBeLessThanOrEqual(60_000);
  });
});

describe('exceptions by name', () => {
  const cases: readonly [name: string, code: string, kind: string][] = [
    ['psycopg2.errors.SerializationFailure', 'odoo_busy', 'retryable'],
    ['psycopg2.pool.PoolError', 'odoo_overloaded', 'retryable'],
    ['psycopg2.OperationalError', 'odoo_database_unreachable', 'retryable'],
    ['odoo.exceptions.LockError', 'odoo_busy', 'retryable'],
    ['odoo.exceptions.MissingError', 'odoo_missing', 'absent'],
    ['zope.interface.Invalid', 'odoo_error', 'permanent'],
  ];
  for (const [name, code, kind] of cases) {
    test(name, async () => {
      server.answer(json({ name, message: `it says ${KEY}` }, 500));
      const error = await failureOf(odoo().call('res.partner', 'write', write));
      expect(error).toMatchObject({ code, kind, details: { exception: name, status: 500 } });
      expect(error.message).not.toContain(KEY);
    });
  }

  test('a JSON error without a name goes by its status', async () => {
    for (const body of [{ oops: 1 }, null]) {
      server.answer(json(body, 500));
      expect((await failureOf(odoo().call('m', 'write', write))).code).toBe('odoo_server_error');
    }
  });

  test('JSON-RPC: an error without data is not known', async () => {
    server.answer(json({ result: 5 }), json({ error: { message: 'odd' } }));
    expect((await failureOf(odoo('jsonrpc').call('m', 'write', write))).message).toContain('odd');
    server.answer(json({ result: 5 }), json({ error: {} }));
    expect(await failureOf(odoo('jsonrpc').call('m', 'write', write))).toMatchObject({
      kind: 'permanent',
      code: 'odoo_error',
    });
    server.answer(json({ oops: 1 }, 500));
    expect((await failureOf(odoo('jsonrpc').call('m', 'write', write))).code).toBe('odoo_server_error');
  });

  test('JSON-RPC: after a refused key the login is asked anew', async () => {
    const denied = json({
      error: { data: { name: 'odoo.exceptions.AccessDenied', message: 'Access Denied' } },
    });
    server.answer(json({ result: 5 }), denied, json({ result: 6 }), json({ result: true }));
    const port = odoo('jsonrpc');
    expect((await failureOf(port.call('m', 'write', write))).code).toBe('odoo_authentication');
    expect(await port.call('m', 'write', write)).toBe(true);
    expect(JSON.parse(server.requests[3]!.body).params.args[1]).toBe(6);
  });
});

describe('connections that break', () => {
  test('in a way nobody has a code for: the effect is unknown', () => {
    for (const thrown of [new Error('hm'), { code: 7 }, null])
      expect(connectionError(thrown)).toMatchObject({
        kind: 'retryable',
        code: 'odoo_connection_lost',
        effectUnknown: true,
        message: 'the connection to Odoo broke (no code)',
      });
  });

  test('a write is not repeated, its effect unknown', async () => {
    server.answer(breakOff);
    const error = await failureOf(odoo().call('res.partner', 'write', write));
    expect(error).toMatchObject({
      code: 'odoo_connection_lost',
      kind: 'retryable',
      effectUnknown: true,
      unreachable: false,
    });
    expect(server.requests).toHaveLength(1);
  });

  test('a read is asked once more', async () => {
    server.answer(breakOff, json([{ id: 1 }]));
    expect(await odoo().call('res.partner', 'read', { ids: [1], fields: ['name'] })).toEqual([{ id: 1 }]);
    expect(server.requests).toHaveLength(2);
    server.answer(breakOff);
    expect((await failureOf(odoo().call('res.partner', 'search', { domain: [] }))).code).toBe(
      'odoo_connection_lost',
    );
  });

  test('silence is a time-out, for reads and writes', async () => {
    server.answer(silence);
    for (const method of ['read', 'write']) {
      const error = await failureOf(odoo().call('res.partner', method, { ids: [1] }));
      expect(error).toMatchObject({ code: 'odoo_timeout', effectUnknown: true });
    }
  });

  test('an answer that trickles without an end is a time-out too', async () => {
    server.answer((_request, response) => {
      response.writeHead(200, { 'Content-Type': 'application/json' });
      const drip = setInterval(() => response.write(' '), 50);
      response.on('close', () => clearInterval(drip));
    });
    const error = await failureOf(odoo().call('res.partner', 'write', write));
    expect(error).toMatchObject({ code: 'odoo_timeout', effectUnknown: true });
  });

  test('no key in anything an error carries', async () => {
    server.answer(breakOff);
    const error = await failureOf(odoo('jsonrpc').call('m', 'write', write));
    expect(JSON.stringify(error) + String(error.stack) + JSON.stringify(error.cause ?? '')).not.toContain(
      KEY,
    );
  });
});

describe('versions', () => {
  test('auto takes JSON-2 from 19 on, JSON-RPC below, and asks once', async () => {
    server.answer(json({ result: { server_version: '19.0' } }), json([]));
    const new19 = odoo('auto');
    await new19.call('m', 'search', { domain: [] });
    await new19.call('m', 'search', { domain: [] });
    expect(server.requests.map(({ url }) => url)).toEqual([
      '/jsonrpc',
      '/json/2/m/search',
      '/json/2/m/search',
    ]);
    expect(server.requests[1]!.headers).toMatchObject({
      authorization: `bearer ${KEY}`,
      'x-odoo-database': 'd',
    });

    server.requests.length = 0;
    server.answer(
      json({ result: { server_version: 'saas~18.2+e' } }),
      json({ result: 2 }),
      json({ result: [] }),
    );
    await odoo('auto').call('m', 'search', { domain: [] });
    expect(server.requests.map(({ url }) => url)).toEqual(['/jsonrpc', '/jsonrpc', '/jsonrpc']);
  });

  test('a server without JSON-RPC tells its version on the web', async () => {
    server.answer(page(404), json({ version: '22.0' }));
    expect(await odoo('auto').version()).toEqual({ major: 22, text: '22.0' });
  });

  test('a failed look is not remembered', async () => {
    server.answer(page(502), json({ result: { server_version: '17.0' } }));
    const port = odoo('auto');
    expect((await failureOf(port.version())).code).toBe('odoo_unreachable');
    expect((await port.version()).major).toBe(17);
  });

  test('something that is not Odoo', async () => {
    server.answer(json({ hello: 'world' }));
    expect(await failureOf(odoo('auto').version())).toMatchObject({
      kind: 'permanent',
      code: 'odoo_not_odoo',
    });
  });
});

describe('at most so many at once', () => {
  test('the others wait their turn', async () => {
    let now = 0;
    let most = 0;
    server.answer((_request, response) => {
      now += 1;
      most = Math.max(most, now);
      setTimeout(() => {
        now -= 1;
        response.writeHead(200, { 'Content-Type': 'application/json' }).end('[]');
      }, 5);
    });
    const port = createOdoo({
      url: server.url,
      db: 'd',
      username: 'u',
      apiKey: KEY,
      transport: 'json2',
      maxConnections: 3,
      log: createLog({ level: 'silent' }),
    });
    await Promise.all(Array.from({ length: 20 }, () => port.call('m', 'search', { domain: [] })));
    expect(most).toBe(3);
    expect(server.requests).toHaveLength(20);
  });
});

describe('external ids', () => {
  test('one whose record we may not read is as good as none', async () => {
    server.answer(json(['crm.team', false]));
    expect(await odoo().xmlidToRes('m', 'n')).toBeNull();
    server.answer(json(['crm.team', 4]));
    expect(await odoo().xmlidToRes('m', 'n')).toEqual({ model: 'crm.team', id: 4 });
  });
});

describe('load', () => {
  const refused = (message: object) =>
    json({ ids: false, messages: [{ type: 'error', record: 0, ...message }] });

  test('a refusal that names no field is repeated, then believed', async () => {
    server.answer(
      refused({ message: 'could not serialize' }),
      refused({ message: 'x' }),
      json({ ids: [7], messages: [] }),
    );
    expect(await odoo().load('m', ['id'], [['a.b']])).toEqual([7]);
    expect(server.requests).toHaveLength(3);
    server.requests.length = 0;
    server.answer(refused({ message: 'always' }));
    expect((await failureOf(odoo().load('m', ['id'], [['a.b']], { attempts: 3 }))).code).toBe(
      'odoo_load_refused',
    );
    expect(server.requests).toHaveLength(3);
  });

  test('one that names a field is believed at once; a warning is no problem', async () => {
    server.answer(refused({ field: 'vat', message: 'no' }));
    const error = await failureOf(odoo().load('m', ['id'], [['a.b']]));
    expect(error.details).toMatchObject({ problems: [{ row: 0, field: 'vat', message: 'no' }] });
    expect(server.requests).toHaveLength(1);
    for (const message of [{ type: 'warning', message: 'w' }, { type: 'error' }]) {
      server.answer(json({ ids: false, messages: [message] }));
      const silent = await failureOf(odoo().load('m', ['id'], [['a.b']], { attempts: 1 }));
      expect(silent.message).toContain('no reason given');
    }
  });

  test('one that names no row is a problem of all of them', async () => {
    server.answer(json({ ids: false, messages: [{ type: 'error', message: 'closed period' }] }));
    const error = await failureOf(odoo().load('m', ['id'], [['a.b']], { attempts: 1 }));
    expect(error.details).toMatchObject({ problems: [{ row: null, field: null, message: 'closed period' }] });
  });

  test('no rows, no call', async () => {
    expect(await odoo().load('m', ['id'], [])).toEqual([]);
    expect(server.requests).toEqual([]);
  });
});
