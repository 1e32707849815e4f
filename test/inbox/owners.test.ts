import { afterAll, beforeAll, expect, it } from 'vitest';
import { ConnectorError } from '../../connector/errors.ts';
import { createOwners } from '../../connector/inbox/owners.ts';
import { storeEvent } from '../../connector/inbox/store.ts';
import { now } from '../jobs/support.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { event, incoming, paid, put } from './support.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await openTestDatabase();
});
afterAll(() => db.close());

const refused = (kind: 'absent' | 'permanent' | 'retryable') =>
  new ConnectorError({ kind, code: `stripe_${kind}`, system: 'stripe', message: kind, advice: 'none' });

const dispute = (charge: string) =>
  event('charge.dispute.created', { id: `du_${charge}`, object: 'dispute', charge, payment_intent: null });

async function workOff(answers: Readonly<Record<string, string | null | ConnectorError>>) {
  const woken: string[] = [];
  const owners = createOwners({
    db,
    reads: {
      async customerOf({ charge, invoice }) {
        const answer = answers[charge ?? invoice ?? ''] ?? null;
        if (answer instanceof ConnectorError) throw answer;
        return answer;
      },
    },
    guard: (call) => call(),
    wakeLane: (customerId) => void woken.push(customerId),
    now,
  });
  await owners.handle({} as never).catch((error: unknown) => error);
  return woken;
}

async function stateOf(id: string) {
  const { rows } = await db.query<{ state: string; customer: string | null; code: string | null }>(
    `select state, customer, cause->>'code' as code from events where id = $1`,
    [id],
  );
  return rows[0];
}

it('one event that Stripe refuses to explain holds up no other', async () => {
  const gone = dispute('ch_gone');
  const refusedOne = dispute('ch_refused');
  const good = dispute('ch_good');
  for (const each of [gone, refusedOne, good]) await put(db, each);
  const woken = await workOff({
    ch_gone: refused('absent'),
    ch_refused: refused('permanent'),
    ch_good: 'cus_1',
  });
  expect(woken).toEqual(['cus_1']);
  expect(await stateOf(gone.id)).toEqual({ state: 'ignored', customer: null, code: 'stripe_absent' });
  expect(await stateOf(refusedOne.id)).toEqual({ state: 'parked', customer: null, code: 'stripe_permanent' });
  expect(await stateOf(good.id)).toEqual({ state: 'open', customer: 'cus_1', code: null });
});

it('while Stripe cannot be reached they wait, in order', async () => {
  const first = dispute('ch_first');
  await put(db, first);
  expect(await workOff({ ch_first: refused('retryable') })).toEqual([]);
  expect(await stateOf(first.id)).toEqual({ state: 'open', customer: null, code: null });
  expect(await workOff({ ch_first: 'cus_2' })).toEqual(['cus_2']);
});

it('a payment is not asked about while the lanes still work off what came with it, for a quarter of an hour', async () => {
  const minutesAgo = (minutes: number) => new Date(now().getTime() - minutes * 60_000);
  const at = (raw: unknown, minutes: number) =>
    storeEvent(db, { event: incoming(raw), source: 'webhook', now: minutesAgo(minutes) });
  const payment = event('invoice_payment.paid', {
    id: 'inpay_1',
    object: 'invoice_payment',
    invoice: 'in_1',
    payment: { type: 'payment_intent', payment_intent: 'pi_1' },
  });
  const other = paid('cus_behind', 'in_behind');
  await at(other, 3);
  await at(payment, 2);
  expect(await workOff({ in_1: 'cus_7' })).toEqual([]);
  await db.query('update events set received_at = $2 where id = $1', [payment.id, minutesAgo(16)]);
  await db.query('update events set received_at = $2 where id = $1', [other.id, minutesAgo(17)]);
  expect(await workOff({ in_1: 'cus_7' })).toEqual(['cus_7']);
  await db.query('update events set received_at = $2, customer = null where id = $1', [
    payment.id,
    minutesAgo(2),
  ]);
  await db.query("update events set state = 'done' where id = $1", [other.id]);
  expect(await workOff({ in_1: 'cus_7' })).toEqual(['cus_7']);
});

it('those of a backfill under way wait for its end: their customers may stand on later pages', async () => {
  const end = now();
  await db.query("insert into cursors (name, value) values ('backfill', $1)", [
    new Date(end.getTime() - 3_600_000).toISOString(),
  ]);
  const early = dispute('ch_early');
  await storeEvent(db, { event: incoming(early), source: 'backfill', now: end });
  expect(await workOff({ ch_early: 'cus_9' })).toEqual([]);
  expect(await stateOf(early.id)).toMatchObject({ state: 'open', customer: null });
  await db.query("update cursors set value = $1 where name = 'backfill'", [end.toISOString()]);
  expect(await workOff({ ch_early: 'cus_9' })).toEqual(['cus_9']);
});

it('a payment method that was taken off names no customer any more: whose it was, our mirror knows', async () => {
  await db.query("insert into customers (id) values ('cus_3')");
  await db.query(
    "insert into payment_methods (customer_id, provider_id, kind) values ('cus_3', 'pm_known', 'card')",
  );
  const known = event('payment_method.detached', {
    id: 'pm_known',
    object: 'payment_method',
    customer: null,
  });
  const unused = event('payment_method.detached', {
    id: 'pm_other',
    object: 'payment_method',
    customer: null,
  });
  for (const each of [known, unused]) await put(db, each);
  expect(await workOff({})).toEqual(['cus_3']);
  expect(await stateOf(known.id)).toEqual({ state: 'open', customer: 'cus_3', code: null });
  expect(await stateOf(unused.id)).toEqual({ state: 'ignored', customer: null, code: 'no_customer' });
});
