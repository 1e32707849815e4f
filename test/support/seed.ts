/** A paid sale as the checkout and the sync leave it, for tests that begin there. */
import type { Sql } from '../../connector/db/database.ts';

export interface SeededSale {
  readonly organisationId: number;
  readonly projectId: number;
  readonly orderId: number;
  readonly subscriptionId: number;
  readonly stakeholderIds: readonly number[];
  readonly customerId: string;
}

let count = 0;

export async function seedSale(
  sql: Sql,
  change: {
    status?: string;
    planKey?: string;
    amountPaid?: number;
    organisation?: string;
    country?: string;
    vatId?: string | null;
    contactEmail?: string;
    stakeholders?: readonly { name: string; email: string; role: string }[];
  } = {},
): Promise<SeededSale> {
  count += 1;
  const customerId = `cus_seed${process.pid}${count}`;
  const one = async <T>(text: string, params: readonly unknown[]): Promise<T> =>
    (await sql.query<{ id: T }>(text, params)).rows[0]!.id;
  const organisationId = await one<number>(
    `insert into organisations (provider_customer_id, name, country, vat_id, contact_name, contact_email)
     values ($1, $2, $3, $4, 'Ada Contact', $5) returning id`,
    [
      customerId,
      change.organisation ?? `Harbour Works ${count}`,
      change.country ?? 'BE',
      change.vatId ?? null,
      change.contactEmail ?? `ada${count}@harbour.example`,
    ],
  );
  const projectId = await one<number>(
    `insert into projects (organisation_id, name, code, description, client)
     values ($1, 'Harbour Tower', $2, 'A tower', 'Port Authority') returning id`,
    [organisationId, `HT-${count}`],
  );
  const people = change.stakeholders ?? [
    { name: 'Ines Manager', email: `ines${count}@harbour.example`, role: 'information_manager' },
    { name: 'Lars Lead', email: `lars${count}@harbour.example`, role: 'lead_appointed_party' },
  ];
  const stakeholderIds: number[] = [];
  for (const [position, person] of people.entries()) {
    stakeholderIds.push(
      await one<number>(
        'insert into stakeholders (project_id, position, name, email, role) values ($1, $2, $3, $4, $5) returning id',
        [projectId, position, person.name, person.email, person.role],
      ),
    );
  }
  const orderId = await one<number>(
    `insert into orders (organisation_id, project_id, plan_key, billing_interval, state, token_hash, token_expires_at, paid_at)
     values ($1, $2, $3, 'month', 'paid', $4, now() + interval '30 days', now()) returning id`,
    [organisationId, projectId, change.planKey ?? 'starter', `hash-${customerId}`],
  );
  await sql.query('insert into customers (id, organisation_id) values ($1, $2)', [
    customerId,
    organisationId,
  ]);
  const subscriptionId = await one<number>(
    `insert into subscriptions (provider_id, customer_id, organisation_id, project_id, order_id, plan_key, billing_interval,
       currency, recurring_amount, status, access, current_period_start, current_period_end, created)
     values ($1, $2, $3, $4, $5, $6, 'month', 'usd', 25000, $7, 'provisioning', '2026-11-01', '2026-12-01', now())
     returning id`,
    [
      customerId.replace('cus', 'sub'),
      customerId,
      organisationId,
      projectId,
      orderId,
      change.planKey ?? 'starter',
      change.status ?? 'active',
    ],
  );
  await sql.query(
    `insert into invoices (provider_id, customer_id, subscription_id, number, status, billing_reason, currency, amount_due,
       amount_paid, total, created, paid_at)
     values ($1, $2, $3, $4, 'paid', 'subscription_create', 'usd', $5, $5, $5, now(), now())`,
    [customerId.replace('cus', 'in'), customerId, subscriptionId, `A-${count}`, change.amountPaid ?? 175_000],
  );
  return { organisationId, projectId, orderId, subscriptionId, stakeholderIds, customerId };
}

/** A transition and its run, as the sync inserts them. @returns the run's id */
export async function seedRun(sql: Sql, subscriptionId: number, kind = 'provision'): Promise<string> {
  const transition = await sql.query<{ id: number }>(
    'insert into transitions (subscription_id, kind, fact) values ($1, $2, $3) returning id',
    [subscriptionId, kind, `${kind}-${Math.random()}`],
  );
  const run = await sql.query<{ id: string }>(
    'insert into runs (kind, subscription_id, transition_id) values ($1, $2, $3) returning id',
    [kind, subscriptionId, transition.rows[0]!.id],
  );
  return run.rows[0]!.id;
}
