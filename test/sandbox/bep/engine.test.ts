import axios from 'axios';
import { beforeAll, expect, test } from 'vitest';
import { SANDBOX_KEYS } from '../../../scripts/sandbox/env.ts';
import type { World } from '../../../scripts/sandbox/world.ts';
import { startTestWorld } from '../../support/sandbox.ts';

let world: World;
beforeAll(async () => {
  world = await startTestWorld();
});

const REQUEST = {
  project: { name: 'Harbour Tower', code: 'HBT', description: 'A tower.', client: 'City' },
  organisation: { name: 'Builders Ltd', country: 'GB' },
  parties: [{ name: 'Ada', email: 'ada@example.com', role: 'information_manager' }],
  standards: ['ISO 19650-1:2018'],
  milestones: [{ name: 'Kick-off', due: '2026-12-01' }],
};

async function post(path: string, options: { body?: unknown; key?: string; bearer?: string } = {}) {
  return axios.post(`${world.urls.bep}${path}`, options.body ?? REQUEST, {
    headers: {
      authorization: `Bearer ${options.bearer ?? SANDBOX_KEYS.bep}`,
      ...(options.key !== undefined && { 'idempotency-key': options.key }),
    },
    responseType: path.includes('mode=') ? 'json' : 'arraybuffer',
    validateStatus: () => true,
  });
}

const get = (path: string) =>
  axios.get(`${world.urls.bep}${path}`, {
    headers: { authorization: `Bearer ${SANDBOX_KEYS.bep}` },
    responseType: path.endsWith('/document') ? 'arraybuffer' : 'json',
    validateStatus: () => true,
  });

const isPdf = (bytes: Uint8Array) => {
  const text = Buffer.from(bytes).toString('latin1');
  return text.startsWith('%PDF-1.') && text.trimEnd().endsWith('%%EOF');
};
const pages = (bytes: Uint8Array) =>
  Buffer.from(bytes)
    .toString('latin1')
    .match(/\/Type \/Page\b/g)?.length;
const errorOf = (answer: { data: unknown }) =>
  JSON.parse(Buffer.from(answer.data as Uint8Array).toString()).code;

test.each(['bep', 'eir'])('a %s is a real PDF of several pages', async (kind) => {
  const { status, headers, data } = await post(`/v1/documents/${kind}`);
  expect([status, headers['content-type'], isPdf(data)]).toEqual([200, 'application/pdf', true]);
  expect(pages(data)).toBeGreaterThanOrEqual(2);
  expect(data.length).toBeLessThan(50_000);
});

test('the kind may stand in the body; both ways count as the same operation', async () => {
  world.counts.reset();
  await post('/v1/documents', { body: { document: 'eir', ...REQUEST } });
  await post('/v1/documents/eir');
  expect(world.counts.all()).toEqual({ 'bep POST /v1/documents/eir': 2 });
});

test('five hundred parties in any script make a longer document', async () => {
  const parties = Array.from({ length: 500 }, (_, n) => ({
    name: n % 2 === 0 ? `Łukasz Ώμέγα Жук ${n}` : 'مدير 🏗 <b>'.repeat(40),
    email: `party${n}@example.com`,
    role: 'appointed_party',
  }));
  const { data } = await post('/v1/documents/bep', { body: { ...REQUEST, parties } });
  expect(isPdf(data)).toBe(true);
  expect(pages(data)).toBeGreaterThan(10);
});

test('the same idempotency key is the same document, also when asked for at once', async () => {
  const before = world.systems.bep.documents().length;
  const answers = await Promise.all([1, 2, 3].map(() => post('/v1/documents/bep', { key: 'order-17-bep' })));
  answers.push(await post('/v1/documents/bep', { key: 'order-17-bep' }));
  expect(new Set(answers.map(({ data }) => Buffer.from(data).toString('base64'))).size).toBe(1);
  const made = world.systems.bep.documents().slice(before);
  expect(made).toMatchObject([
    {
      kind: 'bep',
      projectCode: 'HBT',
      idempotencyKey: 'order-17-bep',
      parties: ['Ada'],
      fileName: 'HBT-BEP.pdf',
    },
  ]);
  expect(Buffer.from(world.systems.bep.pdf(made[0]!.id)!)).toEqual(Buffer.from(answers[0]!.data));
  const other = await post('/v1/documents/bep', { key: 'order-17-bep', body: { ...REQUEST, standards: [] } });
  expect([other.status, errorOf(other)]).toEqual([409, 'idempotency_conflict']);
});

