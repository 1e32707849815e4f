/**
 * Whose an event is that names no customer: a dispute names its charge, an invoice payment its invoice, a card itself. Found in our
 * mirror, else asked of the provider; then it waits in that customer's lane like any other.
 */
import type { MoneyReads } from '../billing/money/money-facts.ts';
import type { Database, Sql } from '../db/database.ts';
import { asConnectorError } from '../errors.ts';
import type { QueueDefinition } from '../jobs/jobs.ts';
import { noLiveJob } from '../jobs/live.ts';
import { eventObject, eventTable } from './event-table.ts';
import { IS_WHOLE } from './pending.ts';

interface Deps {
  readonly db: Database;
  readonly reads: Pick<MoneyReads, 'customerOf'>;
  /** Lets a call through when Stripe can be reached and is ours. */
  readonly guard: <T>(call: () => Promise<T>) => Promise<T>;
  readonly wakeLane: (customerId: string) => void;
  readonly now: () => Date;
}

/** One job for all of them. */
const KEY = 'events';
/** Asked at most so many a pass; the next follows at once. */
const PASS_SIZE = 50;
/** A payment's own customer is read for other reasons a moment later, and then its payment is known. */
const PATIENCE_MS = 60_000;
/** After an outage that moment comes when the lanes have worked off what came with it; one that is parked holds up no other. */
const BACKLOG_PATIENCE_MS = 900_000;

/** The only ones that are looked for among the cards. */
const TAKEN_OFF = "e.type = 'payment_method.detached'";
/** $1 is now. */
const WAITING = `e.state = 'open' and e.customer is null and ${IS_WHOLE}`;

/** A customer read this very moment brings it: the next pass settles it, and nobody is read twice. */
const SEEN = `e.type = 'invoice_payment.paid'
  and exists (select 1 from payments s where s.provider_id = e.object_id and s.status = 'paid')`;

/** The definition of queue `owner`, for `createJobs`. */
export function createOwners(deps: Deps): QueueDefinition {
  const { db } = deps;
  return {
    name: 'owner',
    slots: 1,
    async pending(sql) {
      const { rowCount } = await sql.query(
        `select 1 from events e where ${WAITING} and ${noLiveJob('owner', `'${KEY}'`)} limit 1`,
        [deps.now()],
      );
      return rowCount > 0 ? [KEY] : [];
    },
    async handle() {
      await settleMirrored(db, deps.now());
      const known = await fromMirror(db, deps.now());
      const asked = await fromProvider(deps);
      for (const customerId of new Set([...known, ...asked])) deps.wakeLane(customerId);
      return { next: 'done' };
    },
  };
}

/** The usual case: the customer was read for the invoice's own event, and this payment seen with it. */
async function settleMirrored(sql: Sql, now: Date): Promise<void> {
  await sql.query(
    `update events e set state = 'done', done_at = $1, customer = p.customer_id from payments p
      where ${WAITING} and p.provider_id = e.object_id and p.status = 'paid' and e.type = 'invoice_payment.paid'`,
    [now],
  );
}

async function fromMirror(sql: Sql, now: Date): Promise<readonly string[]> {
  const { rows } = await sql.query<{ customer: string }>(
    `update events e set customer = coalesce(
         (select i.customer_id from invoices i where i.provider_id = e.invoice),
         (select p.customer_id from payments p
           where p.payment_intent = e.payload::jsonb #>> '{data,object,payment_intent}' limit 1),
         (select m.customer_id from payment_methods m where ${TAKEN_OFF} and m.provider_id = e.object_id limit 1))
      where ${WAITING} and not (${SEEN}) and (
         exists (select 1 from invoices i where i.provider_id = e.invoice)
         or exists (select 1 from payments p where p.payment_intent = e.payload::jsonb #>> '{data,object,payment_intent}')
         or (${TAKEN_OFF} and exists (select 1 from payment_methods m where m.provider_id = e.object_id)))
      returning e.customer`,
    [now],
  );
  return rows.map((row) => row.customer);
}

async function fromProvider({ db, reads, guard, now }: Deps): Promise<readonly string[]> {
  const before = (ms: number) => new Date(now().getTime() - ms);
  const { rows } = await db.query<{ id: string; type: string; invoice: string | null; payload: string }>(
    `select e.id, e.type, e.invoice, e.payload from events e where ${WAITING}
        and (e.type <> 'invoice_payment.paid' or e.received_at < $3 or (e.received_at < $2
          and not exists (select 1 from events o
                           where o.state = 'open' and o.customer is not null and o.received_at <= e.received_at)))
      order by e.seq limit ${PASS_SIZE}`,
    [now(), before(PATIENCE_MS), before(BACKLOG_PATIENCE_MS)],
  );
  const found: string[] = [];
  for (const { id, type, invoice, payload } of rows) {
    const charge = eventTable.find(type)?.charge?.(eventObject(payload)) ?? null;
    const { customer, state, cause } = await ask(() => guard(() => reads.customerOf({ charge, invoice })));
    if (customer !== null) found.push(customer);
    await db.query('update events set customer = $2, state = $3, cause = $4::jsonb where id = $1', [
      id,
      customer,
      state,
      cause === null ? null : JSON.stringify(cause),
    ]);
  }
  return found;
}

interface Answer {
  readonly customer: string | null;
  readonly state: 'open' | 'ignored' | 'parked';
  readonly cause: object | null;
}

/** What is refused for good is set aside with its reason, so that it holds up no other. @throws what may pass by itself */
async function ask(read: () => Promise<string | null>): Promise<Answer> {
  try {
    const customer = await read();
    if (customer !== null) return { customer, state: 'open', cause: null };
    return { customer, state: 'ignored', cause: { code: 'no_customer' } };
  } catch (thrown) {
    const { kind, code, message, advice } = asConnectorError(thrown);
    if (kind === 'retryable') throw thrown;
    const cause = { kind, code, message, advice };
    return { customer: null, state: kind === 'absent' ? 'ignored' : 'parked', cause };
  }
}
