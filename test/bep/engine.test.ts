import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createBepEngine } from '../../connector/bep/engine.ts';
import { type BepMapping, type DocumentMapping, loadBepMapping } from '../../connector/bep/mapping.ts';
import type { Fault, World } from '../../scripts/sandbox/world.ts';
import { sampleSale } from '../support/sample-sale.ts';
import { startTestWorld } from '../support/sandbox.ts';

const shipped = loadBepMapping(new URL('../../mappings/bep.json', import.meta.url));
const now = () => new Date('2026-11-05T00:00:00Z');
let world: World;
let keys = 0;

/** The shipped mapping with another way of answering, and quick limits. */
const mapping = (
  change: { path?: string; answer?: DocumentMapping['answer']; limits?: Partial<BepMapping['limits']> } = {},
) => {
  const adapt = (document: DocumentMapping): DocumentMapping => ({
    ...document,
    request: { ...document.request, path: change.path ?? document.request.path },
    answer: change.answer ?? document.answer,
  });
  return {
    ...shipped,
    limits: { ...shipped.limits, requestSeconds: 10, jobSeconds: 10, pollSeconds: 0.05, ...change.limits },
    documents: { bep: adapt(shipped.documents.bep), eir: adapt(shipped.documents.eir) },
  } satisfies BepMapping;
};
const engineOf = (change: Parameters<typeof mapping>[0] & { url?: string; apiKey?: string } = {}) =>
  createBepEngine({
    url: change.url ?? world.env.BEP_URL!,
    apiKey: change.apiKey ?? world.env.BEP_API_KEY,
    mapping: mapping(change),
    now,
  });
const ask = (engine = engineOf(), kind: 'bep' | 'eir' = 'bep', sale = sampleSale()) =>
  engine.create({ kind, sale, idempotencyKey: `key-${keys}` });
const isPdf = (content: Uint8Array) => Buffer.from(content.subarray(0, 5)).toString() === '%PDF-';

const JOB: DocumentMapping['answer'] = {
  kind: 'job',
  id: 'job_id',
  statusPath: '/v1/jobs/{id}',
  state: 'state',
  done: ['done'],
  failed: ['failed'],
  reason: 'reason',
  result: { kind: 'pdf', path: '/v1/jobs/{id}/document' },
};
const BASE64: DocumentMapping['answer'] = { kind: 'base64_json', content: 'content_base64' };
const WAYS = [
  ['pdf', {}],
  ['base64_json', { path: '/v1/documents?mode=base64', answer: BASE64 }],
  ['job', { path: '/v1/documents?mode=job', answer: JOB }],
] as const;

beforeAll(async () => {
  world = await startTestWorld();
});
beforeEach(() => {
  world.faults.clear();
  keys += 1;
});

describe.each(WAYS)('an engine that answers with %s', (_kind, change) => {
  it('makes both documents, once for one key', async () => {
    const engine = engineOf(change);
    const bep = await ask(engine, 'bep');
    expect(bep.fileName).toBe('HT-01-BEP.pdf');
    expect(isPdf(bep.content)).toBe(true);
    expect(Buffer.compare(Buffer.from(bep.content), Buffer.from((await ask(engine, 'bep')).content))).toBe(0);
    keys += 1;
    expect((await ask(engine, 'eir')).fileName).toBe('HT-01-EIR.pdf');
    const made = world.systems.bep.documents().filter((each) => each.idempotencyKey === `key-${keys - 1}`);
    expect(made).toEqual([
      expect.objectContaining({ kind: 'bep', projectCode: 'HT-01', parties: ['Ines Manager', 'Lars Lead'] }),
    ]);
  });

  it('stops at an answer that is not a PDF', async () => {
    world.systems.bep.misbehave({ how: 'not_pdf', times: 1 });
    await expect(ask(engineOf(change))).rejects.toMatchObject({
      kind: 'permanent',
      code: 'bep_not_a_pdf',
      message: expect.stringContaining('<!doctype html>'),
    });
  });

  it('stops at a document that is too large', async () => {
    world.systems.bep.misbehave({ how: 'too_large', times: 1, bytes: 300_000 });
    const engine = engineOf({ ...change, limits: { maxBytes: 250_000 } });
    await expect(ask(engine)).rejects.toMatchObject({ kind: 'permanent', code: 'bep_too_large' });
  });

  it('passes on why the engine cannot make it', async () => {
    world.systems.bep.misbehave({ how: 'job_failed', times: 1 });
    await expect(ask(engineOf(change))).rejects.toMatchObject({
      kind: 'permanent',
      code: expect.stringMatching(/^bep_(refused|job_failed)$/),
      message: expect.stringContaining('the project cannot be set'),
    });
  });
});

