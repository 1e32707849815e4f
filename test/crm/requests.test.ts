/** What staff asked for in the ERP: rows as the ERP may hold them, and every way a request can end. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type CarryOutDeps, carryOutRequests } from '../../connector/crm/requests/carry-out.ts';
import { readWaiting } from '../../connector/crm/requests/erp-rows.ts';
import type { ErpRequest, RequestHandlers, RequestOutcome } from '../../connector/crm/requests/request.ts';
import { createErpRequests, type ErpRequests } from '../../connector/crm/requests/requests.ts';
import { claimRequests, keyOf } from '../../connector/crm/requests/rows.ts';
import { subscriptionOf } from '../../connector/crm/requests/subject.ts';
import { ConnectorError } from '../../connector/errors.ts';
import { createJobs, type Jobs } from '../../connector/jobs/jobs.ts';
import { createLog } from '../../connector/log.ts';
import type { Odoo } from '../../connector/odoo/odoo.ts';
import type { CallArguments } from '../../connector/odoo/transport.ts';
import { eventually } from '../support/connector.ts';
import { type ErpStage, openErpStage } from './erp-stage.ts';

const REQUEST = 'x_stripe_request';
const SUBSCRIPTION = 'x_stripe_subscription';

let stage: ErpStage;
let running: { requests: ErpRequests; jobs: Jobs } | undefined;
let logged: string[];
beforeAll(async () => {
  stage = await openErpStage();
});
beforeEach(async () => {
  logged = [];
  for (const { id } of odoo().records(REQUEST)) odoo().staff.delete(REQUEST, id);
  for (const table of ['erp_requests', 'erp_notes', 'erp_records'])
    await stage.db.query(`delete from ${table}`);
});
afterEach(async () => {
  await running?.requests.stop();
  await running?.jobs.stop({ deadlineMs: 2_000 });
  running = undefined;
});

const odoo = () => stage.world.systems.odoo;

/** A subscription record that is ours. */
async function record(): Promise<number> {
  const id = odoo().staff.create(SUBSCRIPTION, { x_name: 'Harbour', x_stripe_id: randomUUID() });
  await stage.db.query('insert into erp_records (external_id, model, res_id) values ($1, $2, $3)', [
    `stripe_connector.subscription_${id}_record`,
    SUBSCRIPTION,
    id,
  ]);
  return id;
}

const asked = (values: Record<string, unknown>) =>
  odoo().staff.create(REQUEST, {
    x_name: 'A request',
    x_request: randomUUID(),
    x_action: 'resync',
    x_state: 'waiting',
    ...values,
  });

const row = (id: number) => odoo().read(REQUEST, id)!;
const read = () => readWaiting({ db: stage.db, odoo: stage.odoo, now: () => new Date() });

type Handle = (request: ErpRequest) => Promise<RequestOutcome>;

function deps(handle: Handle, change: Partial<CarryOutDeps> = {}): CarryOutDeps {
  return {
    db: stage.db,
    odoo: stage.odoo,
    log: createLog({ destination: { write: (line: string) => void logged.push(line) } }),
    now: () => new Date(),
    handlers: { resync: handle } as unknown as RequestHandlers,
    guard: (call) => call(),
    onAnswered: () => {},
    wakeOutbox: () => {},
    ...change,
  };
}

async function startRequests(handle: Handle, change: Partial<CarryOutDeps> = {}): Promise<ErpRequests> {
  const requests = createErpRequests({
    ...deps(handle, change),
    wake: (key) => jobs.hint('request', key),
  });
  const jobs = await createJobs({
    db: stage.db,
    log: createLog({ level: 'silent' }),
    now: () => new Date(),
    queues: [requests.queue],
  });
  await jobs.start();
  running = { requests, jobs };
  return requests;
}

const fails = (error: Partial<ConstructorParameters<typeof ConnectorError>[0]>) => async () => {
  throw new ConnectorError({ kind: 'retryable', code: 'x', message: 'Not now.', ...error });
};

const stored = async () =>
  (
    await stage.db.query<{ state: string; attempts: number; cause: object | null; answered_at: Date | null }>(
      'select state, attempts, cause, answered_at from erp_requests',
    )
  ).rows[0]!;

const notes = async () =>
  (await stage.db.query<{ html: string }>('select html from erp_notes')).rows.map(({ html }) => html);

