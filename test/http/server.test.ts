import { connect } from 'node:net';
import { type Response, Router } from 'express';
import { afterEach, describe, expect, it } from 'vitest';
import { ConnectorError } from '../../connector/errors.ts';
import type { HealthPort } from '../../connector/http/health.ts';
import { isInsideAddress } from '../../connector/http/insider.ts';
import { rateLimit } from '../../connector/http/rate-limit.ts';
import { allowPortal, allowStripe } from '../../connector/http/security-headers.ts';
import { createHttpServer, type HttpServerDeps, type RunningServer } from '../../connector/http/server.ts';
import { createLog, currentRequestId } from '../../connector/log.ts';

const running: RunningServer[] = [];
afterEach(async () => {
  for (const server of running.splice(0)) await server.close(50);
});

const healthy: HealthPort = { checks: async () => ({ database: true }), metrics: async () => [] };

async function start(changes: Partial<HttpServerDeps> = {}, lines: string[] = []) {
  const log = createLog({ level: 'debug', destination: { write: (line: string) => void lines.push(line) } });
  const server = createHttpServer({
    log,
    publicUrl: 'https://connect.example.com',
    trustProxy: undefined,
    health: healthy,
    routers: [],
    ...changes,
  });
  const listening = await server.listen(0, '127.0.0.1');
  running.push(listening);
  return listening.url;
}

const failing = (error: unknown) =>
  Router().get('/fail', () => {
    throw error;
  });

describe('every answer', () => {
  it('carries strict headers and a request id', async () => {
    const url = await start();
    const { headers } = await fetch(`${url}/healthz`);
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('strict-transport-security')).toContain('max-age=31536000');
    expect(headers.get('x-powered-by')).toBeNull();
    expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('speaks of no secure transport on a plain address', async () => {
    const url = await start({ publicUrl: 'http://127.0.0.1' });
    expect((await fetch(`${url}/healthz`)).headers.get('strict-transport-security')).toBeNull();
  });

  it('follows an acceptable id from the proxy into the work and its log, and no other', async () => {
    const lines: string[] = [];
    const seen: (string | undefined)[] = [];
    const router = Router().get('/work', async (_req, res) => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      seen.push(currentRequestId());
      res.json({});
    });
    const url = await start({ routers: [router] }, lines);
    const { headers } = await fetch(`${url}/work?token=abc`, {
      headers: { 'x-request-id': 'edge-12345678' },
    });
    expect(headers.get('x-request-id')).toBe('edge-12345678');
    expect(seen).toEqual(['edge-12345678']);
    expect(lines.join('')).toContain('"requestId":"edge-12345678"');
    expect(lines.join('')).not.toContain('abc');
    await fetch(`${url}/work`, { headers: { 'x-request-id': 'x y' } });
    expect(seen[1]).not.toBe('x y');
  });
});

describe('a page of ours that leads to Stripe', () => {
  const directives = async (widen: (res: Response) => void) => {
    const router = Router().get('/page', (_req, res) => {
      widen(res);
      res.send('');
    });
    const { headers } = await fetch(`${await start({ routers: [router] })}/page`);
    const policy = headers.get('content-security-policy')!;
    return Object.fromEntries(
      policy.split('; ').map((each) => [each.split(' ')[0], each.split(' ').slice(1).join(' ')]),
    );
  };

  it('may send its forms to Stripe’s portal and invoices, and stays as strict for the rest', async () => {
    expect(await directives((res) => allowPortal(res, undefined))).toMatchObject({
      'form-action': "'self' https://billing.stripe.com https://invoice.stripe.com",
      'script-src': "'self'",
      'default-src': "'none'",
    });
    expect(await directives((res) => allowPortal(res, 'http://127.0.0.1:4242/'))).toMatchObject({
      'form-action': "'self' http://127.0.0.1:4242",
    });
  });

  it('may load the payment form from Stripe alone', async () => {
    expect(await directives((res) => allowStripe(res, undefined))).toMatchObject({
      'script-src': "'self' https://js.stripe.com https://*.js.stripe.com https://checkout.stripe.com",
      'connect-src': "'self' https://api.stripe.com https://checkout.stripe.com",
      'form-action': "'self' https://checkout.stripe.com",
      'frame-ancestors': "'none'",
    });
  });
});

