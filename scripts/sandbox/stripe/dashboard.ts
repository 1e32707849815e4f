/** A subscription made by hand in the Dashboard: no order of ours stands behind it. */
import { attachCard } from './cards.ts';
import { collectInvoice } from './collect.ts';
import type { Core } from './core.ts';
import { createCustomer } from './customers.ts';
import type { DashboardSubscription } from './handle-types.ts';
import { finalizeInvoice } from './invoice-build.ts';
import { customerOf, priceOf, subscriptionOf } from './lookup.ts';
import type { Subscription } from './plain.ts';
import { createSubscription } from './subscription-build.ts';

export function createDashboardSubscription(core: Core, input: DashboardSubscription): Subscription {
  const customer = input.customer
    ? customerOf(core, input.customer)
    : createCustomer(core, { name: input.name ?? 'Walk-in', email: input.email ?? 'walk-in@example.com' });
  const sends = input.collection === 'send_invoice';
  const method = sends ? null : attachCard(core, customer, input.card ?? '4242424242424242');
  const lines = input.prices.map((id) => ({ price: priceOf(core, id), quantity: 1 }));
  const made = createSubscription(core, {
    customer: customer.id,
    items: lines.filter(({ price }) => price.type === 'recurring'),
    extras: lines.filter(({ price }) => price.type === 'one_time'),
    metadata: input.metadata ?? {},
    description: null,
    paymentMethod: method?.id ?? null,
    trialEnd: null,
    collection: input.collection ?? 'charge_automatically',
    daysUntilDue: sends ? (input.daysUntilDue ?? 30) : null,
    status: 'active',
    automaticTax: false,
  });
  const invoice = finalizeInvoice(core, made.invoice);
  // "active" although its invoice is unpaid: so it is with send_invoice.
  if (!sends) collectInvoice(core, invoice);
  return subscriptionOf(core, made.subscription.id);
}
