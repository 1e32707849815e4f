/** Our own records beside Stripe's objects, and what was left undone. */
import type { Database } from '../../../connector/db/database.ts';
import type { Customer } from './customer.ts';
import { differences } from './differences.ts';
import { accessOf, type Facts, type Invoice, type Subscription } from './expected.ts';

type Row = Readonly<Record<string, unknown>>;

export async function recordsWrong(
  db: Database,
  facts: Facts,
  { id: customerId }: Customer,
): Promise<readonly string[]> {
  const rows = async (text: string): Promise<readonly Row[]> =>
    (await db.query<Row>(text, [customerId])).rows;
  const left = await rows(
    `select 'event ' || type || ' is ' || state as what from events
      where customer = $1 and state not in ('done', 'ignored')
     union all select 'customer parked: ' || park_cause::text from customers
      where id = $1 and parked_at is not null
     union all select 'run ' || r.kind || ' ' || r.status || ': ' || coalesce(r.cause::text, '') from runs r
       join subscriptions s on s.id = r.subscription_id
      where s.customer_id = $1 and r.status not in ('done', 'superseded')`,
  );
  return [
    ...compare({
      ours: await rows('select * from subscriptions where customer_id = $1'),
      theirs: facts.subscriptions.filter((each) => each.customer === customerId),
      wanted: mirrorOf,
      also: (row, each) =>
        accessOf(facts, each).includes(row.access as never)
          ? []
          : [`${each.id} here: ${each.status}, access is ${row.access}, not ${accessOf(facts, each)}`],
    }),
    ...compare({
      ours: await rows('select * from invoices where customer_id = $1'),
      theirs: facts.invoices.filter((each) => each.customer === customerId),
      wanted: (each: Invoice) => ({
        status: each.status,
        amount_due: each.amount_due,
        amount_paid: each.amount_paid,
        total: each.total,
        attempt_count: each.attempt_count,
      }),
    }),
    ...left.map(({ what }) => String(what)),
  ];
}

function compare<T extends { readonly id: string }>(input: {
  ours: readonly Row[];
  theirs: readonly T[];
  wanted: (theirs: T) => Row;
  also?: (row: Row, theirs: T) => readonly string[];
}): readonly string[] {
  const { ours, theirs, wanted, also } = input;
  const wrong = theirs.flatMap((each) => {
    const row = ours.find(({ provider_id }) => provider_id === each.id);
    if (row === undefined) return [`${each.id}: not here`];
    const fields = wanted(each);
    return [
      ...differences(`${each.id} here`, fields, inSeconds(row, Object.keys(fields))),
      ...(also?.(row, each) ?? []),
    ];
  });
  const stray = ours.filter((row) => theirs.every(({ id }) => id !== row.provider_id));
  return [...wrong, ...stray.map((row) => `${row.provider_id} is here, and not at Stripe`)];
}

function mirrorOf(subscription: Subscription): Row {
  const items = subscription.items.data;
  const [item] = items;
  return {
    status: subscription.status,
    plan_key: item!.price.metadata.plan_key,
    price_id: item!.price.id,
    billing_interval: item!.price.recurring!.interval,
    recurring_amount: amountOf(subscription),
    current_period_start: item!.current_period_start,
    current_period_end: item!.current_period_end,
    cancel_at_period_end: subscription.cancel_at_period_end,
    cancel_at: subscription.cancel_at,
    canceled_at: subscription.canceled_at,
    ended_at: subscription.ended_at,
  };
}

/** Cents per interval. */
export const amountOf = (subscription: Subscription): number =>
  subscription.items.data.reduce((sum, each) => sum + each.price.unit_amount! * each.quantity!, 0);

/** Times as Stripe's seconds. */
function inSeconds(row: Row, names: readonly string[]): Row {
  return Object.fromEntries(
    names.map((name) => {
      const value = row[name];
      return [name, value instanceof Date ? value.getTime() / 1000 : value];
    }),
  );
}