describe('an error', () => {
  const problem = async (error: unknown) => {
    const url = await start({ routers: [failing(error)] });
    const response = await fetch(`${url}/fail`);
    expect(response.headers.get('content-type')).toContain('application/problem+json');
    return {
      status: response.status,
      retry: response.headers.get('retry-after'),
      body: await response.json(),
    };
  };

  it('is a problem document by its kind, without the inner text', async () => {
    const kinds = [
      ['retryable', 503, 'temporarily_unavailable'],
      ['permanent', 502, 'upstream_refused'],
      ['absent', 404, 'not_found'],
      ['conflict', 409, 'conflict'],
      ['bug', 500, 'internal_error'],
    ] as const;
    for (const [kind, status, code] of kinds) {
      const answer = await problem(new ConnectorError({ kind, code: 'inner', message: 'sk_live_secret' }));
      expect(answer).toMatchObject({ status, body: { status, code } });
      expect(JSON.stringify(answer.body)).not.toContain('sk_live');
    }
  });

  it('passes on how long to wait', async () => {
    const wait = new ConnectorError({ kind: 'retryable', code: 'x', message: '', retryAfterMs: 12_500 });
    expect((await problem(wait)).retry).toBe('13');
    expect((await problem(new ConnectorError({ kind: 'retryable', code: 'x', message: '' }))).retry).toBe(
      '5',
    );
  });

  it('is an internal one for anything unclassified', async () => {
    expect((await problem(new TypeError('secret detail'))).body).toMatchObject({ code: 'internal_error' });
    expect((await problem('a text')).status).toBe(500);
    expect((await problem(Object.assign(new Error('http'), { status: 418 }))).body).toMatchObject({
      code: 'bad_request',
    });
    expect((await problem(Object.assign(new Error('http'), { status: 503 }))).status).toBe(500);
  });

  it('is told when nothing is there', async () => {
    const url = await start();
    const response = await fetch(`${url}/nothing`);
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({
      type: 'about:blank',
      code: 'not_found',
      request_id: expect.any(String),
    });
  });

  it('after the answer has begun ends the connection', async () => {
    const half = Router().get('/half', (_req, res, next) => {
      res.write('half');
      next(new Error('too late'));
    });
    const url = await start({ routers: [half] });
    await expect(fetch(`${url}/half`).then((response) => response.text())).rejects.toThrow();
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });
});

describe('health', () => {
  it('tells ready from alive', async () => {
    const url = await start({
      health: {
        checks: async () => ({ database: true, stripe: 'not reached for 4 minutes' }),
        metrics: async () => [],
      },
    });
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    const ready = await fetch(`${url}/readyz`);
    expect(ready.status).toBe(503);
    expect(await ready.json()).toEqual({
      status: 'not ready',
      checks: { database: true, stripe: 'not reached for 4 minutes' },
    });
    expect(await (await fetch(`${await start()}/readyz`)).json()).toMatchObject({ status: 'ready' });
  });

  it('gives figures in Prometheus’ format', async () => {
    const samples = [{ labels: { cause: 'a "b"\n\\c' }, value: 3 }];
    const url = await start({
      health: {
        ...healthy,
        metrics: async () => [{ name: 'parked_customers', help: 'Parked.', type: 'gauge', samples }],
      },
    });
    await fetch(`${url}/nothing`);
    await fetch(`${url}/nothing`, { method: 'PROPFIND' });
    const text = await (await fetch(`${url}/metrics`)).text();
    expect(text).toContain('# TYPE connector_parked_customers gauge');
    expect(text).toContain('connector_parked_customers{cause="a \\"b\\"\\n\\\\c"} 3');
    expect(text).toContain('connector_http_requests_total{method="GET",status="4xx"} 1');
    expect(text).toContain('connector_http_requests_total{method="other",status="4xx"} 1');
    expect(text).toMatch(/connector_process_resident_memory_bytes \d+/);
  });
});