test('base64 holds the same bytes', async () => {
  const { data: pdf } = await post('/v1/documents/bep', { key: 'both-ways' });
  const { data } = await post('/v1/documents/bep?mode=base64', { key: 'both-ways' });
  expect(data.file_name).toBe('HBT-BEP.pdf');
  expect(Buffer.from(data.content_base64, 'base64')).toEqual(Buffer.from(pdf));
});

test('a job is polled until its document can be fetched', async () => {
  const { status, data } = await post('/v1/documents/bep?mode=job');
  expect([status, data.status_url]).toEqual([202, `/v1/jobs/${data.job_id}`]);
  expect((await get(data.status_url)).data).toEqual({ job_id: data.job_id, state: 'running' });
  expect((await get(`${data.status_url}/document`)).status).toBe(409);
  await expect.poll(async () => (await get(data.status_url)).data.state, { interval: 30 }).toBe('done');
  const { pdf_url } = (await get(data.status_url)).data;
  expect(isPdf((await get(pdf_url)).data)).toBe(true);
  expect((await get('/v1/jobs/unknown')).status).toBe(404);
});

test.each([
  ['a wrong key', '/v1/documents/bep', { bearer: 'wrong' }, 401, 'unauthorized'],
  ['an unknown document', '/v1/documents/poem', {}, 404, 'unknown_document'],
  ['no project', '/v1/documents/bep', { body: { parties: [] } }, 422, 'invalid_project'],
  ['no parties', '/v1/documents/bep', { body: { project: { name: 'x' } } }, 422, 'invalid_parties'],
  ['no JSON', '/v1/documents/bep', { body: 'text' }, 400, 'invalid_json'],
  ['another path', '/v2/documents', {}, 404, 'not_found'],
])('%s is refused', async (_what, path, options, status, code) => {
  const answer = await post(path, options);
  expect([answer.status, errorOf(answer)]).toEqual([status, code]);
});

test('it can be told to answer with a page, with too much, late, or not at all', async () => {
  const { misbehave } = world.systems.bep;
  misbehave({ how: 'not_pdf', times: 1 });
  const page = await post('/v1/documents/bep');
  expect([page.headers['content-type'], isPdf(page.data)]).toEqual(['application/pdf', false]);
  misbehave({ how: 'too_large', times: 1, bytes: 2_000_000 });
  expect((await post('/v1/documents/bep')).data).toHaveLength(2_000_000);
  misbehave({ how: 'late', times: 1, ms: 120 });
  const before = performance.now();
  await post('/v1/documents/bep');
  expect(performance.now() - before).toBeGreaterThanOrEqual(115);
  misbehave({ how: 'job_failed', times: 2 });
  expect((await post('/v1/documents/bep')).status).toBe(422);
  const { data: job } = await post('/v1/documents/bep?mode=job');
  await expect.poll(async () => (await get(job.status_url)).data.state, { interval: 30 }).toBe('failed');
  expect(isPdf((await post('/v1/documents/bep')).data)).toBe(true);
});

test('its page lists the documents and opens them', async () => {
  const body = { ...REQUEST, project: { ...REQUEST.project, name: '<i>Escaped</i>' } };
  await post('/v1/documents/bep', { body });
  const html = await (await fetch(world.urls.bep)).text();
  expect(html).toContain('&lt;i&gt;Escaped&lt;/i&gt;');
  expect(html).not.toContain('<i>Escaped');
  const [, link] = /href="(\/documents\/[^"]+)"/.exec(html) ?? [];
  expect(isPdf(new Uint8Array(await (await fetch(world.urls.bep + link)).arrayBuffer()))).toBe(true);
});
