/** What is wrong with the end of a life: ours, the ERP and storage beside Stripe's own objects, and every raw mail. */
import type { Database } from '../../../connector/db/database.ts';
import type { World } from '../../../scripts/sandbox/world.ts';
import type { Customer } from './carry-out.ts';
import { mailsWrong } from './mails.ts';
import { projectsWrong } from './projects.ts';

type Subscription = ReturnType<World['systems']['stripe']['subscriptions']>[number];

interface Row {
  readonly id: number;
  readonly provider_id: string;
  readonly access: string;
  readonly order_id: number | null;
  readonly version: number;
  readonly suspended: boolean;
  readonly [column: string]: unknown;
}

export type Judge = (customer: Customer) => Promise<readonly string[]>;

export async function readOracle(input: { world: World; db: Database; kills: number }): Promise<Judge> {
  const { world, db } = input;
  const { stripe, odoo } = world.systems;
  const records = odoo.records('x_stripe_subscription');
  const projects = await projectsWrong(world, db);
  const mails = await mailsWrong(input);

  return async (customer) => {
    if (customer.id === null) return ['never subscribed'];
    const { rows } = await db.query<Row>(
      `select s.*, exists (select 1 from suspensions u where u.subscription_id = s.id and u.level = 'access'
          and u.lifted_at is null) as suspended from subscriptions s where customer_id = $1`,
      [customer.id],
    );
    const theirs = stripe.subscriptions().filter((each) => each.customer === customer.id);
    const wrong = theirs.flatMap((each) => {
      const ours = rows.find((row) => row.provider_id === each.id);
      if (ours === undefined) return [`${each.id}: not here`];
      return [
        ...differences(`${each.id} here`, mirrorOf(each), pick(ours, Object.keys(mirrorOf(each)))),
        ...accessWrong(each, ours),
        ...recordWrong(
          ours,
          records.filter((record) => record.x_stripe_id === each.id),
        ),
      ];
    });
    if (rows.length !== theirs.length) wrong.push(`${rows.length} rows of ${theirs.length} subscriptions`);
    return [
      ...wrong,
      ...(await invoicesWrong(customer.id)),
      ...(await leftOpen(customer.id)),
      ...(await projects(customer.id)),
      ...(await mails(customer)),
    ];
  };

  async function invoicesWrong(customerId: string): Promise<string[]> {
    const ours = await db.query<Record<string, unknown>>('select * from invoices where customer_id = $1', [
      customerId,
    ]);
    const theirs = stripe.invoices().filter((each) => each.customer === customerId);
    const wrong = theirs.flatMap((each) => {
      const wanted = {
        status: each.status,
        amount_due: each.amount_due,
        amount_paid: each.amount_paid,
        total: each.total,
        attempt_count: each.attempt_count,
      };
      const row = ours.rows.find(({ provider_id: id }) => id === each.id);
      return row === undefined
        ? [`${each.id}: not here`]
        : differences(`${each.id} here`, wanted, pick(row, Object.keys(wanted)));
    });
    return ours.rows.length === theirs.length
      ? wrong
      : [...wrong, `${ours.rows.length} invoices here, ${theirs.length} at Stripe`];
  }

  async function leftOpen(customerId: string): Promise<string[]> {
    const { rows } = await db.query<{ what: string }>(
      `select 'event ' || type || ' is ' || state as what from events
        where customer = $1 and state not in ('done', 'ignored')
       union all select 'customer parked: ' || park_cause::text from customers
        where id = $1 and parked_at is not null
       union all select 'run ' || r.kind || ' ' || r.status || ': ' || coalesce(r.cause::text, '') from runs r
         join subscriptions s on s.id = r.subscription_id
        where s.customer_id = $1 and r.status not in ('done', 'superseded')`,
      [customerId],
    );
    return rows.map(({ what }) => what);
  }
}

function mirrorOf(subscription: Subscription): Readonly<Record<string, unknown>> {
  const items = subscription.items.data;
  const [item] = items;
  return {
    status: subscription.status,
    plan_key: item!.price.metadata.plan_key,
    price_id: item!.price.id,
    billing_interval: item!.price.recurring!.interval,
    recurring_amount: items.reduce((sum, each) => sum + each.price.unit_amount! * each.quantity!, 0),
    current_period_start: item!.current_period_start,
    current_period_end: item!.current_period_end,
    cancel_at_period_end: subscription.cancel_at_period_end,
    cancel_at: subscription.cancel_at,
    canceled_at: subscription.canceled_at,
    ended_at: subscription.ended_at,
  };
}

/** Somebody alive has what they paid for, somebody gone has nothing that can be written to. */
function accessWrong({ id, status }: Subscription, { access, suspended }: Row): string[] {
  if (status === 'incomplete' || status === 'incomplete_expired')
    return access === 'none' ? [] : [`${id}: never paid, ${access}`];
  if (status === 'canceled')
    return access === 'deprovisioned' || access === 'none' ? [] : [`${id}: canceled, ${access}`];
  const wanted = suspended ? 'suspended' : 'provisioned';
  return access === wanted ? [] : [`${id}: ${status}, ${access} instead of ${wanted}`];
}

function recordWrong(row: Row, found: readonly Readonly<Record<string, unknown>>[]): string[] {
  const { provider_id: id } = row;
  if (found.length === 0 && row.access === 'none') return [];
  if (found.length !== 1)
    return row.access === 'deprovisioned' && found.length === 0
      ? []
      : [`${id}: ${found.length} records in the ERP`];
  const cell = (value: unknown): unknown =>
    value instanceof Date ? value.toISOString().slice(0, 19).replace('T', ' ') : (value ?? false);
  const wanted = {
    x_status: row.status,
    x_access: row.access,
    x_plan: row.plan_key,
    x_interval: row.billing_interval,
    x_amount: Number(row.recurring_amount) / 100,
    x_period_start: cell(row.current_period_start),
    x_period_end: cell(row.current_period_end),
    x_cancel_at_period_end: row.cancel_at_period_end,
    x_ended_at: cell(row.ended_at),
    x_version: row.version,
  };
  return differences(`${id} in the ERP`, wanted, pick(found[0]!, Object.keys(wanted)));
}

/** Times as Stripe's seconds. */
function pick(from: Readonly<Record<string, unknown>>, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(
    names.map((name) => {
      const value = from[name];
      return [name, value instanceof Date ? value.getTime() / 1000 : value];
    }),
  );
}

function differences(
  what: string,
  wanted: Readonly<Record<string, unknown>>,
  found: Readonly<Record<string, unknown>>,
): string[] {
  return Object.keys(wanted)
    .filter((name) => (wanted[name] ?? null) !== (found[name] ?? null))
    .map((name) => `${what}: ${name} is ${String(found[name])} instead of ${String(wanted[name])}`);
}
