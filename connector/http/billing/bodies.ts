/** Our records as the billing API says them: snake_case, ids as text, times ISO 8601 UTC. */
import type { BillingCustomer, PreviewLine, UpcomingInvoice } from '../../billing/account/gateway.ts';
import type { AccountInvoice } from '../../billing/account/invoices.ts';
import type { AccountOrganisation } from '../../billing/account/organisation.ts';
import type { AccountSubscription } from '../../billing/account/subscriptions.ts';
import type { Catalogue, Plan } from '../../billing/catalogue.ts';
import type { LiveSubscription } from '../../billing/commands/subscription-gateway.ts';
import { findPlan } from '../../billing/plans.ts';

const iso = (at: Date | null): string | null => at?.toISOString() ?? null;

/** @param live as the provider has it now; undefined: as it was told us last */
export function subscriptionBody(
  catalogue: Catalogue,
  row: AccountSubscription,
  live: LiveSubscription | undefined,
): Record<string, unknown> {
  const now = { ...row, ...(live && fresh(live)) };
  const scheduled = live?.scheduled ?? null;
  return {
    id: String(now.id),
    provider: now.provider,
    provider_id: now.providerId,
    plan_key: now.planKey,
    tier: now.planKey === null ? null : (findPlan(catalogue, now.planKey)?.name ?? null),
    interval: now.billingInterval,
    quantity: now.quantity,
    currency: now.currency,
    amount: now.recurringAmount,
    status: now.status,
    access: now.access,
    project: now.projectId === null ? null : { id: String(now.projectId), name: now.project },
    current_period_start: iso(now.currentPeriodStart),
    current_period_end: iso(now.currentPeriodEnd),
    cancel_at_period_end: now.cancelAtPeriodEnd,
    cancel_at: iso(now.cancelAt),
    trial_end: iso(now.trialEnd),
    ended_at: iso(now.endedAt),
    payment_paused: live?.collectionPaused ?? false,
    scheduled_change: scheduled && {
      plan_key: scheduled.planKey,
      interval: scheduled.interval,
      quantity: scheduled.quantity,
      at: scheduled.at.toISOString(),
    },
    discounts: (live?.discounts ?? []).map((each) => ({
      name: each.name,
      code: each.code,
      percent_off: each.percentOff,
      amount_off: each.amountOff,
      ends_at: iso(each.endsAt),
      once: each.once,
    })),
    created_at: iso(now.created),
  };
}

/** Our mirror follows within seconds; an answer to a change says what is already so. */
export function fresh(live: LiveSubscription): Partial<AccountSubscription> {
  const { status, currentPeriodStart, currentPeriodEnd, cancelAtPeriodEnd, cancelAt, endedAt, trialEnd } =
    live;
  const billed = live.items.filter((item) => !item.metered);
  // Prices in fractions or tiers have no one amount here: what the mirror knows of them stays.
  const amounts = billed.flatMap(({ unitAmount, quantity }) =>
    unitAmount === null ? [] : [unitAmount * quantity],
  );
  const plan =
    live.items.find((item) => item.role === 'recurring') ?? live.items.find((item) => item.planKey);
  return {
    status,
    currentPeriodStart,
    currentPeriodEnd,
    cancelAtPeriodEnd,
    cancelAt,
    endedAt,
    trialEnd,
    ...(amounts.length === billed.length && {
      recurringAmount: amounts.reduce((sum, amount) => sum + amount, 0),
    }),
    ...(plan && { planKey: plan.planKey, billingInterval: plan.interval, quantity: plan.quantity }),
  };
}

export function tierBody(catalogue: Catalogue, plan: Plan): Record<string, unknown> {
  return {
    plan_key: plan.key,
    name: plan.name,
    description: plan.description,
    custom: plan.custom,
    usage: plan.usage,
    currency: catalogue.currency,
    setup_amount: plan.setupAmount,
    prices: pricesBody(plan.prices),
    features: plan.features,
    limits: {
      projects: plan.limits.projects,
      users: plan.limits.users,
      storage_gb: plan.limits.storageGb,
    },
  };
}

export const pricesBody = (prices: Plan['prices']) =>
  (['month', 'year'] as const)
    .filter((interval) => prices[interval] !== undefined)
    .map((interval) => ({ interval, amount: prices[interval]! }));

export const invoiceBody = (invoice: AccountInvoice): Record<string, unknown> => ({
  provider: 'stripe',
  provider_id: invoice.providerId,
  subscription: invoice.subscriptionId === null ? null : String(invoice.subscriptionId),
  number: invoice.number,
  status: invoice.status,
  currency: invoice.currency,
  total: invoice.total,
  amount_due: invoice.amountDue,
  amount_paid: invoice.amountPaid,
  created_at: iso(invoice.created),
  paid_at: iso(invoice.paidAt),
  hosted_url: invoice.hostedInvoiceUrl,
  pdf_url: invoice.invoicePdf,
});

export const lineBody = (line: PreviewLine): Record<string, unknown> => ({
  description: line.description,
  amount: line.amount,
  proration: line.proration,
  period_start: iso(line.periodStart),
  period_end: iso(line.periodEnd),
});

export const upcomingBody = (invoice: UpcomingInvoice): Record<string, unknown> => ({
  currency: invoice.currency,
  total: invoice.total,
  discount: invoice.discount,
  tax: invoice.tax,
  amount_due: invoice.amountDue,
  at: iso(invoice.at),
  lines: invoice.lines.map(lineBody),
});

export const customerBody = (
  organisation: AccountOrganisation,
  customer: BillingCustomer,
): Record<string, unknown> => ({
  organisation: {
    name: organisation.name,
    country: organisation.country,
    contact_name: organisation.contactName,
    contact_email: organisation.contactEmail,
  },
  provider: 'stripe',
  provider_id: organisation.customerId,
  name: customer.name,
  email: customer.email,
  address: customer.address,
  tax_ids: customer.taxIds,
  payment_method: customer.paymentMethod && {
    brand: customer.paymentMethod.brand,
    last4: customer.paymentMethod.last4,
    exp_month: customer.paymentMethod.expMonth,
    exp_year: customer.paymentMethod.expYear,
  },
});
