/** Deletes a customer at Stripe; its invoices stay there without it. https://docs.stripe.com/api/customers/delete */
import { ConnectorError } from '../errors.ts';
import type { Stripe } from './client.ts';
import { stripeCall } from './errors.ts';

const OVER: ReadonlySet<string> = new Set(['canceled', 'incomplete_expired']);

/** One that is deleted already is no error. @throws ConnectorError conflict `subscription_alive`: deletion would cancel it */
export async function deleteCustomer(stripe: Stripe, customerId: string): Promise<void> {
  const customer = await stripeCall(() => stripe.customers.retrieve(customerId));
  if (customer.deleted) return;
  const subscriptions = await stripeCall(() =>
    stripe.subscriptions
      .list({ customer: customerId, status: 'all', limit: 100 })
      .autoPagingToArray({ limit: 10_000 }),
  );
  const alive = subscriptions.find(({ status }) => !OVER.has(status));
  if (alive !== undefined) {
    throw new ConnectorError({
      kind: 'conflict',
      code: 'subscription_alive',
      system: 'stripe',
      message: `Subscription ${alive.id} lives at Stripe: deleting its customer would cancel it.`,
      advice: 'Cancel it first: npm run cli -- subscriptions cancel <id> --now.',
    });
  }
  await stripeCall(() => stripe.customers.del(customerId));
}