it('stops waiting for a slow engine and for a slow job', async () => {
  world.systems.bep.misbehave({ how: 'late', times: 1, ms: 900 });
  await expect(ask(engineOf({ limits: { requestSeconds: 0.5 } }))).rejects.toMatchObject({
    kind: 'retryable',
    code: 'bep_no_answer',
  });
  world.systems.bep.misbehave({ how: 'late', times: 1, ms: 60_000 });
  const engine = engineOf({ path: '/v1/documents?mode=job', answer: JOB, limits: { jobSeconds: 0.3 } });
  keys += 1;
  await expect(ask(engine)).rejects.toMatchObject({ kind: 'retryable', code: 'bep_job_slow' });
});

const FAULTS: Record<Exclude<Fault['kind'], 'refused'>, Record<string, unknown>> = {
  timeout: { kind: 'retryable', code: 'bep_no_answer', effectUnknown: true },
  reset_before: { kind: 'retryable', code: 'bep_no_answer' },
  reset_after: { kind: 'retryable', code: 'bep_no_answer' },
  rate_limited: { kind: 'retryable', code: 'bep_rate_limited', retryAfterMs: 7000 },
  server_error: { kind: 'retryable', code: 'bep_server_error' },
  html: { kind: 'retryable', code: 'bep_server_error' },
  expired_token: {
    kind: 'permanent',
    code: 'bep_unauthorized',
    advice: expect.stringMatching(/BEP_API_KEY/),
  },
  permanent: { kind: 'permanent', code: 'bep_refused', message: expect.stringMatching(/told to fail/) },
};

it.each(Object.entries(FAULTS))('survives %s, and one document is made', async (kind, expected) => {
  world.faults.add({ system: 'bep', kind: kind as Fault['kind'], times: 1, retryAfterSeconds: 7 });
  const first = engineOf({ limits: { requestSeconds: kind === 'timeout' ? 0.5 : 10 } });
  await expect(ask(first)).rejects.toMatchObject({ ...expected, system: 'bep', advice: expect.any(String) });
  expect(isPdf((await ask()).content)).toBe(true);
  expect(world.systems.bep.documents().filter((each) => each.idempotencyKey === `key-${keys}`)).toHaveLength(
    1,
  );
});

it('survives being refused', async () => {
  world.faults.add({ system: 'bep', kind: 'refused', times: Number.POSITIVE_INFINITY });
  await sleep(50);
  await expect(ask()).rejects.toMatchObject({
    kind: 'retryable',
    code: 'bep_unreachable',
    unreachable: true,
  });
  world.faults.clear();
  expect(isPdf((await ask()).content)).toBe(true);
});

it('gives a file a name that any system takes', async () => {
  const { fileName } = await ask(engineOf(), 'bep', sampleSale({ project: { code: '../a\r\nb\u202e:c' } }));
  expect(fileName).toBe('a-b-c-BEP.pdf');
  keys += 1;
  const long = await ask(engineOf(), 'bep', sampleSale({ project: { code: 'x'.repeat(300) } }));
  expect(long.fileName).toMatch(/^x{116}\.pdf$/);
});

