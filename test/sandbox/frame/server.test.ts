import { request as httpRequest } from 'node:http';
import express from 'express';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { createCounts } from '../../../scripts/sandbox/counts.ts';
import { createFaultBook, type FaultKind } from '../../../scripts/sandbox/faults.ts';
import { type ServedSystem, serveSystem } from '../../../scripts/sandbox/server.ts';
import type { HttpSystem } from '../../../scripts/sandbox/system.ts';

const served: ServedSystem[] = [];
afterAll(() => Promise.all(served.map(({ listener }) => listener.stop())));

const counts = createCounts();
beforeEach(() => counts.reset());

async function serve(system: Partial<HttpSystem>) {
  const faults = createFaultBook({
    outage: (_system, forMs) => running.listener.down(forMs),
    endOutages: () => running.listener.up(),
  });
  const running: ServedSystem = await serveSystem({ counts, faults, delayMs: () => 0, log: () => {} });
  served.push(running);
  running.attach({
    name: 'b2',
    operation: ({ method, url }) => `${method} ${url}`,
    handler: (_req, res) => void res.end('ok'),
    ...system,
  });
  return { url: running.url, faults };
}

const post = (url: string, body: string, headers = {}) => fetch(url, { method: 'POST', body, headers });

/** What a client sees: a status, or the code of the broken connection. */
const outcome = (url: string) =>
  fetch(url, { method: 'POST', body: 'x', signal: AbortSignal.timeout(300) }).then(
    (response) => response.status,
    (thrown: Error & { cause?: { code?: string } }) => thrown.cause?.code ?? thrown.name,
  );

test('a plain handler gets the request as a stream and as bytes', async () => {
  const { url } = await serve({
    handler(req, res) {
      const chunks: Buffer[] = [];
      req.on('data', (chunk: Buffer) => chunks.push(chunk));
      req.on('end', () =>
        res.end(`${req.method} ${req.headers['x-own']} ${Buffer.concat(chunks)} ${req.rawBody}`),
      );
    },
  });
  const answer = await post(`${url}/path`, 'body', { 'x-own': 'header' });
  expect(await answer.text()).toBe('POST header body body');
});

test('an express app uses its own body parsers', async () => {
  const app = express();
  app.use(express.urlencoded({ extended: true }));
  app.use(express.json());
  app.post('/form', (req, res) => void res.json(req.body));
  const { url } = await serve({ handler: app });
  const form = await fetch(`${url}/form`, { method: 'POST', body: new URLSearchParams({ 'a[b]': 'ü' }) });
  expect(await form.json()).toEqual({ a: { b: 'ü' } });
  const json = await post(`${url}/form`, '{"c":1}', { 'content-type': 'application/json' });
  expect(await json.json()).toEqual({ c: 1 });
  const empty = await fetch(`${url}/form`, { method: 'POST' });
  expect(empty.status).toBe(200);
});

test('a body sent in pieces and one of several megabytes arrive whole', async () => {
  const { url } = await serve({ handler: (req, res) => void res.end(String(req.rawBody.length)) });
  const length = await new Promise((resolve, reject) => {
    const req = httpRequest(url, { method: 'POST' }, (res) =>
      res.on('data', (chunk) => resolve(String(chunk))),
    );
    req.on('error', reject);
    req.write('a'.repeat(70_000));
    setTimeout(() => req.end('b'), 20);
  });
  expect(length).toBe('70001');
  expect(await (await post(url, 'x'.repeat(5_000_000))).text()).toBe('5000000');
});

test('more than 64 MiB is refused', async () => {
  const { url } = await serve({});
  const status = await post(url, 'x'.repeat(64 * 1024 * 1024 + 1)).then(
    (response) => response.status,
    () => 'broken off',
  );
  expect([413, 'broken off']).toContain(status);
  expect(counts.of('b2')).toBe(0);
});

test.each<[FaultKind, unknown, number]>([
  ['timeout', 'TimeoutError', 0],
  ['reset_before', 'ECONNRESET', 0],
  ['reset_after', 'ECONNRESET', 1],
  ['rate_limited', 429, 0],
  ['server_error', 500, 0],
  ['html', 502, 0],
  ['expired_token', 401, 0],
  ['permanent', 400, 0],
])('%s: the client sees %s and the handler ran %i times; then all is well', async (kind, seen, runs) => {
  let ran = 0;
  const { url, faults } = await serve({
    handler(_req, res) {
      ran += 1;
      res.writeHead(200).end('done');
    },
  });
  faults.add({ system: 'b2', kind, times: 1 });
  expect(await outcome(url)).toBe(seen);
  expect(ran).toBe(runs);
  expect(await outcome(url)).toBe(200);
  expect(counts.of('b2')).toBe(2);
});

test('refused: nobody listens for a while, then again at the same address', async () => {
  const { url, faults } = await serve({});
  await outcome(url);
  faults.add({ system: 'b2', kind: 'refused', times: 1, forMs: 100 });
  expect(await outcome(url)).toBe('ECONNREFUSED');
  await expect.poll(() => outcome(url), { interval: 30 }).toBe(200);
  faults.add({ system: 'b2', kind: 'refused', times: Number.POSITIVE_INFINITY });
  expect(await outcome(url)).toBe('ECONNREFUSED');
  faults.clear();
  await expect.poll(() => outcome(url), { interval: 30 }).toBe(200);
});

test('a fault hits its operation alone, after those it lets through', async () => {
  const { url, faults } = await serve({});
  faults.add({ system: 'b2', operation: 'POST /a*', kind: 'server_error', times: 1, skip: 1 });
  faults.add({ system: 'b2', operation: 'POST /exact', kind: 'server_error', times: 1 });
  const statuses = [];
  for (const path of ['/b', '/a1', '/a2', '/a3', '/exact/not', '/exact'])
    statuses.push(await outcome(url + path));
  expect(statuses).toEqual([200, 200, 500, 200, 200, 500]);
});

test('429 carries Retry-After', async () => {
  const { url, faults } = await serve({});
  faults.add({ system: 'b2', kind: 'rate_limited', times: 1, retryAfterSeconds: 7 });
  expect((await fetch(url)).headers.get('retry-after')).toBe('7');
});

test('a handler that throws is a 500 of the sandbox, not its end', async () => {
  const { url } = await serve({
    handler() {
      throw new Error('defect');
    },
  });
  expect(await outcome(url)).toBe(500);
  expect(await outcome(url)).toBe(500);
});