describe('a row of the ERP', () => {
  it('says who asked, for what and when, as far as it says so', async () => {
    const id = await record();
    const named = odoo().staff.createInternalUser({ login: 'mona', name: 'Mona Manager' });
    const plain = odoo().staff.createInternalUser({ login: 'jo@x.example', name: 'jo@x.example' });
    asked({
      x_subscription_id: id,
      x_asker_id: named,
      x_asked_at: '2026-11-20 08:30:00',
      x_input: '{"a":1}',
    });
    asked({ x_subscription_id: id, x_asker_id: plain, x_input: '[1]' });
    asked({ x_subscription_id: id, x_input: 'no JSON' });
    expect(await read()).toMatchObject([
      {
        model: SUBSCRIPTION,
        resId: id,
        asker: 'Mona Manager (mona)',
        askedAt: new Date('2026-11-20T08:30:00Z'),
        input: { a: 1 },
      },
      { asker: 'jo@x.example', askedAt: new Date(0), input: {} },
      { asker: 'somebody', input: {} },
    ]);
  });

  it('of a colleague whom the service may not see, of another company, has at least their name', async () => {
    const mila = odoo().staff.createInternalUser({ login: 'mila', name: 'Mila Elsewhere' });
    asked({ x_subscription_id: await record(), x_asker_id: mila });
    const port: Odoo = {
      ...stage.odoo,
      call: async <T>(model: string, method: string, args?: CallArguments) =>
        model === 'res.users' ? ([] as T) : stage.odoo.call<T>(model, method, args),
    };
    expect(await readWaiting({ db: stage.db, odoo: port, now: () => new Date() })).toMatchObject([
      { asker: 'Mila Elsewhere' },
    ]);
  });

  it('that was claimed before is left alone', async () => {
    asked({ x_subscription_id: await record() });
    const found = await read();
    expect(found).toHaveLength(1);
    await claimRequests(stage.db, found);
    await claimRequests(stage.db, found);
    expect(await read()).toEqual([]);
    expect((await stage.db.query('select 1 from erp_requests')).rowCount).toBe(1);
  });

  it('loses the address of a portal an hour after the answer, and no sooner', async () => {
    const ago = (minutes: number) =>
      new Date(Date.now() - minutes * 60_000).toISOString().slice(0, 19).replace('T', ' ');
    const answered = { x_action: 'open_portal', x_state: 'done', x_url: 'https://portal.example/p/1' };
    const old = asked({ ...answered, x_answered_at: ago(61) });
    const young = asked({ ...answered, x_answered_at: ago(59) });
    const other = asked({ ...answered, x_action: 'send_checkout_link', x_answered_at: ago(61) });
    expect(await read()).toEqual([]);
    expect([old, young, other].map((each) => row(each).x_url)).toEqual([
      false,
      'https://portal.example/p/1',
      'https://portal.example/p/1',
    ]);
  });

  it('about a record that we did not make is refused', async () => {
    await expect(subscriptionOf(stage.db, { model: SUBSCRIPTION, resId: 999 })).rejects.toMatchObject({
      kind: 'absent',
      code: 'request_record_foreign',
    });
  });
});

describe('an answer', () => {
  it('to what this version does not know says what to bring in line; the chatter calls it what the row does', async () => {
    await startRequests(async () => ({ answer: 'never' }));
    const unknown = asked({ x_action: 'fly_to_the_moon' });
    await running!.requests.look();
    expect(row(unknown)).toMatchObject({
      x_state: 'refused',
      x_answer: expect.stringMatching(/does not know “fly_to_the_moon”.*setup erp/),
    });
    expect(await notes()).toEqual([]);
    // Claimed by a newer version that was taken back since.
    const id = await record();
    const request = { model: SUBSCRIPTION, resId: id, action: 'fly_to_mars', asker: 'Mona', input: {} };
    const rowId = asked({ x_subscription_id: id, x_request: 'newer' });
    await claimRequests(stage.db, [{ ...request, id: 'newer', rowId, askedAt: new Date() }]);
    running!.jobs.hint('request', keyOf(request));
    await eventually('the answer', async () => row(rowId).x_state === 'refused');
    expect(await notes()).toEqual([expect.stringMatching(/Mona asked for “fly_to_mars”.*<b>Refused<\/b>/)]);
  });

  it('about a record that was deleted meanwhile says so', async () => {
    await startRequests(async () => ({ answer: 'never' }));
    const id = await record();
    const request = asked({ x_subscription_id: id });
    odoo().staff.delete(SUBSCRIPTION, id);
    expect(await read()).toMatchObject([{ model: REQUEST, resId: request }]);
    await running!.requests.look();
    expect(row(request)).toMatchObject({
      x_state: 'refused',
      x_answer: 'The record this was asked about is gone.',
    });
  });

  it('to a row that an administrator deleted goes nowhere, and is not written again and again', async () => {
    const id = await record();
    const request = asked({ x_subscription_id: id });
    await startRequests(async () => {
      odoo().staff.delete(REQUEST, request);
      return { answer: 'read anew' };
    });
    await running!.requests.look();
    expect(await stored()).toMatchObject({ state: 'done', answered_at: expect.any(Date) });
    expect(await notes()).toEqual([expect.stringContaining('read anew')]);
  });

  it('of a defect of ours is “failed”, and the log has the cause', async () => {
    const request = asked({ x_subscription_id: await record() });
    await startRequests(async () => {
      throw new TypeError('undefined is not a function');
    });
    await running!.requests.look();
    expect(row(request).x_state).toBe('failed');
    expect(logged.join()).toContain('undefined is not a function');
  });

  it('is given after twelve passing failures: whoever pressed reads what stands in the way', async () => {
    const id = await record();
    const request = asked({ x_subscription_id: id });
    await claimRequests(stage.db, await read());
    await stage.db.query('update erp_requests set attempts = 11');
    await startRequests(fails({ system: 'stripe' }));
    running!.jobs.hint('request', keyOf({ model: SUBSCRIPTION, resId: id }));
    await eventually('the answer', async () => row(request).x_state === 'failed');
    expect(row(request).x_answer).toBe('Not now.');
  });

  it('that two wait for reaches both', async () => {
    asked({ x_subscription_id: await record() });
    let done = false;
    const requests = await startRequests(async () => {
      await sleep(100);
      done = true;
      return { answer: 'read anew' };
    });
    const seen = await Promise.all([0, 1].map(() => requests.look().then(() => done)));
    expect(seen).toEqual([true, true]);
  });
});