describe('what goes over the wire', () => {
  const servers: http.Server[] = [];
  const serve = async (
    answer: (req: http.IncomingMessage, body: string, res: http.ServerResponse) => void,
  ) => {
    const server = http.createServer((req, res) => {
      const chunks: Buffer[] = [];
      req.on('data', (chunk: Buffer) => chunks.push(chunk));
      req.on('end', () => answer(req, Buffer.concat(chunks).toString(), res));
    });
    servers.push(server);
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/engine/`;
  };
  afterAll(() => {
    for (const server of servers) server.close().closeAllConnections();
  });
  const json = (res: http.ServerResponse, body: unknown, status = 200) =>
    res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));

  it('sends project, parties with roles, standards and milestones counted from the payment', async () => {
    let seen: { headers: http.IncomingHttpHeaders; url: string | undefined; body: unknown } | undefined;
    const url = await serve((req, body, res) => {
      seen = { headers: req.headers, url: req.url, body: JSON.parse(body) };
      res.end('%PDF-1.7');
    });
    await ask(engineOf({ url }), 'eir', sampleSale({ vatId: 'BE0477472701' }));
    expect(seen!.url).toBe('/engine/v1/documents');
    expect(seen!.headers).toMatchObject({
      authorization: `Bearer ${world.env.BEP_API_KEY}`,
      'idempotency-key': `key-${keys}`,
      'content-type': 'application/json',
    });
    expect(seen!.body).toMatchObject({
      document: 'eir',
      language: 'fr',
      project: { name: 'Harbour Tower', code: 'HT-01', description: 'A tower', client: 'Port Authority' },
      organisation: { name: 'Harbour Works', country: 'BE', vat_id: 'BE0477472701' },
      parties: [
        { name: 'Ines Manager', email: 'ines@harbour.example', role: 'information_manager' },
        { name: 'Lars Lead', email: 'lars@harbour.example', role: 'lead_appointed_party' },
      ],
      standards: shipped.standards,
    });
    const { milestones } = seen!.body as { milestones: { name: string; due: string }[] };
    expect(milestones.slice(0, 2).map((each) => each.due)).toEqual(['2026-11-02', '2026-11-16']);
  });

  it('sends no key when there is none, and counts from the period when the payment has no date', async () => {
    const bodies: { milestones: { due: string }[] }[] = [];
    let authorization: string | undefined = 'unset';
    const url = await serve((req, body, res) => {
      authorization = req.headers.authorization;
      bodies.push(JSON.parse(body));
      res.end('%PDF-1.7');
    });
    const engine = createBepEngine({ url, mapping: mapping(), now });
    const sale = sampleSale();
    const unpaid = { ...sale, firstInvoice: { ...sale.firstInvoice, paidAt: null } };
    await ask(engine, 'bep', unpaid);
    await ask(engine, 'bep', { ...unpaid, subscription: { ...sale.subscription, currentPeriodStart: null } });
    expect(authorization).toBeUndefined();
    expect(bodies.map((body) => body.milestones[0]!.due)).toEqual(['2026-11-01', '2026-11-05']);
  });

  it.each<[string, DocumentMapping['answer'], unknown, string]>([
    ['JSON without the member', BASE64, { other: 1 }, 'bep_not_a_pdf'],
    ['a job without an id', JOB, {}, 'bep_not_a_pdf'],
    ['a job whose id leads elsewhere', JOB, { job_id: '../../admin' }, 'bep_not_a_pdf'],
  ])('stops at %s', async (_what, answer, body, code) => {
    const url = await serve((_req, _body, res) => json(res, body));
    await expect(ask(engineOf({ url, answer }))).rejects.toMatchObject({ kind: 'permanent', code });
  });

  it('stops at text where JSON was promised, and at nothing at all', async () => {
    const text = await serve((_req, _body, res) => res.end('hello'));
    await expect(ask(engineOf({ url: text, answer: BASE64 }))).rejects.toMatchObject({
      code: 'bep_not_a_pdf',
    });
    const empty = await serve((_req, _body, res) => res.end());
    await expect(ask(engineOf({ url: empty }))).rejects.toMatchObject({ code: 'bep_not_a_pdf' });
  });

  it('takes a job that holds the document in its status', async () => {
    const url = await serve((req, _body, res) => {
      if (req.method === 'POST') return json(res, { job_id: 'j1' }, 202);
      json(res, { state: 'done', file: { data: Buffer.from('%PDF-1.7').toString('base64') } });
    });
    const answer = {
      ...JOB,
      result: { kind: 'base64_json', content: 'file.data' },
    } as DocumentMapping['answer'];
    expect(isPdf((await ask(engineOf({ url, answer }))).content)).toBe(true);
  });

  it('waits for a job that says no state, and tells a failure whose reason is no text without it', async () => {
    let looked = 0;
    const url = await serve((req, _body, res) => {
      if (req.method === 'POST') return json(res, { job_id: 'j1' }, 202);
      looked += 1;
      json(res, looked === 1 ? {} : { state: 'failed', reason: { code: 7 } });
    });
    await expect(ask(engineOf({ url, answer: JOB }))).rejects.toMatchObject({
      kind: 'permanent',
      code: 'bep_job_failed',
      message: 'The document engine\'s job ended as "failed"',
    });
    expect(looked).toBe(2);
  });

  it('stops at an answer without a body', async () => {
    const url = await serve((_req, _body, res) => res.writeHead(204).end());
    await expect(ask(engineOf({ url }))).rejects.toMatchObject({
      code: 'bep_not_a_pdf',
      message: expect.stringContaining('empty'),
    });
  });

  it('does not follow a redirect', async () => {
    const url = await serve((_req, _body, res) =>
      res.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
    );
    await expect(ask(engineOf({ url }))).rejects.toMatchObject({ kind: 'permanent', code: 'bep_refused' });
  });

  it.each([
    [404, 'permanent', 'bep_no_such_path'],
    [408, 'retryable', 'bep_busy'],
    [409, 'retryable', 'bep_busy'],
    [425, 'retryable', 'bep_busy'],
    [503, 'retryable', 'bep_server_error'],
  ])('sorts %i', async (status, kind, code) => {
    const url = await serve((_req, _body, res) => json(res, { detail: 'words of the engine' }, status));
    await expect(ask(engineOf({ url }))).rejects.toMatchObject({
      kind,
      code,
      message: expect.stringContaining('words of the engine'),
    });
  });
});
