/** Our rows of a customer's provider state: reads what the sync needs to know, writes what its plan says. */
import type { Sql, Tx } from '../db/database.ts';
import type { CustomerFact, InvoiceFact, SubscriptionFact } from './facts.ts';
import { isGranted } from './life-changes.ts';
import type { KnownInvoice, KnownSubscription } from './sync-setup.ts';

export interface KnownState {
  readonly organisationId: number | null;
  readonly trialUsed: boolean;
  /** Nobody is named here any more. */
  readonly erased: boolean;
  readonly subscriptions: readonly KnownSubscription[];
  readonly invoices: readonly KnownInvoice[];
  /** Since when the provider's invoices must be read: our oldest unfinished one, else our newest; null: all. */
  readonly invoicesSince: Date | null;
}

const KNOWN = `id, provider_id as "providerId", status, plan_key as "planKey", price_id as "priceId",
  billing_interval as "billingInterval", quantity, currency, recurring_amount as "recurringAmount",
  monthly_amount as "monthlyAmount",
  current_period_start as "currentPeriodStart", current_period_end as "currentPeriodEnd",
  cancel_at_period_end as "cancelAtPeriodEnd", cancel_at as "cancelAt", canceled_at as "canceledAt",
  ended_at as "endedAt", trial_end as "trialEnd", created, order_id as "orderId", access,
  granted_plan_key as "grantedPlanKey", scheduled, collection_paused as "collectionPaused", items,
  false as "hasPaymentMethod"`;

/** All we hold of one customer, in one round trip per table. */
export async function readKnownState(sql: Sql, customerId: string): Promise<KnownState> {
  const [organisation, subscriptions, invoices] = [
    await sql.query<{ id: number; trialUsed: boolean; erased: boolean }>(
      `select id, trial_used_at is not null as "trialUsed", erased_at is not null as erased
         from organisations where provider_customer_id = $1`,
      [customerId],
    ),
    await sql.query<KnownSubscription>(`select ${KNOWN} from subscriptions where customer_id = $1`, [
      customerId,
    ]),
    await sql.query<KnownInvoice & { created: Date }>(
      `select i.provider_id as "providerId", i.status, i.attempt_count as "attemptCount", i.created,
              i.payment_state as "paymentState",
              i.billing_reason as "billingReason", s.provider_id as "subscriptionProviderId"
         from invoices i left join subscriptions s on s.id = i.subscription_id where i.customer_id = $1`,
      [customerId],
    ),
  ];
  const owner = organisation.rows[0];
  return {
    organisationId: owner?.id ?? null,
    trialUsed: owner?.trialUsed ?? false,
    erased: owner?.erased ?? false,
    subscriptions: subscriptions.rows,
    invoices: invoices.rows,
    invoicesSince: invoicesSince(invoices.rows),
  };
}

/** Ours among `ids`, and ours created after `from` (null: whenever) up to `until` that are not ended. */
export async function knownSubscriptions(
  sql: Sql,
  input: { ids: readonly string[]; from: Date | null; until: Date },
): Promise<readonly (KnownSubscription & { readonly customerId: string })[]> {
  const { rows } = await sql.query<KnownSubscription & { customerId: string }>(
    `select ${KNOWN}, customer_id as "customerId" from subscriptions
      where provider_id = any($1) or (ended_at is null and created <= $3 and ($2::timestamptz is null or created > $2))`,
    [input.ids, input.from, input.until],
  );
  return rows;
}

// Stripe has no "changed since": an unfinished invoice may still be paid, so reading starts at the oldest of those.
const UNFINISHED: ReadonlySet<string> = new Set(['draft', 'open', 'uncollectible']);

function invoicesSince(invoices: readonly { status: string; created: Date }[]): Date | null {
  const byAge = [...invoices].sort((a, b) => a.created.getTime() - b.created.getTime());
  return (byAge.find((invoice) => UNFINISHED.has(invoice.status)) ?? byAge.at(-1))?.created ?? null;
}

/** Takes the customer's row lock, so that two syncs of one customer cannot interleave even without their lane. */
export async function writeCustomer(
  tx: Tx,
  input: { customerId: string; fact: CustomerFact | null; organisationId: number | null; now: Date },
): Promise<void> {
  await tx.query(
    `insert into customers (id, organisation_id, name, email, deleted, version, synced_at)
     values ($1, $2, $3, $4, $5, 1, $6)
     on conflict (id) do update set organisation_id = excluded.organisation_id, name = excluded.name,
       email = excluded.email, deleted = excluded.deleted, version = customers.version + 1,
       synced_at = excluded.synced_at, parked_at = null, park_cause = null, retry_at = null`,
    [
      input.customerId,
      input.organisationId,
      input.fact?.name ?? null,
      input.fact?.email ?? null,
      input.fact?.deleted ?? false,
      input.now,
    ],
  );
}