describe('a request that waits', () => {
  const job = (resId: number, signal = new AbortController().signal) => ({
    queue: 'request' as const,
    jobId: randomUUID(),
    retryCount: 0,
    key: keyOf({ model: SUBSCRIPTION, resId }),
    signal,
  });
  let calls: number;
  const counted: Handle = async () => {
    calls += 1;
    return { answer: 'x' };
  };

  async function claimed(): Promise<number> {
    calls = 0;
    const id = await record();
    asked({ x_subscription_id: id });
    await claimRequests(stage.db, await read());
    await stage.db.query("update erp_requests set retry_at = now() - interval '1 second'");
    return id;
  }

  it('is not begun by a process that shuts down, nor before its time', async () => {
    const id = await claimed();
    const stopping = job(id, AbortSignal.abort());
    expect(await carryOutRequests(deps(counted), stopping)).toMatchObject({ next: 'again' });
    const at = new Date(Date.now() + 60_000);
    await stage.db.query('update erp_requests set retry_at = $1', [at]);
    expect(await carryOutRequests(deps(counted), job(id))).toEqual({ next: 'again', at });
    expect(calls).toBe(0);
  });

  it('is not settled by a worker whose place another has taken', async () => {
    const id = await claimed();
    await startRequests(counted);
    await running!.jobs.stop({ deadlineMs: 2_000 });
    calls = 0;
    await stage.db.query("update erp_requests set state = 'claimed', answered_at = null, answer = null");
    await expect(carryOutRequests(deps(counted), job(id))).rejects.toThrow('was lost');
    expect(calls).toBe(1);
    expect(await stored()).toMatchObject({ state: 'claimed', attempts: 0, cause: null });
  });

  it.each([
    ['a system that cannot be reached', { unreachable: true, system: 'stripe' as const }, 0, 1_000],
    ['a passing failure', { system: 'stripe' as const, advice: 'Wait.' }, 1, 1_000],
    ['a system that says when', { retryAfterMs: 30_000 }, 1, 30_000],
  ])('for %s comes again, and counts or not', async (_what, error, attempts, waits) => {
    const id = await claimed();
    const now = new Date();
    const outcome = await carryOutRequests(deps(fails(error), { now: () => now }), job(id));
    expect(outcome).toEqual({ next: 'again', at: new Date(now.getTime() + waits) });
    const { advice = null, system = null } = error as { advice?: string; system?: string };
    expect(await stored()).toMatchObject({
      state: 'claimed',
      attempts,
      cause: { code: 'x', advice, system },
    });
  });
});

describe('looking', () => {
  it('in vain is said once, and again after it went well', async () => {
    let away = true;
    let looks = 0;
    const guard: CarryOutDeps['guard'] = (call) => {
      looks += 1;
      return away ? Promise.reject(new Error('away')) : call();
    };
    const said = () => logged.filter((line) => line.includes('cannot be read from the ERP')).length;
    const requests = await startRequests(async () => ({ answer: 'x' }), { guard });
    requests.start(20);
    const looked = async (times: number) => {
      const from = looks;
      await eventually(`${times} looks`, async () => looks >= from + times);
    };
    await looked(5);
    expect(said()).toBe(1);
    away = false;
    await looked(3);
    away = true;
    await looked(3);
    expect(said()).toBe(2);
  });

  it('goes on after a look that failed, and ends without waiting for an ERP that does not answer', async () => {
    const asks: PromiseWithResolvers<void>[] = [];
    const guard: CarryOutDeps['guard'] = async (call) => {
      const ask = Promise.withResolvers<void>();
      asks.push(ask);
      await ask.promise;
      return call();
    };
    const requests = await startRequests(async () => ({ answer: 'x' }), { guard });
    const first = requests.look();
    await eventually('the first look', async () => asks.length === 1);
    const second = requests.look();
    asks[0]!.reject(new Error('away'));
    await expect(first).rejects.toThrow('away');
    await eventually('the second look', async () => asks.length === 2);
    const stopped = requests.stop();
    asks[1]!.reject(new Error('away again'));
    await expect(second).rejects.toThrow('away again');
    await stopped;
  });
});
