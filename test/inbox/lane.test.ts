import { expect, it } from 'vitest';
import { ConnectorError } from '../../connector/errors.ts';
import { inboxFigures } from '../../connector/inbox/figures.ts';
import { createLane } from '../../connector/inbox/lane.ts';
import { parkCustomer } from '../../connector/inbox/park.ts';
import {
  customerHasWork,
  pendingCustomers,
  requestSync,
  retryParked,
} from '../../connector/inbox/pending.ts';
import { hold, LostClaim } from '../../connector/jobs/claim.ts';
import { createJobs } from '../../connector/jobs/jobs.ts';
import { now, silent, sleep, until } from '../jobs/support.ts';
import { describeOnEachDatabase } from '../support/database.ts';
import { event, paid, put, recordingSync, startLane, states } from './support.ts';

const refused = new ConnectorError({
  kind: 'permanent',
  code: 'bad_mapping',
  message: 'no such plan',
  advice: 'map it',
});

describeOnEachDatabase('lane', (open) => {
  it('makes one sync of all waiting events of a customer and names each invoice once', async () => {
    const db = await open();
    const { calls, syncCustomer } = recordingSync(db);
    for (const invoice of ['in_1', 'in_2', 'in_1']) await put(db, paid('cus_1', invoice));
    await put(db, event('customer.updated', { id: 'cus_1' }));
    await put(db, paid('cus_2', 'in_9'));
    await put(db, event('charge.succeeded', { id: 'ch_1' }));
    const jobs = await startLane(db, syncCustomer);
    await until('both customers are done', async () => (await states(db)).done === 5);
    expect(calls.toSorted((a, b) => a.customerId.localeCompare(b.customerId))).toEqual([
      { customerId: 'cus_1', invoiceIds: ['in_1', 'in_2'] },
      { customerId: 'cus_2', invoiceIds: ['in_9'] },
    ]);
    expect(await states(db)).toEqual({ done: 5, ignored: 1 });
    await jobs.stop({ deadlineMs: 1_000 });
    await db.close();
  });

  it('catches an event that arrives during the sync', async () => {
    const db = await open();
    const { calls, syncCustomer } = recordingSync(db, async () => {
      if (calls.length === 1) await put(db, paid('cus_1', 'in_2'));
    });
    await put(db, paid('cus_1', 'in_1'));
    const jobs = await startLane(db, syncCustomer);
    await until('both events are done', async () => (await states(db)).done === 2);
    expect(calls.map((call) => call.invoiceIds)).toEqual([['in_1'], ['in_2']]);
    await jobs.stop({ deadlineMs: 1_000 });
    await db.close();
  });

  it('parks a customer whose sync fails, with its cause, and tries again when due, at start, and on a new event', async () => {
    const db = await open();
    let failing = true;
    const { calls, syncCustomer } = recordingSync(db, async () => {
      if (failing) throw refused;
    });
    await put(db, paid('cus_1', 'in_1'));
    const jobs = await startLane(db, syncCustomer);
    const parked = async () =>
      (await db.query<Record<string, unknown>>('select * from customers where parked_at is not null'))
        .rows[0];
    await until('the customer is parked', async () => (await parked()) !== undefined);
    expect(await parked()).toMatchObject({
      id: 'cus_1',
      park_cause: { kind: 'permanent', code: 'bad_mapping', message: 'no such plan', advice: 'map it' },
    });
    expect(((await parked())!.retry_at as Date).getTime() - Date.now()).toBeGreaterThan(3_500_000);
    expect(await states(db)).toEqual({ open: 1 });
    expect(await inboxFigures(db, now())).toMatchObject({ open: 1, parkedCustomers: 1 });
    await sleep(700);
    expect(calls).toHaveLength(1);

    await put(db, paid('cus_1', 'in_2'));
    await until('a try on the new event', () => calls.length === 2);
    expect(calls[1]!.invoiceIds).toEqual(['in_1', 'in_2']);

    await until('it is parked again', async () => !(await customerHasWork(db, 'cus_1', now())));
    expect(await retryParked(db, now())).toBe(1);
    await until('a try at start', () => calls.length === 3);
    await until('it is parked again', async () => !(await customerHasWork(db, 'cus_1', now())));
    failing = false;
    await db.query(`update customers set retry_at = now() - interval '1 second'`);
    await until('it is done', async () => (await states(db)).done === 2);
    expect(await parked()).toBeUndefined();
    expect(await inboxFigures(db, now())).toEqual({ open: 0, oldestOpenSeconds: null, parkedCustomers: 0 });
    await jobs.stop({ deadlineMs: 1_000 });
    await db.close();
  });

  it.each([
    ['Stripe cannot be reached', { unreachable: true }],
    ['Stripe asks to slow down', { retryAfterMs: 50 }],
  ])('waits without parking when %s', async (_name, why) => {
    const db = await open();
    let failures = 0;
    const { syncCustomer } = recordingSync(db, async () => {
      if (failures++ < 2)
        throw new ConnectorError({
          kind: 'retryable',
          code: 'away',
          message: 'away',
          system: 'stripe',
          ...why,
        });
    });
    await put(db, paid('cus_1', 'in_1'));
    const jobs = await startLane(db, syncCustomer);
    await until('it is done', async () => (await states(db)).done === 1);
    expect(failures).toBe(3);
    expect((await db.query(`select 1 from pgboss.job where name = 'lane' and retry_count > 0`)).rows).toEqual(
      [],
    );
    expect((await db.query('select parked_at from customers')).rows).toEqual([{ parked_at: null }]);
    await jobs.stop({ deadlineMs: 1_000 });
    await db.close();
  });

  it('parks after five passing failures in a row', async () => {
    const db = await open();
    const { calls, syncCustomer } = recordingSync(db, async () => {
      throw new ConnectorError({ kind: 'retryable', code: 'stripe_api_error', message: 'five hundred' });
    });
    await put(db, paid('cus_1', 'in_1'));
    const jobs = await startLane(db, syncCustomer);
    await until(
      'it is parked',
      async () => (await db.query('select 1 from customers where parked_at is not null')).rows.length === 1,
      25_000,
    );
    expect(calls).toHaveLength(5);
    const minutes = async () => {
      const { rows } = await db.query<{ retry_at: Date }>('select retry_at from customers');
      return Math.round((rows[0]!.retry_at.getTime() - Date.now()) / 60_000);
    };
    // Whoever has paid waits a minute for a blip to pass, not an hour.
    expect(await minutes()).toBe(1);
    const error = new ConnectorError({ kind: 'retryable', code: 'stripe_api_error', message: 'again' });
    const park = () => db.tx((tx) => parkCustomer(tx, { customerId: 'cus_1', error, now: now() }));
    const waits = [];
    for (let time = 0; time < 7; time += 1) {
      await park();
      waits.push(await minutes());
    }
    expect(waits).toEqual([2, 4, 8, 16, 32, 60, 60]);
    await jobs.stop({ deadlineMs: 1_000 });
    await db.close();
  });

  it('reads closed checkouts only after an event of one, and writes in the sync’s transaction', async () => {
    const db = await open();
    const read: string[] = [];
    const { syncCustomer } = recordingSync(db);
    const jobs = await startLane(db, syncCustomer, now, async (customerId) => {
      read.push(customerId);
      return async (tx) => {
        await tx.query(`insert into cursors (name, value) values ('closed', $1)`, [customerId]);
      };
    });
    await put(db, paid('cus_1', 'in_1'));
    await put(db, event('checkout.session.expired', { id: 'cs_1', customer: 'cus_2' }));
    await until('both are done', async () => (await states(db)).done === 2);
    expect(read).toEqual(['cus_2']);
    expect((await db.query('select value from cursors')).rows).toEqual([{ value: 'cus_2' }]);
    await jobs.stop({ deadlineMs: 1_000 });
    await db.close();
  });

  it('syncs a customer on request without an event, once, and again when asked during the sync', async () => {
    const db = await open();
    const { calls, syncCustomer } = recordingSync(db, async () => {
      if (calls.length === 1) await requestSync(db, 'cus_1', now());
    });
    const jobs = await startLane(db, syncCustomer);
    await requestSync(db, 'cus_1', now());
    jobs.hint('lane', 'cus_1');
    await until('two syncs', () => calls.length === 2);
    await until('nothing is left', async () => !(await customerHasWork(db, 'cus_1', now())));
    await sleep(700);
    expect(calls).toEqual([
      { customerId: 'cus_1', invoiceIds: [] },
      { customerId: 'cus_1', invoiceIds: [] },
    ]);
    await jobs.stop({ deadlineMs: 1_000 });
    await db.close();
  });

  it('begins nothing while it is being stopped, and settles nothing for a claim it has lost', async () => {
    const db = await open();
    const { calls, syncCustomer } = recordingSync(db);
    await put(db, paid('cus_1', 'in_1'));
    const jobs = await createJobs({ db, log: silent, now, queues: [] });
    const at = new Date('2026-11-21T12:00:00Z');
    const lane = createLane({ db, log: silent, now: () => at, syncCustomer, hold });
    const stopping = new AbortController();
    const job = {
      queue: 'lane',
      jobId: '00000000-0000-4000-8000-000000000000',
      retryCount: 0,
      key: 'cus_1',
      signal: stopping.signal,
    } as const;
    await expect(lane.handle(job)).rejects.toBeInstanceOf(LostClaim);
    expect(await states(db)).toEqual({ open: 1 });
    expect((await db.query('select 1 from customers where parked_at is not null')).rowCount).toBe(0);
    expect(calls).toHaveLength(1);
    stopping.abort();
    expect(await lane.handle(job)).toEqual({ next: 'again', at });
    expect(calls).toHaveLength(1);
    await jobs.stop({ deadlineMs: 1_000 });
    await db.close();
  });

  it('lists pending customers oldest first, none that already has a job', async () => {
    const db = await open();
    const jobs = await startLane(db, recordingSync(db).syncCustomer);
    await jobs.stop({ deadlineMs: 1_000 });
    for (const customer of ['cus_b', 'cus_a', 'cus_b', 'cus_c']) await put(db, paid(customer, 'in_1'));
    expect(await pendingCustomers(db, now())).toEqual(['cus_b', 'cus_a', 'cus_c']);
    await db.query(
      `insert into pgboss.job_common (name, policy, singleton_key, state) values ('lane', 'exclusive', 'cus_a', 'created')`,
    );
    expect(await pendingCustomers(db, now())).toEqual(['cus_b', 'cus_c']);
    await db.close();
  });
});
