/** Which card a customer pays with. */
import type { Stripe } from './client.ts';
import { stripeCall } from './errors.ts';
import { idOf } from './id-of.ts';

/**
 * Checkout saves the card on the subscription it makes and not as the customer's default
 * (https://docs.stripe.com/payments/checkout/save-during-payment), so that one counts too.
 * @returns its id; null: there is none
 */
export async function paymentMethodOnFile(stripe: Stripe, customerId: string): Promise<string | null> {
  const customer = await stripeCall(() => stripe.customers.retrieve(customerId));
  if (customer.deleted) return null;
  const chosen = idOf(customer.invoice_settings.default_payment_method);
  if (chosen !== null) return chosen;
  const [subscriptions, methods] = await Promise.all([
    stripeCall(() => stripe.subscriptions.list({ customer: customerId, limit: 100 })),
    stripeCall(() => stripe.customers.listPaymentMethods(customerId, { limit: 1 })),
  ]);
  const used = subscriptions.data.map((each) => idOf(each.default_payment_method));
  return used.find((each) => each !== null) ?? methods.data[0]?.id ?? null;
}
