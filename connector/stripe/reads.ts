/** Reads one customer's present state at Stripe, in our words. Shapes: API 2026-10-28.endive. */
import type { CustomerFact, ProviderReads, SubscriptionFact } from '../billing/facts.ts';
import { absentAsNull } from './absent-as-null.ts';
import type { Stripe } from './client.ts';
import { seconds } from './dates.ts';
import { classifyStripe, stripeCall } from './errors.ts';
import { invoiceFact } from './invoice-fact.ts';
import { orderNumber } from './order-number.ts';
import { paymentMethodFact, paymentStateOf } from './payment-facts.ts';
import { planKeyOf } from './plan-keys.ts';
import { createPricePlans } from './price-plans.ts';
import { scheduledChange } from './scheduled-change.ts';
import { DISCOUNTS, subscriptionFact } from './subscription-fact.ts';

// A page holds at most 100 (Stripe, "Pagination"); customers with more are paged on.
const PAGE = 100;

export function createProviderReads(stripe: Stripe): ProviderReads {
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
          ...subscriptionFact(each, await planKeyOf(each, plans)),
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

function customerFact(customer: Stripe.Customer | Stripe.DeletedCustomer): CustomerFact {
  if (customer.deleted)
    return { id: customer.id, name: null, email: null, deleted: true, hasPaymentMethod: false };
  return {
    id: customer.id,
    name: customer.name ?? null,
    email: customer.email,
    deleted: false,
    hasPaymentMethod:
      customer.invoice_settings.default_payment_method !== null || customer.default_source !== null,
    paymentMethod: paymentMethodFact(customer.invoice_settings.default_payment_method),
  };
}
