/** Customers as we hold them, for operators: by Stripe's id, or by our number of their organisation. */
import type { Sql } from '../db/database.ts';

export interface ListedCustomer {
  /** cus_… */
  readonly id: string;
  readonly organisationId: number | null;
  readonly name: string | null;
  readonly email: string | null;
  /** Subscriptions that have not ended. */
  readonly alive: number;
  /** When it was last in step with Stripe. */
  readonly syncedAt: Date | null;
  readonly parkedAt: Date | null;
}

export interface CustomerDetails extends ListedCustomer {
  readonly deleted: boolean;
  readonly parkCause: Readonly<Record<string, unknown>> | null;
  readonly retryAt: Date | null;
  readonly subscriptions: readonly {
    id: number;
    providerId: string;
    planKey: string | null;
    project: string | null;
    status: string;
    access: string;
    currency: string;
    /** Per interval, minor units. */
    recurringAmount: number;
    billingInterval: string | null;
    currentPeriodEnd: Date | null;
    orderId: number | null;
  }[];
  /** The newest ten. */
  readonly invoices: readonly ListedInvoice[];
}

export interface ListedInvoice {
  readonly providerId: string;
  readonly customerId: string;
  readonly number: string | null;
  readonly status: string;
  readonly currency: string;
  /** Minor units. */
  readonly total: number;
  readonly amountPaid: number;
  readonly created: Date;
  readonly paidAt: Date | null;
  readonly attemptCount: number;
}

const COLUMNS = `c.id, c.organisation_id as "organisationId", coalesce(g.name, c.name) as name,
  coalesce(g.contact_email, c.email) as email, c.synced_at as "syncedAt", c.parked_at as "parkedAt",
  (select count(*) from subscriptions s
    where s.customer_id = c.id and s.ended_at is null and s.status not in ('canceled', 'incomplete_expired')) as alive`;

const FROM = 'customers c left join organisations g on g.id = c.organisation_id';

/** By id. @param filter.search part of the name or the address @param filter.after the last id of the page before */
export async function listCustomers(
  sql: Sql,
  filter: { search?: string; parked?: boolean; after?: string; limit: number },
): Promise<readonly ListedCustomer[]> {
  const { rows } = await sql.query<ListedCustomer>(
    `select ${COLUMNS} from ${FROM}
      where ($1::text is null or strpos(lower(concat_ws(' ', g.name, c.name, g.contact_email, c.email)), lower($1)) > 0)
        and (not $2::boolean or c.parked_at is not null) and ($3::text is null or c.id > $3)
      order by c.id limit $4`,
    [filter.search ?? null, filter.parked ?? false, filter.after ?? null, filter.limit],
  );
  return rows;
}

/** @param named cus_…, or the number of an organisation @returns undefined: we hold no such customer */
export async function showCustomer(sql: Sql, named: string): Promise<CustomerDetails | undefined> {
  const { rows } = await sql.query<Omit<CustomerDetails, 'subscriptions' | 'invoices'>>(
    `select ${COLUMNS}, c.deleted, c.park_cause as "parkCause", c.retry_at as "retryAt" from ${FROM}
      where c.id = $1 or c.organisation_id::text = $1`,
    [named],
  );
  const customer = rows[0];
  if (customer === undefined) return undefined;
  const subscriptions = await sql.query<CustomerDetails['subscriptions'][number]>(
    `select s.id, s.provider_id as "providerId", s.plan_key as "planKey", p.code as project, s.status, s.access,
            s.currency, s.recurring_amount as "recurringAmount", s.billing_interval as "billingInterval",
            s.current_period_end as "currentPeriodEnd", s.order_id as "orderId"
       from subscriptions s left join projects p on p.id = s.project_id
      where s.customer_id = $1 order by s.id`,
    [customer.id],
  );
  return {
    ...customer,
    subscriptions: subscriptions.rows,
    invoices: await listInvoices(sql, { customerId: customer.id, limit: 10 }),
  };
}

/** Newest first. @param filter.before the last id of the page before */
export async function listInvoices(
  sql: Sql,
  filter: { customerId?: string; status?: string; before?: string; limit: number },
): Promise<readonly ListedInvoice[]> {
  const { rows } = await sql.query<ListedInvoice>(
    `select provider_id as "providerId", customer_id as "customerId", number, status, currency, total,
            amount_paid as "amountPaid", created, paid_at as "paidAt", attempt_count as "attemptCount"
       from invoices
      where ($1::text is null or customer_id = $1) and ($2::text is null or status = $2)
        and ($3::text is null or (created, provider_id) <
             (select created, provider_id from invoices where provider_id = $3))
      order by created desc, provider_id desc limit $4`,
    [filter.customerId ?? null, filter.status ?? null, filter.before ?? null, filter.limit],
  );
  return rows;
}
