/** Reads one customer's present state at Stripe, in our words. Shapes: API 2026-10-28.endive. */
import type {
  CustomerFact,
  InvoiceFact,
  ProviderReads,
  SubscriptionFact,
  SubscriptionItemFact,
} from '../billing/facts.ts';
import type { Stripe } from './client.ts';
import { classifyStripe, stripeCall } from './errors.ts';
import { monthlyAmount } from './monthly-amount.ts';
import { paymentFacts, paymentMethodFact, paymentStateOf } from './payment-facts.ts';
import { createPricePlans } from './price-plans.ts';
import { scheduledChange } from './scheduled-change.ts';

// A page holds at most 100 (Stripe, "Pagination"); customers with more are paged on.
const PAGE = 100;

/** Without it a discount is an id, and the monthly amount the full one. Four levels are the most Stripe expands. */
export const DISCOUNTS = 'data.discounts.source.coupon';

/** Whose plan a subscription is: by its prices, else by their products, each asked for once. */
export function createPlanKeys(
  stripe: Stripe,
): (subscription: Stripe.Subscription) => Promise<string | null> {
  const productPlanKeys = new Map<string, string | null>();

  /** The product's plan key, for prices without one of their own; a product's key does not change under our feet. */
  async function planKeyOfProduct(product: string): Promise<string | null> {
    const known = productPlanKeys.get(product);
    if (known !== undefined) return known;
    const found = await stripeCall(() => stripe.products.retrieve(product));
    const planKey = found.metadata.plan_key ?? null;
    if (planKey !== null) productPlanKeys.set(product, planKey);
    return planKey;
  }

  return async function planKeyOf(subscription: Stripe.Subscription): Promise<string | null> {
    for (const item of subscription.items.data) {
      if (item.price.metadata.plan_key !== undefined) return item.price.metadata.plan_key;
    }
    for (const item of subscription.items.data) {
      const product = typeof item.price.product === 'string' ? item.price.product : item.price.product.id;
      const planKey = await planKeyOfProduct(product);
      if (planKey !== null) return planKey;
    }
    return null;
  };
}

export function createProviderReads(stripe: Stripe): ProviderReads {
  const planKeyOf = createPlanKeys(stripe);

  const plans = createPricePlans(stripe);
  async function scheduledPlan({ schedule }: Stripe.Subscription): Promise<SubscriptionFact['scheduled']> {
    const found = await scheduledChange(schedule, plans);
    if (found === null) return null;
    const { planKey, interval, quantity, at } = found;
    return { planKey, interval, quantity, at: at.toISOString() };
  }

  return {
    async customer(customerId) {
      const customer = await absentAsNull(() => retrieveCustomer(stripe, customerId));
      return customer === null ? null : customerFact(customer);
    },

    async subscriptions(customerId) {
      const list = await stripeCall(() =>
        stripe.subscriptions
          .list({
            customer: customerId,
            status: 'all',
            limit: PAGE,
            expand: ['data.default_payment_method', 'data.schedule', DISCOUNTS],
          })
          .autoPagingToArray({ limit: 10_000 }),
      );
      return Promise.all(
        list.map(async (each) => ({
          ...subscriptionFact(each, await planKeyOf(each)),
          scheduled: await scheduledPlan(each),
        })),
      );
    },

    async invoices(customerId, { createdSince }) {
      const list = await stripeCall(() =>
        stripe.invoices
          .list({
            customer: customerId,
            limit: PAGE,
            expand: ['data.payments'],
            ...(createdSince && { created: { gte: seconds(createdSince) } }),
          })
          .autoPagingToArray({ limit: 10_000 }),
      );
      return list.map(invoiceFact);
    },

    async invoice(invoiceId) {
      const invoice = await absentAsNull(() =>
        stripe.invoices.retrieve(invoiceId, { expand: ['payments.data.payment.payment_intent'] }),
      );
      return invoice === null ? null : { ...invoiceFact(invoice), paymentState: paymentStateOf(invoice) };
    },

    async orderOfSubscription(subscriptionProviderId) {
      const sessions = await stripeCall(() =>
        stripe.checkout.sessions.list({ subscription: subscriptionProviderId, limit: 1 }),
      );
      const session = sessions.data[0];
      if (session === undefined) return null;
      return (
        orderNumber(session.metadata?.order_id) ??
        orderNumber(session.client_reference_id?.replace(/^order_/, ''))
      );
    },
  };
}

/** Of a deleted one a stump is left (customers.retrieve), which has nothing to expand: then it is asked for as it is. */
async function retrieveCustomer(
  stripe: Stripe,
  id: string,
): Promise<Stripe.Customer | Stripe.DeletedCustomer> {
  try {
    return await stripe.customers.retrieve(id, { expand: ['invoice_settings.default_payment_method'] });
  } catch (thrown) {
    if (classifyStripe(thrown).kind !== 'permanent') throw thrown;
    const plain = await stripe.customers.retrieve(id);
    if (plain.deleted) return plain;
    throw thrown;
  }
}

