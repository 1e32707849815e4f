/** The operators' door: who gets in, what may be asked, and how each failure reads. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { PassRow } from '../../connector/billing/passes/rows.ts';
import type { CustomerPlan } from '../../connector/billing/plan-customer.ts';
import { ConnectorError, type ErrorKind } from '../../connector/errors.ts';
import { type AdminPort, adminRouter } from '../../connector/http/admin.ts';
import { createHttpServer, type RunningServer } from '../../connector/http/server.ts';
import { createLog } from '../../connector/log.ts';
import { RUN_PLANS } from '../../connector/provisioning/run-plans.ts';
import { listRuns, type RunSummary, showRun } from '../../connector/provisioning/runs.ts';
import { secretsReseal } from '../../scripts/commands/secrets.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { liveOf } from '../support/live-subscription.ts';
import { seedRun, seedSale } from '../support/seed.ts';

const KEYS = ['the-first-operator-key-here', 'the-second-operator-key-here'];

const HELD = { about: 'in_7', level: 'access' as const, since: new Date('2026-11-20T00:00:00Z') };

const LIVE = liveOf({ cancelAtPeriodEnd: true, cancelAt: new Date('2026-12-01') });

const PASS: PassRow = {
  id: 4,
  kind: 'full',
  dryRun: true,
  cursor: null,
  cursorCreated: null,
  listed: false,
  looked: 0,
  expected: 0,
  found: {},
  startedAt: new Date('2026-11-01'),
  finishedAt: null,
  cause: null,
};

const PLAN: CustomerPlan = {
  customer: 'cus_1',
  name: null,
  subscriptions: [],
  invoices: [],
  transitions: [],
};

let db: TestDatabase;
let server: RunningServer;
let fail: ConnectorError | Error | undefined;
const calls: string[] = [];
const runs: string[] = [];

beforeAll(async () => {
  db = await openTestDatabase();
  for (const status of ['done', 'needs_attention', 'waiting']) {
    const { subscriptionId } = await seedSale(db);
    const id = await seedRun(db, subscriptionId);
    await db.query(
      "update runs set status = $2, created_at = now() + $3 * interval '1 second' where id = $1",
      [id, status, runs.length],
    );
    runs.push(id);
  }
  const noted = <T = void>(what: string, answer?: T): T => {
    if (fail !== undefined) throw fail;
    calls.push(what);
    return answer as T;
  };
  const admin: AdminPort = {
    listRuns: (filter) => listRuns(db, filter),
    showRun: (id) => showRun(db, id),
    retryRun: async (id) => noted(`retry ${id}`),
    syncCustomer: async ({ customerId, dryRun }) => noted(`${dryRun ? 'plan' : 'sync'} ${customerId}`, PLAN),
    passes: {
      begin: async ({ kind, dryRun }) => noted(`begin ${kind} ${dryRun}`, PASS),
      show: async () => undefined,
      drifts: async () => [],
      backfill: async ({ since, dryRun }) =>
        noted(`backfill ${since?.toISOString() ?? 'on'} ${dryRun}`, {
          listed: 3,
          gap: 1,
          customers: ['cus_1'],
        }),
      tally: async () => ({ hours: 24, atStripe: 412, here: 412, missing: 0 }),
    },
    records: {
      listCustomers: async () => [],
      showCustomer: async () => undefined,
      explainCustomer: async () => undefined,
      listInvoices: async () => [],
      listEvents: async () => [],
      showEvent: async () => undefined,
      replayEvents: async (what) => noted(`replay ${JSON.stringify(what)}`, { events: 1, customers: 1 }),
    },
    revenue: async (months) => noted(`revenue ${months}`, { recurring: [], months: [] }),
    erasures: {
      erase: async ({ subject, dryRun }) =>
        noted(`erase ${JSON.stringify(subject)} ${dryRun}`, { id: 1, finished: true, entries: [] }),
      read: async () => [],
    },
    lifecycle: {
      list: async () => [],
      tick: async () => noted('tick', 2),
      hold: async (of, reason) => noted(`hold ${JSON.stringify(of)} ${reason}`, undefined),
      undo: async (id) => noted(`undo ${id}`, 'run-1'),
      renew: async (id) => noted(`renew ${id}`, 'run-3'),
      end: async (id) => noted(`end ${id}`, 'run-2'),
      find: async (named) => Number(named.replace('sub_', '')),
    },
    subscriptions: {
      list: async () => [],
      find: async (named) => Number(named.replace('sub_', '')),
      create: async ({ customerId, wanted, requestId }) =>
        noted(`create ${customerId} ${JSON.stringify(wanted)} ${requestId}`, LIVE),
      cancel: async ({ subscriptionId, when, reason }) =>
        noted(`cancel ${subscriptionId} ${when} ${reason?.feedback}`, LIVE),
      reactivate: async (id) => noted(`reactivate ${id}`, LIVE),
      pause: async (id) => noted(`pause ${id}`, LIVE),
      resume: async (id) => noted(`resume ${id}`, LIVE),
      setTrialEnd: async ({ subscriptionId, end }) => noted(`trial ${subscriptionId} ${end}`, LIVE),
      revokeChange: async (id) => noted(`revoke-change ${id}`, LIVE),
    },
    suspensions: {
      find: async (named) => Number(named.replace('sub_', '')),
      held: async () => [HELD],
      lift: async (id) => noted(`lift ${id}`, [HELD]),
    },
    reissueCredentials: async (id) => {
      noted(`reissue ${id}`);
      return { mailed: ['ada@harbour.example'] };
    },
    revokeCredentials: async (id) => {
      noted(`revoke ${id}`);
      return { revoked: 2 };
    },
    issueOrganisationToken: async (id) => {
      noted(`token ${id}`);
      return { token: 'given-once', expiresInSeconds: 900 };
    },
    resealSecrets: async () => {
      noted('reseal');
      return { resealed: { secrets: 4 }, unreadable: { secrets: 1 } };
    },
    status: async () => ({ runs: { done: 1 } }),
  };
  server = await createHttpServer({
    log: createLog({ level: 'silent' }),
    publicUrl: 'http://127.0.0.1',
    trustProxy: undefined,
    health: { checks: async () => ({}), metrics: async () => [] },
    routers: [adminRouter({ admin, apiKeys: KEYS })],
  }).listen(0, '127.0.0.1');
});

afterAll(async () => {
  await server?.close(100);
  await db?.close();
});

async function ask(path: string, options: { method?: string; key?: string | null; body?: string } = {}) {
  const key = options.key === undefined ? KEYS[0] : options.key;
  const answer = await fetch(`${server.url}/api/v1/admin${path}`, {
    method: options.method ?? 'GET',
    ...(key !== null && {
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    }),
    ...(options.body !== undefined && { body: options.body }),
  });
  return {
    status: answer.status,
    type: answer.headers.get('content-type') ?? '',
    body: (await answer.json()) as Record<string, unknown>,
  };
}

describe('who gets in', () => {
  it.each([null, '', 'wrong', KEYS[0]!.slice(0, -1), `${KEYS[0]}x`, KEYS.join(',')])(
    'not %s',
    async (key) => {
      const answer = await ask('/runs', { key });
      expect(answer).toMatchObject({ status: 401, body: { code: 'unauthorized' } });
      expect(answer.type).toContain('application/problem+json');
      expect(answer.body.advice).toContain('CONNECTOR_API_KEYS');
    },
  );

  it.each(KEYS)('any operator key', async (key) => {
    expect((await ask('/status', { key })).body).toEqual({ runs: { done: 1 } });
  });
});

describe('runs', () => {
  it('are listed newest first, by page and status', async () => {
    const list = async (query: string) =>
      ((await ask(`/runs${query}`)).body.runs as RunSummary[]).map((run) => run.id);
    expect(await list('')).toEqual([...runs].reverse());
    expect(await list('?limit=1')).toEqual([runs[2]]);
    expect(await list(`?before=${runs[2]}`)).toEqual([runs[1], runs[0]]);
    expect(await list('?status=needs_attention')).toEqual([runs[1]]);
    expect(await list('?limit=100000')).toHaveLength(3);
  });

  it.each(['?status=lost', '?limit=0', '?limit=many', '?limit=1.5', '?before=1', '?before=%00'])(
    'refuse %s',
    async (query) => {
      expect(await ask(`/runs${query}`)).toMatchObject({ status: 422, body: { code: 'invalid_request' } });
    },
  );

  it('are shown with every step, retried, or not found', async () => {
    const shown = await ask(`/runs/${runs[0]}`);
    expect(shown.body.steps).toMatchObject(RUN_PLANS.provision.map(({ name }) => ({ name })));
    expect(await ask(`/runs/${randomUUID()}`)).toMatchObject({ status: 404, body: { code: 'not_found' } });
    expect(await ask('/runs/1;drop')).toMatchObject({ status: 422 });
    expect(await ask(`/runs/${runs[0]}/retry`, { method: 'POST' })).toMatchObject({ status: 202 });
    expect(calls).toContain(`retry ${runs[0]}`);
  });
});

describe('commands', () => {
  it('reach their port with checked ids', async () => {
    expect((await ask('/customers/cus_1/sync', { method: 'POST' })).status).toBe(202);
    expect(await ask('/customers/cus_2/sync', { method: 'POST', body: '{"dry_run":true}' })).toMatchObject({
      status: 200,
      body: { accepted: false, plan: PLAN },
    });
    expect(calls).not.toContain('sync cus_2');
    expect(await ask('/customers/cus_1/sync', { method: 'POST', body: '{"dry_run":1}' })).toMatchObject({
      status: 422,
    });
    expect((await ask('/subscriptions/sub_7/credentials/reissue', { method: 'POST' })).body).toEqual({
      mailed: ['ada@harbour.example'],
    });
    expect((await ask('/secrets/reseal', { method: 'POST' })).body).toEqual({
      resealed: { secrets: 4 },
      unreadable: { secrets: 1 },
    });
    expect((await ask('/subscriptions/7/credentials/revoke', { method: 'POST' })).body).toEqual({
      revoked: 2,
    });
    expect(await ask('/organisations/5/token', { method: 'POST' })).toMatchObject({
      status: 201,
      body: { token: 'given-once', expires_in: 900 },
    });
    expect((await ask('/subscriptions/sub_7/suspensions')).body).toEqual({
      suspensions: [{ ...HELD, since: HELD.since.toISOString() }],
    });
    await ask('/subscriptions/sub_7/suspensions/lift', { method: 'POST' });
    expect(calls).toEqual(
      expect.arrayContaining(['token 5', 'sync cus_1', 'reissue 7', 'revoke 7', 'lift 7']),
    );
    for (const path of ['/customers/sub_1/sync', '/customers/cus_/sync', '/organisations/0/token'])
      expect(await ask(path, { method: 'POST' })).toMatchObject({ status: 422 });
  });

  it.each<[ErrorKind, string | undefined, number, string]>([
    ['retryable', 'odoo', 503, 'odoo_trouble'],
    ['permanent', 'odoo', 502, 'odoo_trouble'],
    ['absent', undefined, 404, 'odoo_trouble'],
    ['conflict', undefined, 409, 'odoo_trouble'],
    ['bug', undefined, 500, 'internal_error'],
  ])('a %s failure of %s reads as %i with what to do', async (kind, system, status, code) => {
    fail = new ConnectorError({
      kind,
      code: 'odoo_trouble',
      message: 'The ERP said no',
      advice: 'Look at the ERP.',
      ...(system !== undefined && { system: 'odoo' }),
    });
    const answer = await ask(`/runs/${runs[0]}/retry`, { method: 'POST' });
    expect(answer).toMatchObject({ status, body: { code } });
    if (kind !== 'bug')
      expect(answer.body).toMatchObject({ detail: 'The ERP said no', advice: 'Look at the ERP.' });
    fail = undefined;
  });

  it('what nobody classified says nothing of itself', async () => {
    fail = new Error('password=hunter2');
    const answer = await ask(`/runs/${runs[0]}/retry`, { method: 'POST' });
    expect(answer).toMatchObject({ status: 500, body: { code: 'internal_error' } });
    expect(JSON.stringify(answer.body)).not.toContain('hunter2');
    fail = undefined;
  });

  it('wrong methods and paths are not found', async () => {
    expect(await ask('/runs', { method: 'DELETE' })).toMatchObject({ status: 404 });
    expect(await ask('/everything')).toMatchObject({ status: 404 });
  });
});

describe('cli secrets reseal', () => {
  it('prints what was sealed anew, and what no secret opens', async () => {
    const printed = vi.spyOn(console, 'log').mockImplementation(() => {});
    try {
      await secretsReseal([], { CONNECTOR_URL: server.url, CONNECTOR_API_KEYS: KEYS[0]! });
      const lines = printed.mock.calls.map(([line]) => String(line));
      expect(lines[0]).toMatch(/^secrets +4 sealed anew, 1 under a secret that is gone$/);
      expect(lines[1]).toContain('may go');
    } finally {
      printed.mockRestore();
    }
  });
});
