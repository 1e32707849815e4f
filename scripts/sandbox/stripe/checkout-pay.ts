/** What happens when the customer presses Pay. https://docs.stripe.com/checkout/fulfillment */
import { attachCard, attachMethod, testCard } from './cards.ts';
import { enterCode } from './checkout-discount.ts';
import { collectInvoice, settleProcessing } from './collect.ts';
import type { Core } from './core.ts';
import { createCustomer } from './customers.ts';
import { subscriptionFailed } from './dunning.ts';
import { cardDeclined, invalid } from './errors.ts';
import { finalizeInvoice } from './invoice-build.ts';
import { customerOf, invoiceOf, priceOf, sessionOf, subscriptionOf } from './lookup.ts';
import type { Customer, Session } from './plain.ts';
import { createSubscription, trialEndOf } from './subscription-build.ts';
import { change } from './update.ts';

export interface Payment {
  readonly card: string;
  /** As the customer types it. */
  readonly promotionCode?: string;
  /** Of that card, when it is there already. */
  readonly method?: string;
  readonly email?: string;
  readonly name?: string;
  /** The customer confirmed (true) or refused (false) at the bank; left out: not asked yet. */
  readonly authenticated?: boolean;
}

export type PayResult =
  | { readonly status: 'complete'; readonly session: Session }
  | { readonly status: 'requires_action' };

/**
 * Since API version 2025-03-31 the subscription and its invoice come to be only when the payment succeeds.
 * @throws StripeFault 402 for a declined card, 400 for a session no longer open
 */
export function payCheckout(core: Core, sessionId: string, payment: Payment): PayResult {
  const found = sessionOf(core, sessionId);
  if (found.status !== 'open') {
    throw invalid(`This Checkout Session is ${found.status} and can no longer be paid.`);
  }
  const session = payment.promotionCode === undefined ? found : enterCode(core, found, payment.promotionCode);
  const card = testCard(payment.card);
  const plan = core.tables.checkoutPlans.get(sessionId)!;
  if (card.needsAuthentication) {
    if (payment.authenticated === undefined) return { status: 'requires_action' };
    if (!payment.authenticated) throw cardDeclined('authentication_required');
  }
  const due = session.amount_total ?? 0;
  if (card.declinesAtOnce) throw cardDeclined(card.declinesAtOnce);
  // A card that can be attached but not charged fails only where something is due now.
  if (due > 0 && card.onCharge === 'decline') throw cardDeclined('generic_decline');

  const customer = payer(core, session, payment);
  const method =
    payment.method === undefined
      ? attachCard(core, customer, payment.card)
      : attachMethod(core, customer, payment.method);
  const lines = plan.items.map(({ priceId, quantity }) => ({ price: priceOf(core, priceId), quantity }));
  const made = createSubscription(core, {
    customer: customer.id,
    items: lines.filter(({ price }) => price.type === 'recurring'),
    extras: lines.filter(({ price }) => price.type === 'one_time'),
    metadata: plan.subscriptionMetadata,
    description: plan.description,
    paymentMethod: method.id,
    trialEnd: trialEndOf(core, plan.trialDays),
    collection: 'charge_automatically',
    daysUntilDue: null,
    status: 'active',
    automaticTax: session.automatic_tax.enabled,
    discounts: (session.discounts ?? []).map(({ coupon, promotion_code }) =>
      promotion_code ? { promotion_code } : { coupon: coupon ?? undefined },
    ),
  });
  const collected = collectInvoice(core, finalizeInvoice(core, made.invoice), { customerPresent: true });
  const complete = change(core.tables.sessions, session, {
    status: 'complete',
    customer: customer.id,
    customer_details: detailsOf(customer),
    collected_information: { business_name: null, individual_name: null, shipping_details: null },
    subscription: made.subscription.id,
    invoice: made.invoice.id,
    payment_status:
      collected.outcome === 'processing' ? 'unpaid' : due === 0 ? 'no_payment_required' : 'paid',
    url: null,
    client_secret: null,
  });
  core.emit('checkout.session.completed', complete);
  return { status: 'complete', session: complete };
}

/**
 * A delayed payment method's money arrives or fails.
 * https://docs.stripe.com/payments/checkout/fulfill-orders#delayed-notification
 */
export function settleCheckout(core: Core, sessionId: string, outcome: 'succeeded' | 'failed'): Session {
  const session = sessionOf(core, sessionId);
  if (session.status !== 'complete' || session.payment_status !== 'unpaid') {
    throw invalid('This Checkout Session waits for no payment.');
  }
  const collected = settleProcessing(core, invoiceOf(core, session.invoice ?? ''), outcome === 'succeeded');
  if (outcome === 'failed') {
    subscriptionFailed(core, subscriptionOf(core, session.subscription ?? ''), collected.invoice);
    core.emit('checkout.session.async_payment_failed', session);
    return session;
  }
  const paid = change(core.tables.sessions, session, { payment_status: 'paid' });
  core.emit('checkout.session.async_payment_succeeded', paid);
  return paid;
}

function payer(core: Core, session: Session, payment: Payment): Customer {
  if (session.customer) return customerOf(core, session.customer);
  const email = payment.email || session.customer_email;
  if (!email) throw invalid('An e-mail address is needed.', { param: 'email' });
  return createCustomer(core, { email, ...(payment.name && { name: payment.name }) });
}

function detailsOf(customer: Customer): Session['customer_details'] {
  return {
    address: customer.address ?? null,
    business_name: null,
    email: customer.email,
    individual_name: null,
    name: customer.name ?? null,
    phone: customer.phone ?? null,
    tax_exempt: customer.tax_exempt ?? 'none',
    tax_ids: [],
  };
}