export async function absentAsNull<T>(call: () => Promise<T>): Promise<T | null> {
  try {
    return await stripeCall(call);
  } catch (error) {
    if ((error as { kind?: string }).kind === 'absent') return null;
    throw error;
  }
}

function customerFact(customer: Stripe.Customer | Stripe.DeletedCustomer): CustomerFact {
  if (customer.deleted)
    return { id: customer.id, name: null, email: null, deleted: true, hasPaymentMethod: false };
  return {
    id: customer.id,
    name: customer.name ?? null,
    email: customer.email ?? null,
    deleted: false,
    hasPaymentMethod:
      customer.invoice_settings.default_payment_method !== null || customer.default_source !== null,
    paymentMethod: paymentMethodFact(customer.invoice_settings.default_payment_method),
  };
}

export function subscriptionFact(
  subscription: Stripe.Subscription,
  planKey: string | null,
): SubscriptionFact {
  // What is billed by meter has neither a quantity nor an amount before it is used.
  const items = subscription.items.data.filter((item) => item.price.recurring?.usage_type !== 'metered');
  const planItem =
    items.find((item) => item.price.metadata.role === 'recurring') ??
    items.find((item) => item.price.metadata.plan_key !== undefined) ??
    items[0];
  return {
    providerId: subscription.id,
    status: subscription.status,
    planKey,
    priceId: planItem?.price.id ?? null,
    billingInterval: planItem?.price.recurring?.interval ?? null,
    quantity: planItem?.quantity ?? 1,
    currency: subscription.currency,
    recurringAmount: items.reduce(
      (sum, item) => sum + (item.price.unit_amount ?? 0) * (item.quantity ?? 1),
      0,
    ),
    monthlyAmount: monthlyAmount(subscription),
    items: subscription.items.data.map(itemFact),
    // Items may differ in their periods since 2025-03-31.basil: the subscription's is what spans them all.
    currentPeriodStart: date(least(items.map((item) => item.current_period_start))),
    currentPeriodEnd: date(greatest(items.map((item) => item.current_period_end))),
    cancelAtPeriodEnd: subscription.cancel_at_period_end,
    cancelAt: date(subscription.cancel_at),
    canceledAt: date(subscription.canceled_at),
    endedAt: date(subscription.ended_at),
    trialEnd: date(subscription.trial_end),
    // Of a schedule that was not asked for.
    scheduled: null,
    collectionPaused: subscription.pause_collection !== null,
    created: new Date(subscription.created * 1000),
    hasPaymentMethod: subscription.default_payment_method !== null || subscription.default_source !== null,
    paymentMethod: paymentMethodFact(subscription.default_payment_method),
    orderId: orderNumber(subscription.metadata.order_id),
  };
}

function itemFact({ id, price, quantity }: Stripe.SubscriptionItem): SubscriptionItemFact {
  return {
    providerId: id,
    priceId: price.id,
    role: price.metadata.role ?? null,
    addOnKey: price.metadata.addon_key ?? null,
    quantity: quantity ?? 1,
    unitAmount: price.recurring?.usage_type === 'metered' ? null : price.unit_amount,
  };
}

function invoiceFact(invoice: Stripe.Invoice): InvoiceFact {
  const subscription = invoice.parent?.subscription_details?.subscription ?? null;
  return {
    providerId: invoice.id,
    subscriptionProviderId: typeof subscription === 'object' ? (subscription?.id ?? null) : subscription,
    number: invoice.number,
    status: invoice.status ?? 'draft',
    billingReason: invoice.billing_reason,
    currency: invoice.currency,
    amountDue: invoice.amount_due,
    amountPaid: invoice.amount_paid,
    total: invoice.total,
    attemptCount: invoice.attempt_count,
    nextPaymentAttempt: date(invoice.next_payment_attempt),
    hostedInvoiceUrl: invoice.hosted_invoice_url ?? null,
    invoicePdf: invoice.invoice_pdf ?? null,
    created: new Date(invoice.created * 1000),
    paidAt: date(invoice.status_transitions.paid_at),
    finalizedAt: date(invoice.status_transitions.finalized_at),
    chargedAutomatically: invoice.collection_method === 'charge_automatically',
    amountCredited: invoice.pre_payment_credit_notes_amount + invoice.post_payment_credit_notes_amount,
    payments: paymentFacts(invoice),
    paymentState: null,
  };
}

function orderNumber(text: string | undefined | null): number | null {
  return text !== undefined && text !== null && /^[1-9]\d{0,14}$/.test(text) ? Number(text) : null;
}

const seconds = (at: Date): number => Math.floor(at.getTime() / 1000);
const date = (unix: number | null | undefined): Date | null =>
  unix === null || unix === undefined ? null : new Date(unix * 1000);
const least = (values: readonly number[]): number | null =>
  values.length === 0 ? null : Math.min(...values);
const greatest = (values: readonly number[]): number | null =>
  values.length === 0 ? null : Math.max(...values);