describe('an outsider', () => {
  it('learns whether we are ready and no more, unless with an operator’s key', async () => {
    const url = await start({ apiKeys: ['operator-key-of-24-characters'] });
    const through = { 'x-forwarded-for': '203.0.113.9' };
    const ready = await fetch(`${url}/readyz`, { headers: through });
    expect([ready.status, await ready.json()]).toEqual([200, { status: 'ready' }]);
    expect((await fetch(`${url}/metrics`, { headers: through })).status).toBe(401);
    const wrong = { ...through, authorization: 'Bearer operator-key-of-24-characterz' };
    expect((await fetch(`${url}/metrics`, { headers: wrong })).status).toBe(401);
    const operator = { ...through, authorization: 'Bearer operator-key-of-24-characters' };
    expect((await fetch(`${url}/metrics`, { headers: operator })).status).toBe(200);
  });

  it.each([
    ['127.0.0.1', true],
    ['::1', true],
    ['::ffff:10.2.3.4', true],
    ['172.31.0.1', true],
    ['172.32.0.1', false],
    ['fd12::1', true],
    ['::ffff:203.0.113.9', false],
    ['2001:db8::1', false],
    ['', false],
  ])('%j is inside: %s', (address, inside) => {
    expect(isInsideAddress(address)).toBe(inside);
  });
});

describe('the rate limit', () => {
  const limited = () => Router().get('/limited', rateLimit(2), (_req, res) => void res.json({}));
  const ask = (url: string, from: string) =>
    fetch(`${url}/limited`, { headers: { 'x-forwarded-for': from } });

  it('answers 429 as a problem, by address, believing a proxy only when told to', async () => {
    const open = await start({ routers: [limited()] });
    const answers = [];
    for (const from of ['10.0.0.1', '10.0.0.2', '10.0.0.3']) answers.push(await ask(open, from));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 429]);
    expect(answers[2]!.headers.get('retry-after')).toBe('60');
    expect(await answers[2]!.json()).toMatchObject({ code: 'rate_limited' });

    for (const trustProxy of ['1', 'loopback']) {
      const behind = await start({ routers: [limited()], trustProxy });
      const statuses = [];
      for (const from of ['10.0.0.1', '10.0.0.1', '10.0.0.2', '10.0.0.1'])
        statuses.push((await ask(behind, from)).status);
      expect(statuses).toEqual([200, 200, 200, 429]);
    }
  });
});

describe('the rate limit of a page', () => {
  it('shows a page to people, a problem to programs', async () => {
    const router = Router().get('/page', rateLimit(1, 'Shop'), (_req, res) => void res.send('ok'));
    const url = await start({ routers: [router] });
    await fetch(`${url}/page`);
    const person = await fetch(`${url}/page`, { headers: { accept: 'text/html', 'accept-language': 'fr' } });
    expect(person.status).toBe(429);
    expect(await person.text()).toContain('Trop de demandes');
    expect((await fetch(`${url}/page`)).headers.get('content-type')).toContain('problem+json');
  });
});

describe('the server', () => {
  it('closes within its grace, cutting what hangs', async () => {
    const hang = Router().get('/hang', () => {});
    const log = createLog({ level: 'silent' });
    const server = createHttpServer({
      log,
      publicUrl: 'http://x',
      trustProxy: undefined,
      health: healthy,
      routers: [hang],
    });
    const listening = await server.listen(0, '127.0.0.1');
    const request = fetch(`${listening.url}/hang`).catch(() => 'cut');
    const idle = connect(listening.port, '127.0.0.1');
    idle.on('error', () => {});
    await new Promise((resolve) => setTimeout(resolve, 50));
    const began = Date.now();
    await listening.close(100);
    expect(Date.now() - began).toBeLessThan(2000);
    expect(await request).toBe('cut');
    idle.destroy();
  });

  it('keeps the system’s own words for an address that is not this machine’s', async () => {
    const server = createHttpServer({
      log: createLog({ level: 'silent' }),
      publicUrl: 'http://x',
      trustProxy: undefined,
      health: healthy,
      routers: [],
    });
    await expect(server.listen(0, '192.0.2.1')).rejects.toMatchObject({ code: 'EADDRNOTAVAIL' });
  });

  it('says when its port is taken', async () => {
    const url = await start();
    const log = createLog({ level: 'silent' });
    const second = createHttpServer({
      log,
      publicUrl: url,
      trustProxy: undefined,
      health: healthy,
      routers: [],
    });
    await expect(second.listen(Number(new URL(url).port), '127.0.0.1')).rejects.toMatchObject({
      code: 'port_not_free',
    });
  });
});