/** Writes one changed subscription. @returns our id and its new version */
export async function writeSubscription(
  tx: Tx,
  input: { customerId: string; fact: SubscriptionFact; organisationId: number | null; now: Date },
): Promise<{ id: number; version: number }> {
  const { fact } = input;
  const written = await tx.query<{ id: number; version: number }>(
    `insert into subscriptions (provider_id, customer_id, organisation_id, project_id, order_id, plan_key, price_id,
       billing_interval, quantity, currency, recurring_amount, status, current_period_start, current_period_end,
       cancel_at_period_end, cancel_at, canceled_at, ended_at, trial_end, created, updated_at, granted_plan_key,
       scheduled, collection_paused, items, monthly_amount)
     values ($1, $2, $3, (select project_id from orders where id = $4), $4, $5, $6, $7, $8, $9, $10, $11, $12, $13,
       $14, $15, $16, $17, $18, $19, $20, $5, $21::jsonb, $22, $24::jsonb, coalesce($25::bigint, 0))
     on conflict (provider_id) do update set organisation_id = excluded.organisation_id,
       project_id = coalesce(subscriptions.project_id, excluded.project_id),
       order_id = coalesce(subscriptions.order_id, excluded.order_id), plan_key = excluded.plan_key,
       price_id = excluded.price_id, billing_interval = excluded.billing_interval, quantity = excluded.quantity,
       currency = excluded.currency, recurring_amount = excluded.recurring_amount,
       monthly_amount = coalesce($25::bigint, subscriptions.monthly_amount), status = excluded.status,
       current_period_start = excluded.current_period_start, current_period_end = excluded.current_period_end,
       cancel_at_period_end = excluded.cancel_at_period_end, cancel_at = excluded.cancel_at,
       canceled_at = excluded.canceled_at, ended_at = excluded.ended_at, trial_end = excluded.trial_end,
       granted_plan_key = case when $23 then excluded.plan_key else subscriptions.granted_plan_key end,
       scheduled = excluded.scheduled, collection_paused = excluded.collection_paused,
       items = coalesce(excluded.items, subscriptions.items),
       version = subscriptions.version + 1, updated_at = excluded.updated_at
     returning id, version`,
    [
      fact.providerId,
      input.customerId,
      input.organisationId,
      fact.orderId,
      fact.planKey,
      fact.priceId,
      fact.billingInterval,
      fact.quantity,
      fact.currency,
      fact.recurringAmount,
      fact.status,
      fact.currentPeriodStart,
      fact.currentPeriodEnd,
      fact.cancelAtPeriodEnd,
      fact.cancelAt,
      fact.canceledAt,
      fact.endedAt,
      fact.trialEnd,
      fact.created,
      input.now,
      fact.scheduled === null ? null : JSON.stringify(fact.scheduled),
      fact.collectionPaused,
      isGranted(fact),
      fact.items === undefined ? null : JSON.stringify(fact.items),
      fact.monthlyAmount ?? null,
    ],
  );
  return written.rows[0]!;
}

export async function writeInvoices(
  tx: Tx,
  input: { customerId: string; invoices: readonly InvoiceFact[] },
): Promise<void> {
  if (input.invoices.length === 0) return;
  await tx.query(
    `insert into invoices (provider_id, customer_id, subscription_id, number, status, billing_reason, currency,
       amount_due, amount_paid, total, attempt_count, next_payment_attempt, hosted_invoice_url, invoice_pdf, created, paid_at,
       payment_state, amount_credited)
     select i."providerId", $1, s.id, i.number, i.status, i."billingReason", i.currency, i."amountDue", i."amountPaid",
       i.total, i."attemptCount", i."nextPaymentAttempt", i."hostedInvoiceUrl", i."invoicePdf", i.created, i."paidAt",
       i."paymentState", i."amountCredited"
     from jsonb_to_recordset($2::jsonb) as i("providerId" text, "subscriptionProviderId" text, number text, status text,
       "billingReason" text, currency text, "amountDue" bigint, "amountPaid" bigint, total bigint, "attemptCount" int,
       "nextPaymentAttempt" timestamptz, "hostedInvoiceUrl" text, "invoicePdf" text, created timestamptz, "paidAt" timestamptz,
       "paymentState" text, "amountCredited" bigint)
     left join subscriptions s on s.provider_id = i."subscriptionProviderId"
     on conflict (provider_id) do update set subscription_id = excluded.subscription_id, number = excluded.number,
       status = excluded.status, billing_reason = excluded.billing_reason, amount_due = excluded.amount_due,
       amount_paid = excluded.amount_paid, total = excluded.total, attempt_count = excluded.attempt_count,
       next_payment_attempt = excluded.next_payment_attempt, hosted_invoice_url = excluded.hosted_invoice_url,
       invoice_pdf = excluded.invoice_pdf, paid_at = excluded.paid_at, amount_credited = excluded.amount_credited,
       payment_state = case when excluded.status in ('open', 'uncollectible')
         then coalesce(excluded.payment_state, invoices.payment_state) end`,
    [input.customerId, JSON.stringify(input.invoices)],
  );
}
